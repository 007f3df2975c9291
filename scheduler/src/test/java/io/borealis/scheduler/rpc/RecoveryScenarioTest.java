package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveFrameworkId;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveHostMaintenanceRequest;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveQuota;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.quota.QuotaAmount;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A backup is made, things go wrong, and the backup takes the place of what is there. */
public class RecoveryScenarioTest {
  private static final TaskConfig CONFIG = Fixtures.config(Fixtures.JOB);
  private static final JobUpdateKey UPDATE = new JobUpdateKey(Fixtures.JOB, "u1");

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final EntryCodec codec = new EntryCodec();
  private Path folder;
  private TestStore store = TestStore.create();
  private TestBackups backups;

  @Before
  public void prepare() {
    folder = temporary.getRoot().toPath();
    backups = new TestBackups(store, folder);
  }

  @Test
  public void whatWasLostIsBackAndWhatTheBackupDoesNotKnowIsNamed() {
    have("a", 0, ScheduleStatus.RUNNING);
    have("b", 1, ScheduleStatus.RUNNING);
    String name = backup();
    byte[] then = bytes(store.state());
    remove("a");
    have("new", 2, ScheduleStatus.RUNNING);

    assertThat(texts(stage(name)))
        .containsExactly(
            "1 running tasks that the backup does not know would be killed by commitRecovery: new");
    assertThat(store.state().tasks().get("a")).isNull();
    long before = store.state().transaction();
    long stamp = store.state().stampMs();
    assertThat(texts(ok(backups.handler.commitRecovery(call()))))
        .containsExactly("1 running tasks that the backup does not know will be killed: new");
    assertThat(backups.ends).containsExactly("the stored state was replaced by that of " + name);
    assertThat(store.state().transaction()).isEqualTo(before + 1);
    assertThat(store.state().stampMs()).isGreaterThanOrEqualTo(stamp);
    assertThat(store.state().tasks().get("a")).isNotNull();
    assertThat(store.state().tasks().get("new")).isNull();

    store = store.failover();
    assertThat(store.state().transaction()).isEqualTo(before + 1);
    have("c", 3, ScheduleStatus.RUNNING);
    assertThat(store.state().transaction()).isEqualTo(before + 2);
    assertThat(bytes(without(store.state(), "c"))).isNotEqualTo(then); // Numbers went on.
    assertThat(store.state().tasks().size()).isEqualTo(3);
  }

  @Test
  public void nothingIsWrittenAfterACommitInTheSameTerm() {
    have("a", 0, ScheduleStatus.RUNNING);
    Response unused = stage(backup());
    ok(backups.handler.commitRecovery(call()));
    CompletableFuture<Boolean> late =
        store
            .writer()
            .submit(io.borealis.scheduler.store.WriteClass.RPC, Long.MAX_VALUE, tx -> true);
    store.runtimes().runReady();
    assertThat(late).isCompletedExceptionally();
  }

  @Test
  public void aLeaderThatDiesBeforeTheCommitIsDurableLeavesNoTraceAndOneThatDiesAfterItAll() {
    have("a", 0, ScheduleStatus.RUNNING);
    Response unused = stage(backup());
    remove("a");
    store.hold();
    CompletableFuture<Response> answer =
        backups.handler.commitRecovery(call()).toCompletableFuture();
    store.runtimes().runReady();
    assertThat(answer).isNotDone();
    assertThat(backups.ends).isEmpty();
    store = store.failover();
    assertThat(store.state().tasks().size()).isZero();

    backups = new TestBackups(store, folder);
    unused = stage(Iterables.getOnlyElement(list()));
    ok(backups.handler.commitRecovery(call()));
    store = store.failover();
    assertThat(store.state().tasks().get("a")).isNotNull();
  }

  @Test
  public void anActiveUpdateHasALockOfItsOwnAfterwards() {
    haveUpdate();
    Response unused = stage(backup());
    ok(backups.handler.commitRecovery(call()));
    store = store.failover();
    String token = store.state().locks().get(Fixtures.JOB).token();
    assertThat(token).isNotEmpty();
    assertThat(store.state().updates().get(UPDATE).progress().lockToken()).isEqualTo(token);
    assertThat(store.state().updates().isUpdating(Fixtures.JOB)).isTrue();
  }

  @Test
  public void whatIsStagedCanBeLookedAtAndTrimmedAndDoesNotTouchTheLiveState() {
    have("a", 0, ScheduleStatus.RUNNING);
    have("b", 1, ScheduleStatus.RUNNING);
    Response unused = stage(backup());
    int entries = store.entries();
    assertThat(staged(TaskQuery.builder().build())).containsExactlyInAnyOrder("a", "b");
    ok(
        backups.handler.deleteRecoveryTasks(
            call(), TaskQuery.builder().instanceIds(Set.of(1)).build()));
    assertThat(staged(TaskQuery.builder().build())).containsExactly("a");
    assertThat(store.state().tasks().size()).isEqualTo(2);
    assertThat(store.entries()).isEqualTo(entries);
    ok(backups.handler.commitRecovery(call()));
    assertThat(store.state().tasks().size()).isEqualTo(1);
  }

  @Test
  public void oneBackupIsStagedAtATimeAndIsForgottenWithTheTerm() {
    String name = backup();
    Response unused = stage(name);
    refused(backups.handler.stageRecovery(call(), name), "Another backup is already loaded.");
    ok(backups.handler.unloadRecovery(call()));
    ok(backups.handler.unloadRecovery(call()));
    refused(backups.handler.queryRecovery(call(), all()), "No backup loaded.");
    refused(backups.handler.deleteRecoveryTasks(call(), all()), "No backup loaded.");
    refused(backups.handler.commitRecovery(call()), "No backup loaded.");
    unused = stage(name);
    store = store.failover();
    backups = new TestBackups(store, folder);
    refused(backups.handler.commitRecovery(call()), "No backup loaded.");
  }

  @Test
  public void whatIsMissingOrDamagedIsRefusedWithItsReasonAndNothingIsStaged() throws Exception {
    have("a", 0, ScheduleStatus.RUNNING);
    String name = backup();
    refused(
        backups.handler.stageRecovery(call(), "nope"),
        "Backup " + folder.toRealPath().resolve("nope") + " does not exist.");
    refused(
        backups.handler.stageRecovery(call(), "../" + name),
        "'../" + name + "' cannot be the name of a backup.");
    refused(backups.handler.stageRecovery(call(), ""), "'' cannot be the name of a backup.");
    byte[] bytes = Files.readAllBytes(folder.resolve(name));
    Files.write(folder.resolve(name), Arrays.copyOf(bytes, bytes.length / 2));
    Response answer = get(backups.handler.stageRecovery(call(), name));
    assertThat(answer.responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(texts(answer)).singleElement().asString().startsWith("Failed to decode backup");
    refused(backups.handler.queryRecovery(call(), all()), "No backup loaded.");
  }

  @Test
  public void aBackupFromLaterThanNowIsRefused() {
    have("a", 0, ScheduleStatus.RUNNING);
    String name = backup();
    store = TestStore.create(); // Its clock begins anew.
    backups = new TestBackups(store, folder);
    store.runtimes().stepWallClock(Duration.ofDays(-1));
    Response answer = get(backups.handler.stageRecovery(call(), name));
    assertThat(texts(answer)).singleElement().asString().contains("which is later than now");
  }

  @Test
  public void aBackupIsTakenWhenTheStoredTimeIsAsFarAhead() {
    have("a", 0, ScheduleStatus.RUNNING);
    String name = backup();
    store.runtimes().stepWallClock(Duration.ofDays(-1));
    assertThat(texts(stage(name))).isEmpty();
  }

  @Test
  public void whatWouldBeginAgainIsNamedBeforeItDoes() {
    haveUpdate();
    haveHost(MaintenanceMode.DRAINING);
    store.change(tx -> tx.change(new Op.SaveFrameworkId(new SaveFrameworkId("f1"))));
    String name = backup();
    assertThat(texts(stage(name))).isEmpty();
    ok(backups.handler.unloadRecovery(call()));
    updateIs(JobUpdateStatus.ROLLED_FORWARD);
    haveHost(MaintenanceMode.NONE);
    store.change(tx -> tx.change(new Op.SaveFrameworkId(new SaveFrameworkId("f2"))));

    assertThat(texts(stage(name)))
        .containsExactly(
            "1 updates that are not active any more would go on: www-data/prod/hello u1",
            "1 hosts would be in another maintenance mode: h1 DRAINING instead of NONE",
            "The scheduler would be framework f1 and not f2, whose tasks it could not reach any"
                + " more");
  }

  @Test
  public void whatWouldBeForgottenOrChangedIsNamedBeforeAndAfter() {
    JobKey gone = new JobKey("www-data", "prod", "nightly");
    haveUpdate("u1");
    haveQuota("www-data", 2);
    haveCron(Fixtures.JOB, "* * * * *");
    haveHost(MaintenanceMode.DRAINING);
    store.change(
        tx ->
            tx.change(
                new Op.SaveHostMaintenanceRequest(
                    new SaveHostMaintenanceRequest(
                        HostMaintenanceRequest.builder()
                            .host("h1")
                            .timeoutSecs(60)
                            .createdTimestampMs(tx.nowMs())
                            .build()))));
    String name = backup();
    updateIs(JobUpdateStatus.ROLL_FORWARD_PAUSED);
    haveUpdate("u2");
    haveQuota("www-data", 3);
    haveQuota("ads", 1);
    haveCron(Fixtures.JOB, "0 * * * *");
    haveCron(gone, "* * * * *");
    haveHost(MaintenanceMode.NONE);

    assertThat(texts(stage(name)))
        .contains("1 hosts would be in another maintenance mode: h1 DRAINING instead of NONE")
        .noneMatch(text -> String.valueOf(text).contains("emptied"));
    ok(backups.handler.unloadRecovery(call()));
    store.runtimes().advance(Duration.ofSeconds(60));
    assertThat(texts(stage(name))).containsExactlyElementsOf(changes("would"));
    assertThat(texts(ok(backups.handler.commitRecovery(call()))))
        .containsExactlyElementsOf(changes("will"));
  }

  private static List<String> changes(String will) {
    return List.of(
        "1 active updates that the backup does not know %s be forgotten: www-data/prod/hello u2"
            .formatted(will),
        ("1 active updates %s have an earlier status again: www-data/prod/hello u1"
                + " ROLLING_FORWARD instead of ROLL_FORWARD_PAUSED")
            .formatted(will),
        "1 cron jobs that the backup does not know %s vanish: www-data/prod/nightly"
            .formatted(will),
        "1 cron jobs %s be as they were before: www-data/prod/hello".formatted(will),
        ("2 quotas %s change: ads: 1.0 cpus/64 MB ram/32 MB disk -> none, www-data: 3.0 cpus/64 MB"
                + " ram/32 MB disk -> 2.0 cpus/64 MB ram/32 MB disk")
            .formatted(will),
        "1 hosts %s be in another maintenance mode: h1 DRAINING instead of NONE".formatted(will),
        "1 hosts %s be emptied at once, since their time to drain is over: h1".formatted(will));
  }

  @Test
  public void ofManyThingsThatChangeTheFirstAreNamed() {
    String name = backup();
    for (int i = 10; i < 35; i++) {
      haveQuota("r" + i, 1);
    }
    assertThat(texts(stage(name)))
        .singleElement()
        .asString()
        .startsWith("25 quotas would change: r10: ")
        .contains("r29: ")
        .doesNotContain("r30: ")
        .endsWith(" and 5 more");
  }

  private void haveQuota(String role, double cpus) {
    store.change(
        tx ->
            tx.change(
                new Op.SaveQuota(new SaveQuota(role, new QuotaAmount(cpus, 64, 32).exactly()))));
  }

  private void haveCron(JobKey job, String schedule) {
    JobConfiguration cron =
        JobConfiguration.builder()
            .key(job)
            .cronSchedule(schedule)
            .taskConfig(Fixtures.config(job))
            .instanceCount(1)
            .build();
    store.change(tx -> tx.change(new Op.SaveCronJob(new SaveCronJob(cron))));
  }

  private void haveHost(MaintenanceMode mode) {
    HostAttributes host = HostAttributes.builder().host("h1").slaveId("s1").mode(mode).build();
    store.change(tx -> tx.change(new Op.SaveHostAttributes(new SaveHostAttributes(host))));
  }

  private void updateIs(JobUpdateStatus status) {
    store.change(
        tx ->
            tx.change(
                new Op.SaveJobUpdateEvent(
                    new SaveJobUpdateEvent(
                        JobUpdateEvent.builder().status(status).timestampMs(tx.nowMs()).build(),
                        UPDATE))));
  }

  @Test
  public void aBackupThatCannotBeWrittenIsAnErrorWithItsReason() throws IOException {
    backups = new TestBackups(store, temporary.newFile("file").toPath().resolve("x"));
    Response answer = get(backups.handler.performBackup(call()));
    assertThat(answer.responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(texts(answer)).singleElement().asString().startsWith("The backup could not be");
    assertThat(backups.meters.counter("scheduler_backup_failed").count()).isEqualTo(1);
    assertThat(backups.meters.counter("scheduler_backup_success").count()).isZero();
  }

  @Test
  public void aSchedulerWithoutAFolderForBackupsSaysSo() {
    backups = new TestBackups(store, null);
    String text = "There are no backups: this scheduler has no --backup-dir.";
    refused(backups.handler.performBackup(call()), text);
    refused(backups.handler.listBackups(call()), text);
    refused(backups.handler.stageRecovery(call(), "x"), text);
    ok(backups.handler.unloadRecovery(call()));
  }

  @Test
  public void aHundredThousandTasksAreRestoredInOneTransaction() {
    int count = 100_000;
    ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builderWithExpectedSize(count);
    for (int i = 0; i < count; i++) {
      tasks.add(placed("task-" + i, i, ScheduleStatus.RUNNING));
    }
    store.change(tx -> tx.change(new Op.SaveTasks(new SaveTasks(tasks.build()))));
    Response unused = stage(backup());
    Set<String> gone = new HashSet<>();
    for (int i = 0; i < count; i += 2) {
      gone.add("task-" + i);
    }
    store.change(tx -> tx.change(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.copyOf(gone)))));
    int entries = store.entries();
    ok(backups.handler.commitRecovery(call()));
    assertThat(store.entries()).isEqualTo(entries + 1);
    assertThat(store.transactionsSince(entries)).hasSize(1);
    store = store.failover();
    assertThat(store.state().tasks().size()).isEqualTo(count);
  }

  private String backup() {
    Set<String> before = new HashSet<>(list());
    ok(backups.handler.performBackup(call()));
    assertThat(backups.meters.counter("scheduler_backup_success").count()).isPositive();
    Set<String> after = new HashSet<>(list());
    after.removeAll(before);
    return Iterables.getOnlyElement(after);
  }

  private ImmutableSet<String> list() {
    return ok(backups.handler.listBackups(call())).result()
            instanceof Result.ListBackupsResult listed
        ? listed.value().backups()
        : ImmutableSet.of();
  }

  private Response stage(String name) {
    return ok(backups.handler.stageRecovery(call(), name));
  }

  private List<String> staged(TaskQuery query) {
    return ok(backups.handler.queryRecovery(call(), query)).result()
            instanceof Result.QueryRecoveryResult found
        ? found.value().tasks().stream().map(task -> task.assignedTask().taskId()).toList()
        : List.of();
  }

  private void have(String id, int instance, ScheduleStatus status) {
    store.change(tx -> tx.save(placed(id, instance, status)));
  }

  private static ScheduledTask placed(String id, int instance, ScheduleStatus status) {
    ScheduledTask task = Fixtures.task(id, CONFIG, instance, status);
    return task.toBuilder()
        .assignedTask(task.assignedTask().toBuilder().slaveId("s1").slaveHost("h1").build())
        .build();
  }

  private void haveUpdate() {
    haveUpdate("u1");
  }

  private void haveUpdate(String id) {
    store.change(
        tx -> {
          tx.change(
              new Op.SaveJobUpdate(
                  new SaveJobUpdate(
                      Fixtures.update(
                          id,
                          CONFIG,
                          Fixtures.config(Fixtures.JOB, "two"),
                          3,
                          JobUpdateSettings.builder().updateGroupSize(1).build()))));
          tx.change(
              new Op.SaveJobUpdateEvent(
                  new SaveJobUpdateEvent(
                      JobUpdateEvent.builder()
                          .status(JobUpdateStatus.ROLLING_FORWARD)
                          .timestampMs(tx.nowMs())
                          .build(),
                      new JobUpdateKey(Fixtures.JOB, id))));
        });
  }

  private void remove(String id) {
    store.change(tx -> tx.removeTask(id));
  }

  private static State without(State state, String id) {
    return state.apply(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.of(id))));
  }

  private byte[] bytes(State state) {
    return codec.encodeSnapshot(Snapshots.of(state));
  }

  private CallContext call() {
    return new CallContext(
        "r1", "ann", "10.0.0.1", store.clock().nanoTime() + Duration.ofMinutes(1).toNanos());
  }

  private static TaskQuery all() {
    return TaskQuery.builder().build();
  }

  private Response ok(CompletionStage<Response> call) {
    Response answer = get(call);
    assertThat(answer.responseCode()).as("%s", answer.details()).isEqualTo(ResponseCode.OK);
    return answer;
  }

  private void refused(CompletionStage<Response> call, String text) {
    Response answer = get(call);
    assertThat(answer.responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(texts(answer)).containsExactly(text);
  }

  /** As the API answers: what ends a call early is an answer too. */
  private Response get(CompletionStage<Response> call) {
    CompletableFuture<Response> answer =
        call.exceptionally(Responses::failure).toCompletableFuture();
    store.runtimes().runReady();
    assertThat(answer).isDone();
    return answer.join();
  }

  private static List<@Nullable String> texts(Response answer) {
    return answer.details().stream().map(ResponseDetail::message).toList();
  }
}
