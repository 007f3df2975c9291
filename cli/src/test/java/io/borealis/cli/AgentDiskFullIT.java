package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** An agent whose work directory lies on a disk that is full. */
public class AgentDiskFullIT {
  private static final Duration LONG = OneMachine.LONG;
  private static final Duration FULL = Duration.ofSeconds(12);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path work;
  private Filler filler;
  private OneMachine machine;
  private OneCommand going;
  private OneCommand ending;
  private OneCommand rolling;

  @Before
  public void begin() throws Exception {
    work = folder.newFolder("work").toPath().toRealPath();
    assumeTrue(
        "no small disk can be mounted",
        run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", work.toString()) == 0);
    filler = new Filler(work.resolve("filler"));
    Path signs = folder.newFolder("signs").toPath();
    String wait = "until [ -e %s/%s ]; do sleep 0.2; done".formatted(signs, "%s");
    going = OneCommand.of("going", "exec sleep 100000").with(8, 8);
    ending = OneCommand.of("ending", wait.formatted("end") + "; exit 0").once().with(8, 8);
    rolling = OneCommand.of("rolling", "exec sleep 100000").with(8, 8);
    machine =
        new OneMachine(folder.newFolder("data").toPath(), work, "--initial-flapping-task-delay=5s");
  }

  @After
  public void end() throws Exception {
    if (machine != null) {
      machine.close();
    }
    if (filler != null) {
      filler.stop();
    }
    int unused = run("umount", "-l", work.toString());
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  public void tasksGoOnNothingIsLostAndAllGoesOnWhenThereIsRoomAgain() throws Exception {
    machine.create(going, 2);
    machine.create(ending, 1);
    machine.create(rolling, 3);
    machine.awaitAll(going, 2, ScheduleStatus.RUNNING);
    machine.awaitAll(rolling, 3, ScheduleStatus.RUNNING);
    ScheduledTask ends = machine.await(ending, ScheduleStatus.RUNNING);
    List<LiveProcess> before = machine.processes();
    JobUpdateKey update = Calls.start(machine.wire(), update());
    Await.until(
        "an instance is updated", LONG, () -> machine.tasks(rolling).size() > 3 ? true : null);

    filler.start();
    Files.createFile(folder.getRoot().toPath().resolve("signs/end"));
    OneCommand late = OneCommand.of("late", "exec sleep 100000").with(8, 8);
    machine.create(late, 1);
    ScheduledTask lost = machine.await(late, ScheduleStatus.LOST);
    assertThat(OneMachine.message(lost))
        .startsWith("The agent cannot write down the task: ")
        .contains("No space left on device");
    Duration cpu = cpu();
    Await.pause(FULL);
    System.out.printf("cpu in %s on a full disk: %s%n", FULL, cpu().minus(cpu));
    assertThat(machine.daemon().isAlive()).isTrue();
    assertThat(machine.tasks(going))
        .extracting(ScheduledTask::status)
        .containsOnly(ScheduleStatus.RUNNING);
    // Whether there was room for the record of its end depends on the file.
    assertThat(machine.tasks(ending))
        .extracting(ScheduledTask::status)
        .containsAnyOf(ScheduleStatus.RUNNING, ScheduleStatus.FINISHED)
        .hasSize(1);
    // Each attempt waits for longer than the one before.
    assertThat(machine.tasks(late).size()).isLessThan(8);
    assertThat(UpdateHistory.status(machine.wire(), update))
        .isEqualTo(JobUpdateStatus.ROLLING_FORWARD);

    machine.daemon().kill();
    machine.start();
    assertThat(machine.tasks(going))
        .extracting(ScheduledTask::status)
        .containsOnly(ScheduleStatus.RUNNING);

    filler.stop();
    assertThat(machine.await(ending, ScheduleStatus.FINISHED).assignedTask())
        .isEqualTo(ends.assignedTask());
    Await.until(
        "the update is done",
        LONG,
        () ->
            UpdateHistory.status(machine.wire(), update) == JobUpdateStatus.ROLLED_FORWARD
                ? true
                : null);
    Await.until("the new job runs", LONG, () -> isRunning(late));
    Await.until("the agent is well", LONG, () -> machine.health() == 200);
    for (ScheduledTask task : machine.tasks(going)) {
      assertThat(before).containsAll(machine.processes(task));
    }
    machine.finish();
  }

  private boolean isRunning(OneCommand command) throws IOException {
    return Calls.active(machine.wire(), command.key()).stream()
        .anyMatch(task -> task.status() == ScheduleStatus.RUNNING);
  }

  private JobUpdateRequest update() {
    JobUpdateRequest request = Jobs.update("rolling", "two", 3, 1);
    return request.toBuilder()
        .taskConfig(rolling.running("exec sleep 100001").task())
        // Instances that find no room are tried again.
        .settings(
            request.settings().toBuilder().maxPerInstanceFailures(10).maxFailedInstances(3).build())
        .build();
  }

  private Duration cpu() {
    return ProcessHandle.of(machine.pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow();
  }

  /** Takes all room there is, to the last byte, also what is given back meanwhile. */
  private static final class Filler {
    private final Path file;
    private final Thread thread = new Thread(this::fill, "filler");
    private final CountDownLatch full = new CountDownLatch(1);
    private volatile boolean stopped;

    Filler(Path file) {
      this.file = file;
    }

    void start() throws InterruptedException {
      thread.start();
      full.await();
    }

    private void fill() {
      byte[] block = new byte[4096];
      while (!stopped) {
        try (OutputStream out =
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
          while (!stopped) {
            out.write(block);
          }
        } catch (IOException noRoom) {
          full.countDown();
          Await.pause(Duration.ofMillis(20));
        }
      }
    }

    void stop() throws Exception {
      stopped = true;
      thread.join();
      Files.deleteIfExists(file);
    }
  }
}
