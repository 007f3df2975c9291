package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.ScheduleStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** More tasks at once than a machine usually has. */
public class AgentLoadIT {
  private static final int TASKS = 200;
  private static final OneCommand SLEEP =
      OneCommand.of("many", "echo up; exec sleep 100000").with(8, 8);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void hundredsOfTasksStartSurviveTheOnlyProcessAndEndTogether() throws Exception {
    try (OneMachine machine =
        new OneMachine(folder.newFolder("data").toPath(), folder.newFolder("work").toPath())) {
      double threads = machine.process("jvm_threads_active");
      long began = System.nanoTime();
      machine.create(SLEEP, TASKS);
      machine.awaitAll(SLEEP, TASKS, ScheduleStatus.RUNNING);
      say("started", began);
      Map<String, Long> coordinators = coordinators(machine);
      assertThat(coordinators).hasSize(TASKS);
      // None of its own for any task but those of the JDK that wait for children, which have small
      // stacks.
      double more = machine.process("jvm_threads_active") - threads;
      assertThat(more).as("threads for %d tasks", TASKS).isLessThan(TASKS + 50);
      System.out.printf(
          "threads %.0f, before %.0f; heap %.0f MB%n",
          machine.process("jvm_threads_active"),
          threads,
          machine.process("jvm_memory_heap_mb_used"));

      machine.daemon().kill();
      began = System.nanoTime();
      machine.start();
      say("registered again", began);
      Await.until(
          "all are known", OneMachine.LONG, () -> machine.agent("agent_tasks_alive") == TASKS);
      say("known again", began);
      assertThat(coordinators(machine)).isEqualTo(coordinators);
      machine.awaitAll(SLEEP, TASKS, ScheduleStatus.RUNNING);
      say("running again", began);

      began = System.nanoTime();
      machine.kill(SLEEP);
      machine.awaitAll(SLEEP, TASKS, ScheduleStatus.KILLED);
      say("killed", began);
      machine.finish();
      say("finished", began);
    }
  }

  private static Map<String, Long> coordinators(OneMachine machine) throws IOException {
    Map<String, Long> found = new TreeMap<>();
    for (LiveProcess process : machine.processes()) {
      if (process.words().contains("coordinate")) {
        found.put(
            process.words().stream()
                .filter(word -> word.startsWith("sandbox="))
                .findFirst()
                .orElseThrow(),
            process.pid());
      }
    }
    return found;
  }

  private static void say(String what, long since) {
    System.out.printf(
        "%d tasks %s after %.1f s%n",
        TASKS, what, Duration.ofNanos(System.nanoTime() - since).toMillis() / 1000.0);
  }
}
