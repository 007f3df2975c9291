package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Finding and ending what a task started, with real processes. */
public class TaskProcessesIT {
  /** A daemon as it is written in books: two forks, a session of its own, nothing open. */
  private static final String DAEMON =
      "(setsid /bin/bash -c '(exec sleep 4321 </dev/null >/dev/null 2>&1 & echo $! >daemon)' &);";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Workshop shop;
  private TaskProcesses processes;

  @Before
  public void open() throws Exception {
    shop = new Workshop(folder.getRoot().toPath());
    processes = shop.processes(Workshop.noGroup());
  }

  @After
  public void clear() throws Exception {
    shop.clear();
  }

  @Test
  public void aRunHasItsCoordinatorItsCommandAndAllBelow() throws Exception {
    Going going = shop.start("tree", "sleep 1000 & (sleep 1001 & wait) & echo ok >ready; wait");
    awaitFile("ready");
    Workshop.await("four more", () -> ofRun(going).size() == 6);
    assertThat(ofRun(going).stream().map(ProcEntry::name).sorted())
        .containsExactly("bash", "bash", "bash", "setsid", "sleep", "sleep");
    Going other = shop.start("other", "sleep 1000");
    other.pid();
    assertThat(processes.strays(table(), ImmutableList.of(going.pids(), other.pids()))).isEmpty();
    assertThat(processes.strays(table(), ImmutableList.of(going.pids())))
        .contains(table().get(other.pid()).orElseThrow());
  }

  @Test
  public void aDaemonThatLeftItsSessionIsFoundAndKilledWithTheTask() throws Exception {
    Going going = shop.start("daemon", DAEMON + "while [[ ! -s daemon ]]; do sleep 0.05; done");
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    going.coordinator.exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
    int daemon = Integer.parseInt(Files.readString(shop.sandbox.resolve("daemon")).strip());
    ProcTable table = table();
    assertThat(processes.ofRun(table, going.pids())).isEmpty();
    assertThat(processes.strays(table, ImmutableList.of()))
        .extracting(ProcEntry::pid)
        .containsExactly(daemon);
    assertThat(processes.killTask(table, ImmutableList.of(going.pids()))).isEqualTo(1);
    Workshop.await("gone", () -> !isAlive(daemon));
    assertThat(processes.killTask(table(), ImmutableList.of(going.pids()))).isZero();
  }

  @Test
  public void whatIgnoresSigtermIsKilled() throws Exception {
    Going going = shop.start("deaf", "trap '' TERM; echo ok >ready; while true; do sleep 1; done");
    awaitFile("ready");
    ProcEntry command = table().get(going.pid()).orElseThrow();
    assertThat(processes.terminate(command)).isTrue();
    Thread.sleep(300);
    assertThat(isAlive(going.pid())).isTrue();
    // The command alone: its coordinator tells the end.
    assertThat(processes.kill(command)).isTrue();
    assertThat(going.end().state()).isEqualTo(ProcessState.KILLED);
    assertThat(going.end().returnCode()).isEqualTo(-9);
  }

  @Test
  public void sigtermGoesToOneProcessOnly() throws Exception {
    Going going = shop.start("shell", "sleep 1000 & echo $! >child; wait");
    awaitFile("child");
    int child = Integer.parseInt(Files.readString(shop.sandbox.resolve("child")).strip());
    assertThat(processes.terminate(table().get(going.pid()).orElseThrow())).isTrue();
    assertThat(going.end().returnCode()).isEqualTo(-15);
    assertThat(isAlive(child)).isTrue();
    assertThat(ofRun(going)).extracting(ProcEntry::pid).contains(child);
    killAll(going.pids());
    assertThat(isAlive(child)).isFalse();
  }

  @Test
  public void aKilledRunLeavesNoRecordButNothingAliveEither() throws Exception {
    Going going = shop.start("run", "sleep 1000 & sleep 1000");
    going.pid();
    killAll(going.pids());
    assertThat(Workshop.records(going.launch.stream())).hasSize(2);
  }

  @Test
  public void whenTheCoordinatorIsKilledTheCommandGoesOnAndIsFound() throws Exception {
    Going going = shop.start("half", "sleep 1000 & sleep 1000");
    int command = going.pid();
    assertThat(processes.kill(table().get(going.coordinator.pid()).orElseThrow())).isTrue();
    going.coordinator.exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
    ProcTable table = table();
    assertThat(table.isOurs(going.coordinator.pid(), going.forkTime, OptionalInt.empty()))
        .isFalse();
    assertThat(table.isOurs(command, going.running().startTime(), OptionalInt.empty())).isTrue();
    assertThat(ofRun(going).stream().map(ProcEntry::name)).contains("setsid", "bash", "sleep");
    killAll(going.pids());
  }

  @Test
  public void aPidThatIsSomebodyElsesByNowIsLeftAlone() throws Exception {
    Going going = shop.start("old", "sleep 1000");
    int pid = going.pid();
    RunPids older =
        RunPids.forked(going.coordinator.pid(), going.forkTime - 60)
            .running(pid, going.running().startTime() - 60);
    assertThat(processes.ofRun(table(), older)).isEmpty();
    assertThat(processes.killRun(table(), older)).isZero();
    ProcEntry seen = table().get(pid).orElseThrow();
    ProcEntry before =
        new ProcEntry(
            pid,
            seen.ppid(),
            pid,
            pid,
            'S',
            1,
            0,
            seen.startTicks() - 1,
            seen.startSeconds(),
            seen.uid(),
            0,
            0,
            0,
            0,
            seen.name());
    assertThat(processes.kill(before)).isFalse();
    assertThat(processes.terminate(before)).isFalse();
    assertThat(isAlive(pid)).isTrue();
  }

  @Test
  public void theAgentItsParentsAndPidOneAreNeverAmongThem() throws Exception {
    ProcTable table = table();
    ProcEntry self = table.get(ProcReader.ownPid()).orElseThrow();
    // As if they had been recorded.
    RunPids all =
        RunPids.forked(
                self.session(), table.get(self.session()).map(ProcEntry::startSeconds).orElse(0.0))
            .running(self.pid(), self.startSeconds());
    assertThat(processes.ofRun(table, all))
        .doesNotContain(self)
        .doesNotContain(table.get(1).orElseThrow())
        .doesNotContain(table.get(self.ppid()).orElse(self));
  }

  @Test
  public void whenTheAgentDiesTheCommandRunsToItsEndAndTheEndIsWritten() throws Exception {
    Path ready = folder.getRoot().toPath().resolve("ready");
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Dying.class.getName(),
                folder.getRoot().toString(),
                ready.toString())
            .inheritIO()
            .start();
    Workshop.await("started", () -> Files.exists(ready));
    assertThat(agent.destroyForcibly().waitFor(60, TimeUnit.SECONDS)).isTrue();
    Files.createFile(shop.sandbox.resolve("end"));
    Workshop.await("plain", () -> records("plain").size() == 3);
    Workshop.await("rotated", () -> records("rotated").size() == 3);
    for (String name : List.of("plain", "rotated")) {
      assertThat(records(name).get(2).state()).isEqualTo(ProcessState.FAILED);
      assertThat(records(name).get(2).returnCode()).isEqualTo(5);
      Path out = shop.launch(name, "").logDirectory().resolve("stdout");
      Workshop.await("output", () -> size(out) == 100_004);
    }
    // This one had not got its word, so it started nothing.
    assertThat(shop.sandbox.resolve("unasked")).doesNotExist();
    Workshop.await("nothing left", () -> processes.ofTask(table(), ImmutableList.of()).isEmpty());
  }

  /** Plays an agent that will be killed. */
  static final class Dying {
    public static void main(String[] args) throws Exception {
      Workshop shop = new Workshop(Path.of(args[0]));
      String command =
          "while [[ ! -e end ]]; do sleep 0.05; done; echo end; printf %0100000d 1; exit 5";
      shop.start("plain", command).pid();
      LogPlan rotated = new LogPlan(LogPlan.Destination.FILE, LogPlan.Mode.ROTATE, 1 << 20, 1);
      shop.start(Workshop.with(shop.launch("rotated", command), rotated)).pid();
      StartedCoordinator unused = shop.coordinators.start(shop.launch("unasked", "touch unasked"));
      Files.createFile(Path.of(args[1]));
      unused.exited().toCompletableFuture().get(100, TimeUnit.SECONDS);
    }
  }

  @Test
  public void twoHundredStartAtOnceAndEnd() throws Exception {
    long begin = System.nanoTime();
    List<Going> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(shop.start("p" + i, "exit " + i % 3));
    }
    long started = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      assertThat(all.get(i).end().returnCode()).isEqualTo(i % 3);
    }
    long ended = System.nanoTime();
    System.out.printf(
        "200 coordinators: %d ms a start, all ended %d ms after%n",
        TimeUnit.NANOSECONDS.toMillis(started - begin) / 200,
        TimeUnit.NANOSECONDS.toMillis(ended - started));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(ended - begin)).isLessThan(120);
  }

  @Test
  public void aHundredDeafCommandsAreKilledAtOnce() throws Exception {
    List<RunPids> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(shop.start("p" + i, "trap '' TERM; sleep 1000 & wait; sleep 1000").pids());
    }
    ProcTable before = table();
    assertThat(processes.ofTask(before, all)).hasSizeGreaterThanOrEqualTo(300);
    Workshop.await("nothing left", () -> processes.killTask(table(), all) == 0);
    assertThat(all).noneMatch(run -> isAlive(run.commandPid().orElseThrow()));
  }

  private void killAll(RunPids run) throws Exception {
    Workshop.await("killed", () -> processes.killRun(table(), run) == 0);
  }

  private java.util.Set<ProcEntry> ofRun(Going going) {
    try {
      return processes.ofRun(table(), going.pids());
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private ImmutableList<ProcessUpdate> records(String name) {
    try {
      return Workshop.records(shop.launch(name, "").stream());
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private void awaitFile(String name) throws Exception {
    Path file = shop.sandbox.resolve(name);
    Workshop.await(name, () -> size(file) > 0);
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static ProcTable table() {
    return ProcReader.ofThisMachine().read();
  }

  private static boolean isAlive(int pid) {
    return table().get(pid).filter(ProcEntry::isAlive).isPresent();
  }
}
