package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.job.RunnerTask;
import io.borealis.api.thermos.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Tasks of which others wrote streams are run here, and the streams are compared. */
public final class RunnerGoldenIT {
  private static final Path RUNS = Path.of("src/test/resources/checkpoints/runs");

  /** There a launch that fails ends the runner, and the task stays active for ever. */
  private static final String NOT_KEPT = "unknown-user";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void tasksLeaveTheSameStreamsAsTheyDidElsewhere() throws Exception {
    SoftAssertions all = new SoftAssertions();
    try (RealMachine machine = new RealMachine(folder.getRoot().toPath())) {
      Map<String, RealMachine.RealTask> tasks = new LinkedHashMap<>();
      for (String name : scenarios()) {
        RunnerTask task =
            RunnerTask.read(Files.readString(RUNS.resolve(name).resolve("task.finished.json")));
        tasks.put(name, machine.task(name, task).start());
        interfere(name, tasks.get(name));
      }
      for (Map.Entry<String, RealMachine.RealTask> entry : tasks.entrySet()) {
        String name = entry.getKey();
        RealMachine.RealTask task = entry.getValue();
        if (!name.equals("helper-kill")) {
          all.assertThat(task.outcome()).as(name).startsWith("ended ");
        }
        all.assertThat(Sequences.apart(task.sequence()))
            .as(name)
            .isEqualTo(Sequences.apart(Sequences.of(RUNS.resolve(name).resolve("runner"))));
        all.assertThat(task.living()).as(name).isEmpty();
        all.assertThat(task.paths.finished()).as(name).exists();
      }
    }
    all.assertAll();
  }

  /** What happened to the task there from outside. */
  private static void interfere(String name, RealMachine.RealTask task) throws Exception {
    switch (name) {
      case "kill-stubborn" -> {
        task.await(words -> words.contains("p RUNNING"));
        // The shell has to get as far as its trap.
        Thread.sleep(1000);
        task.kill(Duration.ofSeconds(2));
      }
      case "kill-with-finalizer" -> {
        task.await(words -> words.contains("p RUNNING"));
        task.kill(Duration.ofSeconds(60));
      }
      case "lose" -> {
        task.await(words -> words.contains("p RUNNING"));
        task.lose();
      }
      case "helper-kill" -> {
        task.await(words -> words.contains("p RUNNING"));
        task.detach();
        while (!task.checkpointKill().end(task.paths, TaskState.KILLED, false)) {
          Thread.sleep(100);
        }
      }
      case "runner-crash-process-ends-meanwhile" -> {
        task.await(words -> words.contains("p RUNNING"));
        task.detach();
        Thread.sleep(1500);
        task.start();
      }
      default -> {}
    }
  }

  private static List<String> scenarios() throws Exception {
    try (Stream<Path> all = Files.list(RUNS)) {
      List<String> names =
          all.map(path -> path.getFileName().toString())
              .filter(name -> !name.equals(NOT_KEPT))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThan(15);
      return names;
    }
  }
}
