package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.AssignedTask;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CommitRecoveryArgs;
import io.borealis.api.rpc.DeleteRecoveryTasksArgs;
import io.borealis.api.rpc.KillTasksArgs;
import io.borealis.api.rpc.ListBackupsArgs;
import io.borealis.api.rpc.PerformBackupArgs;
import io.borealis.api.rpc.QueryRecoveryArgs;
import io.borealis.api.rpc.SnapshotArgs;
import io.borealis.api.rpc.StageRecoveryArgs;
import io.borealis.api.storage.Snapshot;
import io.borealis.scheduler.journal.EntryCodecStreams;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Backups, recovery and import with real processes and files. */
public class BackupIT {
  private static final Duration START = Duration.ofSeconds(60);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path data;
  private int port;
  private Daemon daemon;
  private Wire wire;

  @Before
  public void prepare() throws Exception {
    data = folder.newFolder("data").toPath();
    port = Ports.free();
    wire = new Wire(port);
  }

  @After
  public void stop() {
    if (daemon != null) {
      daemon.close();
    }
  }

  private void up() {
    daemon =
        Daemon.start(
            "up",
            "up",
            "--cluster=simulated",
            "--data-dir",
            data.toString(),
            "--http-port",
            Integer.toString(port));
    var unused = daemon.awaitLine("leading at http://127.0.0.1:" + port, START);
  }

  @Test
  public void whatWasKilledIsBackAfterARecoveryAlsoWhenTheProcessDiesRightAfterIt()
      throws Exception {
    up();
    Calls.createRunning(wire, "kept", 2);
    Calls.createRunning(wire, "lost", 3);
    Calls.ok(wire.call("performBackup", new PerformBackupArgs()));
    String backup = Iterables.getOnlyElement(backups());
    assertThat(data.resolve("backups").resolve(backup)).exists();

    Calls.ok(wire.call("killTasks", KillTasksArgs.builder().job(Jobs.key("lost")).build()));
    Calls.awaitRunning(wire, Jobs.key("lost"), 0);
    Calls.createRunning(wire, "younger", 1);

    Calls.ok(wire.call("stageRecovery", new StageRecoveryArgs(backup)));
    assertThat(staged()).hasSize(5);
    TaskQuery one =
        TaskQuery.builder().jobKeys(List.of(Jobs.key("lost"))).instanceIds(Set.of(2)).build();
    Calls.ok(wire.call("deleteRecoveryTasks", new DeleteRecoveryTasksArgs(one)));
    assertThat(staged()).hasSize(4);

    Response committed = wire.call("commitRecovery", new CommitRecoveryArgs());
    Calls.ok(committed);
    assertThat(committed.details().stream().map(ResponseDetail::message))
        .singleElement()
        .asString()
        .startsWith("1 running tasks that the backup does not know will be killed: ")
        .contains("younger");
    daemon.kill();
    up();
    Calls.awaitRunning(wire, Jobs.key("kept"), 2);
    Calls.awaitRunning(wire, Jobs.key("lost"), 2);
    Calls.awaitRunning(wire, Jobs.key("younger"), 0);
  }

  @Test
  public void theSameProcessLeadsOnAfterARecovery() throws Exception {
    up();
    Calls.createRunning(wire, "kept", 2);
    Calls.ok(wire.call("performBackup", new PerformBackupArgs()));
    Calls.createRunning(wire, "younger", 1);
    Calls.ok(
        wire.call("stageRecovery", new StageRecoveryArgs(Iterables.getOnlyElement(backups()))));
    Calls.ok(wire.call("commitRecovery", new CommitRecoveryArgs()));
    var unused =
        Await.until(
            "it to lead again",
            START,
            () ->
                wire.call("listBackups", new ListBackupsArgs()).responseCode() == ResponseCode.OK);
    Calls.awaitRunning(wire, Jobs.key("younger"), 0);
    Calls.awaitRunning(wire, Jobs.key("kept"), 2);
    Calls.createRunning(wire, "next", 2);
    Calls.ok(wire.call("snapshot", new SnapshotArgs()));
    assertThat(wire.get("/vars").body())
        .containsPattern("(?m)^scheduler_backup_success 1$")
        .containsPattern("(?m)^scheduler_backup_failed 0$")
        .containsPattern("(?m)^scheduler_log_snapshots [1-9]")
        .containsPattern("(?m)^scheduler_log_snapshot_persist_events [1-9]");
  }

  @Test
  public void aBackupOfAuroraRunsAfterItsImportAndIsNotImportedTwice() throws Exception {
    Path backup = folder.getRoot().toPath().resolve("scheduler-backup-2026-11-22-13-55");
    write(backup, tasks("cart", 3, ScheduleStatus.PENDING));
    MainTest.Called dry =
        MainTest.call("import-backup", backup.toString(), "--dry-run", "--data-dir=" + data);
    assertThat(dry.out()).contains("a backup of Aurora").contains("--dry-run");
    assertThat(dry.exit()).isZero();
    assertThat(data).isEmptyDirectory();

    MainTest.Called done = MainTest.call("import-backup", backup.toString(), "--data-dir=" + data);
    assertThat(done.err()).isEmpty();
    assertThat(done.out()).contains("Waiting tasks that get a new id: 3").contains("Loaded");
    assertThat(done.exit()).isZero();

    MainTest.Called again = MainTest.call("import-backup", backup.toString(), "--data-dir=" + data);
    assertThat(again.exit()).isEqualTo(Main.USAGE);
    assertThat(again.err()).contains("is not empty: it holds 1 transactions, 3 tasks");

    up();
    Calls.awaitRunning(wire, Jobs.key("cart"), 3);
    Calls.createRunning(wire, "next", 2);
    MainTest.Called running =
        MainTest.call("import-backup", backup.toString(), "--data-dir=" + data);
    assertThat(running.exit()).isEqualTo(Main.USAGE);
    assertThat(running.err()).contains("is in use by another process");
  }

  @Test
  public void whatCannotBeTakenIsNamedAndLeftOutOnlyWhenAsked() throws Exception {
    Path backup = folder.getRoot().toPath().resolve("backup");
    List<ScheduledTask> tasks = new ArrayList<>(tasks("cart", 2, ScheduleStatus.PENDING));
    tasks.add(tasks("cart", 3, ScheduleStatus.PENDING).get(2).toBuilder().status(null).build());
    write(backup, tasks);
    MainTest.Called refused =
        MainTest.call("import-backup", backup.toString(), "--data-dir", data.toString());
    assertThat(refused.exit()).isEqualTo(Main.FAILED);
    assertThat(refused.out())
        .contains("Cannot be taken: task cart-2: it has no status, or one that is not known")
        .contains("Nothing was loaded");
    MainTest.Called done =
        MainTest.call(
            "import-backup", backup.toString(), "--skip-unreadable", "--data-dir", data.toString());
    assertThat(done.exit()).isEqualTo(Main.FAILED);
    assertThat(done.out()).contains("Loaded");
    up();
    Calls.awaitRunning(wire, Jobs.key("cart"), 2);
  }

  @Test
  public void aHundredThousandTasksAreImported() throws Exception {
    Path backup = folder.getRoot().toPath().resolve("backup");
    write(backup, tasks("big", 100_000, ScheduleStatus.FINISHED));
    MainTest.Called done = MainTest.call("import-backup", backup.toString(), "--data-dir=" + data);
    assertThat(done.err()).isEmpty();
    assertThat(done.exit()).isZero();
    up();
    assertThat(wire.get("/vars").body()).contains("task_store_FINISHED 100000");
  }

  private static List<ScheduledTask> tasks(String job, int count, ScheduleStatus status) {
    var config = Jobs.task(job, "one");
    List<ScheduledTask> tasks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tasks.add(
          ScheduledTask.builder()
              .assignedTask(
                  AssignedTask.builder().taskId(job + "-" + i).instanceId(i).task(config).build())
              .status(status)
              .taskEvents(
                  List.of(
                      TaskEvent.builder()
                          .timestamp(System.currentTimeMillis())
                          .status(status)
                          .build()))
              .build());
    }
    return tasks;
  }

  /** As Aurora writes one. */
  private static void write(Path file, List<ScheduledTask> tasks) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      EntryCodecStreams.write(
          Snapshot.TYPE,
          Snapshot.builder().timestamp(1_700_000_000_000L).tasks(tasks).build(),
          out);
    }
  }

  private ImmutableSet<String> backups() throws IOException {
    return wire.call("listBackups", new ListBackupsArgs()).result()
            instanceof Result.ListBackupsResult listed
        ? listed.value().backups()
        : ImmutableSet.of();
  }

  private ImmutableSet<ScheduledTask> staged() throws IOException {
    return wire.call("queryRecovery", new QueryRecoveryArgs(TaskQuery.builder().build())).result()
            instanceof Result.QueryRecoveryResult found
        ? found.value().tasks()
        : ImmutableSet.of();
  }
}
