package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Tasks that do what they should not, on a real machine. */
public class AgentTaskFaultIT {
  private static final int MOST_PROCESSES = 64;
  private static final OneCommand NEIGHBOUR = OneCommand.of("neighbour", "exec sleep 100000");

  /** Sets {@code coordinator} to the process that waits for the command. */
  private static final String FIND_COORDINATOR = "read -r _ _ _ coordinator _ </proc/$PPID/stat; ";

  private static final String DAEMON =
      "(setsid sh -c 'sleep 100001 & sleep 100001 &' &); sleep 9999";

  private static final List<String> HIDE_CGROUPS =
      List.of(
          "unshare",
          "--mount",
          "sh",
          "-c",
          "umount --recursive --lazy /sys/fs/cgroup && exec \"$@\"",
          "sh");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private OneMachine machine;
  private ScheduledTask neighbour;
  private List<LiveProcess> neighbours;

  private void begin(List<String> wrapper) throws Exception {
    machine =
        new OneMachine(
            wrapper,
            folder.newFolder("data").toPath(),
            folder.newFolder("work").toPath(),
            "--initial-flapping-task-delay=1s",
            "--task-max-processes=" + MOST_PROCESSES);
    machine.create(NEIGHBOUR, 1);
    neighbour = machine.await(NEIGHBOUR, ScheduleStatus.RUNNING);
    neighbours =
        Await.until(
            "the neighbour sleeps",
            OneMachine.LONG,
            () -> {
              List<LiveProcess> all = machine.processes(neighbour);
              return all.stream().anyMatch(p -> p.words().contains("100000")) ? all : null;
            });
  }

  /** Nobody else was harmed, and nothing is left. */
  @After
  public void end() throws Exception {
    if (machine == null) {
      return;
    }
    try (OneMachine closed = machine) {
      assertThat(machine.await(NEIGHBOUR, ScheduleStatus.RUNNING)).isEqualTo(neighbour);
      assertThat(machine.processes(neighbour)).isEqualTo(neighbours);
      closed.finish();
      assertThat(closed.process("uncaught_exceptions")).isZero();
    }
  }

  @Test
  public void whatTakesTooMuchIsEndedAndToldWhy() throws Exception {
    begin(List.of());
    String flood = "dd if=/dev/zero bs=64k count=%s 2>/dev/null | tr '\\0' x; exec sleep 100000";
    OneCommand greedy =
        OneCommand.of("greedy", "x=xxxxxxxx; while :; do x=$x$x; done").once().with(24, 64);
    OneCommand verbose = OneCommand.of("verbose", flood.formatted(256)).once().with(32, 4);
    OneCommand tidy = OneCommand.of("tidy", flood.formatted(128)).rotating(1 << 20).with(32, 64);
    OneCommand fertile =
        OneCommand.of("fertile", "for i in {1..100}; do sleep 100000 & done; wait").once();
    for (OneCommand command : List.of(greedy, verbose, tidy, fertile)) {
      machine.create(command, 1);
    }

    ScheduledTask rotated = machine.await(tidy, ScheduleStatus.RUNNING);
    Path logs = machine.sandbox(rotated).resolve(".logs/main/0");
    Await.until("logs go round", OneMachine.LONG, () -> Files.exists(logs.resolve("stdout.2")));
    assertThat(size(logs)).isLessThan(4 << 20);

    ScheduledTask full = machine.await(greedy, ScheduleStatus.FAILED);
    assertThat(OneMachine.message(full)).startsWith("Memory limit exceeded.  Reserved 25165824 ");

    ScheduledTask parent = machine.await(fertile, ScheduleStatus.RUNNING);
    Await.until(
        "there are many children", OneMachine.LONG, () -> processes(parent) >= MOST_PROCESSES / 2);
    // Coordinators are outside.
    assertThat(processes(parent)).isLessThan(MOST_PROCESSES + 8);
    machine.kill(fertile);

    ScheduledTask large = machine.await(verbose, ScheduleStatus.FAILED);
    assertThat(OneMachine.message(large))
        .startsWith("Disk limit exceeded.  Reserved 4194304 bytes vs used ");
    assertThat(size(logs)).isLessThan(4 << 20);
    assertThat(machine.await(tidy, ScheduleStatus.RUNNING)).isEqualTo(rotated);
  }

  private int processes(ScheduledTask task) {
    return machine.processes(task).size();
  }

  private static long size(Path logs) throws IOException {
    try (Stream<Path> files = Files.list(logs)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  public void whateverACommandDoesInOrderToStayItGoes() throws Exception {
    begin(List.of());
    List<OneCommand> commands =
        List.of(
            OneCommand.of("daemon", DAEMON),
            OneCommand.of("deaf", "trap '' TERM; while :; do sleep 1; done"),
            OneCommand.of("frozen", "kill -STOP $$; sleep 9999"),
            OneCommand.of("freezing", FIND_COORDINATOR + "kill -STOP $coordinator; sleep 9999"),
            OneCommand.of("homeless", "rm -rf -- \"$HOME\"; exec sleep 9999"),
            OneCommand.of("lonely", FIND_COORDINATOR + "kill -KILL $coordinator; sleep 9999"));
    for (OneCommand command : commands) {
      machine.create(command, 1);
    }
    for (OneCommand command : commands) {
      var unused = machine.await(command, ScheduleStatus.RUNNING);
    }
    ScheduledTask daemon = machine.await(commands.get(0), ScheduleStatus.RUNNING);
    awaitDaemon(daemon);
    for (OneCommand command : commands) {
      machine.kill(command);
    }
    for (OneCommand command : commands) {
      Await.until(
          command.job() + " is gone",
          OneMachine.LONG,
          () -> Calls.active(machine.wire(), command.key()).isEmpty());
    }
    for (OneCommand command : commands.subList(0, 5)) {
      assertThat(machine.tasks(command))
          .as(command.job())
          .extracting(ScheduledTask::status)
          .containsExactly(ScheduleStatus.KILLED);
    }
  }

  @Test
  public void withoutCgroupsMemoryIsSampledAndWhatRanAwayIsFound() throws Exception {
    assumeTrue("cgroups cannot be hidden", hides());
    begin(HIDE_CGROUPS);
    assertThat(OneMachine.cgroups(OneMachine.id(neighbour))).isEmpty();
    OneCommand greedy =
        OneCommand.of("greedy", "x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 9999; :")
            .once()
            .with(24, 64);
    OneCommand daemon = OneCommand.of("daemon", DAEMON);
    machine.create(greedy, 1);
    machine.create(daemon, 1);
    ScheduledTask running = machine.await(daemon, ScheduleStatus.RUNNING);
    awaitDaemon(running);
    assertThat(OneMachine.message(machine.await(greedy, ScheduleStatus.FAILED)))
        .startsWith("Memory limit exceeded.  Reserved 25165824 bytes vs used ");
    machine.kill(daemon);
    var unused = machine.await(daemon, ScheduleStatus.KILLED);
    assertThat(machine.processes(running)).isEmpty();
  }

  private static boolean hides() throws Exception {
    List<String> command = new ArrayList<>(HIDE_CGROUPS);
    command.add("true");
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private void awaitDaemon(ScheduledTask task) {
    Await.until(
        "the daemon runs",
        OneMachine.LONG,
        () -> machine.processes(task).stream().anyMatch(p -> p.words().contains("100001")));
  }

  @Test
  public void whatEndsAtOnceIsToldInOrderAndThrottled() throws Exception {
    begin(List.of());
    OneCommand success = OneCommand.of("success", "true").once();
    OneCommand failure = OneCommand.of("failure", "exit 3").once();
    OneCommand blinking = OneCommand.of("blinking", "true");
    OneCommand crashing = OneCommand.of("crashing", "exit 1");
    for (OneCommand command : List.of(success, failure, blinking, crashing)) {
      machine.create(command, 1);
    }
    assertThat(TaskHistory.states(machine.await(success, ScheduleStatus.FINISHED)))
        .containsExactly(
            ScheduleStatus.PENDING,
            ScheduleStatus.ASSIGNED,
            ScheduleStatus.STARTING,
            ScheduleStatus.RUNNING,
            ScheduleStatus.FINISHED);
    ScheduledTask failed = machine.await(failure, ScheduleStatus.FAILED);
    assertThat(TaskHistory.states(failed))
        .endsWith(ScheduleStatus.STARTING, ScheduleStatus.RUNNING, ScheduleStatus.FAILED);
    throttled(blinking, ScheduleStatus.FINISHED);
    throttled(crashing, ScheduleStatus.FAILED);
    machine.kill(blinking);
    machine.kill(crashing);
  }

  /** The first successor comes at once, the others wait. */
  private void throttled(OneCommand command, ScheduleStatus end) {
    List<ScheduledTask> tasks =
        Await.until(
            command.job() + " went round",
            OneMachine.LONG,
            () -> {
              List<ScheduledTask> all = machine.ordered(command);
              return all.size() > 3 ? all : null;
            });
    assertThat(tasks.get(0).status()).isEqualTo(end);
    assertThat(tasks.get(1).status()).isEqualTo(end);
    assertThat(tasks.get(2).taskEvents().get(0).message())
        .matches("Rescheduled, penalized for [1-9][0-9]* ms for flapping");
    for (ScheduledTask task : tasks.subList(2, 4)) {
      assertThat(TaskHistory.states(task).get(0)).isEqualTo(ScheduleStatus.THROTTLED);
    }
  }

  @Test
  public void whatIsOddRunsOrSaysWhyNot() throws Exception {
    begin(List.of());
    String name = "n\u00e4me \"quoted\" $x 'y'\\\n\u20ac";
    OneCommand odd =
        OneCommand.of("odd", "echo \"\u20ac $USER\" \"$HOME\"; env; exec sleep 9999").named(name);
    OneCommand long1 =
        OneCommand.of("long", "echo " + "\u00e9".repeat(60_000) + "| wc -c; exec sleep 9999");
    OneCommand endless = OneCommand.of("endless", ": " + "x".repeat(200_000)).once();
    OneCommand logless =
        OneCommand.of("logless", "cd; rm -rf .logs; : >.logs; exit 1").once().failing(2);
    for (OneCommand command : List.of(odd, long1, endless, logless)) {
      machine.create(command, 1);
    }
    ScheduledTask strange = machine.await(odd, ScheduleStatus.RUNNING);
    Path sandbox = machine.sandbox(strange);
    Path output = sandbox.resolve(".logs").resolve(name).resolve("0/stdout");
    List<String> said =
        Await.until(
            "it has spoken",
            OneMachine.LONG,
            () -> {
              List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
              return lines.stream().anyMatch(line -> line.startsWith("PATH=")) ? lines : null;
            });
    assertThat(said.get(0)).startsWith("\u20ac ").endsWith(" " + sandbox);
    assertThat(said).noneMatch(line -> line.startsWith("run"));

    ScheduledTask big = machine.await(long1, ScheduleStatus.RUNNING);
    Path count = machine.sandbox(big).resolve(".logs/main/0/stdout");
    Await.until(
        "all of it came", OneMachine.LONG, () -> Files.readString(count).strip().equals("120001"));

    assertThat(OneMachine.message(machine.await(endless, ScheduleStatus.FAILED))).isNotEmpty();
    assertThat(OneMachine.message(machine.await(logless, ScheduleStatus.FAILED))).isNotEmpty();
  }
}
