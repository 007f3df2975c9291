package io.borealis.agent.runner;

import static io.borealis.agent.runner.RealMachine.process;
import static io.borealis.agent.runner.RunnerStory.daemon;
import static io.borealis.agent.runner.RunnerStory.failing;
import static io.borealis.agent.runner.RunnerStory.ordered;
import static io.borealis.agent.runner.RunnerStory.pausing;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.process.ProcEntry;
import io.borealis.agent.runner.RealMachine.RealTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Runners of real processes, and what happens to those. */
public final class RunnerIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private RealMachine machine;
  private final List<RealTask> tasks = new ArrayList<>();

  @Before
  public void startMachine() throws Exception {
    machine = new RealMachine(folder.getRoot().toPath());
  }

  @After
  public void nothingIsLeftOfAnyTask() throws Exception {
    for (RealTask task : tasks) {
      assertThat(task.living()).isEmpty();
    }
    machine.close();
  }

  @Test
  public void aTaskThatExitsAtOnceIsOverAtOnce() throws Exception {
    RealTask task = start(RunnerStory.task(process("p", "exit 0")));

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(task.sequence())
        .containsExactly(
            "T ACTIVE",
            "header",
            "p WAITING",
            "p FORKED",
            "p RUNNING",
            "p SUCCESS 0",
            "T CLEANING",
            "T FINALIZING",
            "T SUCCESS");
  }

  @Test
  public void outputAndEnvironmentAreWhereTheyShouldBe() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                process("p", "pwd; echo $HOME; env | cut -d= -f1 | sort | tr '\\n' ' '; exit 3")));

    assertThat(task.outcome()).isEqualTo("ended FAILED");
    assertThat(task.sequence()).contains("p FAILED 3");
    String sandbox = task.sandbox.toRealPath().toString();
    assertThat(Files.readAllLines(task.sandbox.resolve(".logs/p/0/stdout")))
        .startsWith(sandbox, sandbox)
        .last()
        .asString()
        .contains("HOME", "LOGNAME", "PATH", "USER")
        .doesNotContain("JAVA");
  }

  @Test
  public void anExitCodeIsToldFromASignal() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                failing(process("p", "[[ -e x ]] && exit 137; touch x; kill -9 $$"), 1)));

    assertThat(task.outcome()).isEqualTo("ended FAILED");
    assertThat(task.sequence()).containsSubsequence("p KILLED -9", "p FAILED 137");
  }

  @Test
  public void aKilledCoordinatorMakesItsRunLostAndItsCommandDie() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(process("p", "[[ -e x ]] && exit 0; touch x; sleep 300 & sleep 300")));
    task.await(words -> words.contains("p RUNNING"));
    Run run = task.lastRun("p");
    signal("KILL", run.pids().coordinatorPid());

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(task.sequence()).containsSubsequence("p RUNNING", "p LOST", "p SUCCESS 0");
    assertThat(machine.isAlive(run.pids().commandPid().orElseThrow())).isFalse();
  }

  @Test
  public void aKilledShellIsNobodysFailureAndTakesItsChildrenWithIt() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                process("p", "[[ -e x ]] && exit 0; touch x; sleep 300 & sleep 300; true")));
    task.await(words -> words.contains("p RUNNING"));
    signal("KILL", task.lastRun("p").pids().commandPid().orElseThrow());

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(task.sequence()).containsSubsequence("p RUNNING", "p KILLED -9", "p SUCCESS 0");
  }

  @Test
  public void aKillReachesWhoeverIgnoresItAndWhoeverHasLeft() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                process(
                    "p",
                    "trap '' TERM; (trap '' TERM; setsid sleep 301 & sleep 302) & "
                        + "touch ready; while true; do sleep 0.1; done")));
    while (!task.sandbox.resolve("ready").toFile().exists()) {
      Thread.sleep(20);
    }
    Thread.sleep(500);
    assertThat(task.living()).extracting(ProcEntry::name).contains("sleep");
    task.kill(Duration.ofSeconds(2));

    assertThat(task.outcome()).isEqualTo("ended KILLED");
    assertThat(task.sequence())
        .endsWith("p RUNNING", "T ACTIVE", "T CLEANING", "T KILLED", "p KILLED -1");
    assertThat(task.living()).isEmpty();
  }

  @Test
  public void aDaemonThatForkedAwayDiesWithItsTask() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                process("p", "setsid bash -c 'sleep 303 & disown; exit 0' & sleep 0.5")));

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(task.living()).isEmpty();
  }

  @Test
  public void onlyTheShellIsAskedAndItsTrapRuns() throws Exception {
    RealTask task =
        start(
            RunnerStory.task(
                process("p", "trap 'echo bye > bye; exit 4' TERM; touch ready; sleep 300 & wait")));
    while (!task.sandbox.resolve("ready").toFile().exists()) {
      Thread.sleep(20);
    }
    task.kill(Duration.ofSeconds(30));

    assertThat(task.outcome()).isEqualTo("ended KILLED");
    assertThat(task.sequence()).endsWith("T CLEANING", "p FAILED 4", "T FINALIZING", "T KILLED");
    assertThat(task.sandbox.resolve("bye")).exists();
  }

  @Test
  public void aTaskGoesOnUnderANewRunner() throws Exception {
    RunnerTask description =
        ordered(
            RunnerStory.task(
                process("a", "echo run >> runs; sleep 2; exit 0"),
                process("b", "echo run >> runs")),
            "a",
            "b");
    RealTask task = start(description);
    task.await(words -> words.contains("a RUNNING"));
    task.detach();
    task.start();

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(task.sequence())
        .containsSubsequence("a RUNNING", "T ACTIVE", "a SUCCESS 0", "b WAITING", "b SUCCESS 0");
    assertThat(Files.readAllLines(task.sandbox.resolve("runs"))).hasSize(2);
  }

  @Test
  public void aRunThatEndedWhileNobodyLookedKeepsItsExitCode() throws Exception {
    RealTask task = start(RunnerStory.task(process("p", "sleep 1; exit 42")));
    task.await(words -> words.contains("p RUNNING"));
    int coordinator = task.lastRun("p").pids().coordinatorPid();
    task.detach();
    while (machine.isAlive(coordinator)) {
      Thread.sleep(50);
    }
    task.start();

    assertThat(task.outcome()).isEqualTo("ended FAILED");
    assertThat(task.sequence()).containsSubsequence("T ACTIVE", "T ACTIVE", "p FAILED 42");
  }

  @Test
  public void aTaskOutlivesTheDeathOfItsAgentAndKeepsOthersAway() throws Exception {
    RunnerTask description =
        RunnerStory.task(process("p", "echo run >> runs; sleep 6; echo done >> runs"));
    RealTask task = machine.task("t", description);
    tasks.add(task);
    Process agent = agentProcess("t", description);
    task.await(words -> words.contains("p RUNNING"));
    task.start();
    assertThat(task.outcome()).startsWith("failed INTERNAL_ERROR: Another runner has task t");
    var unused = agent.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    task.start();

    assertThat(task.outcome()).isEqualTo("ended SUCCESS");
    assertThat(Files.readAllLines(task.sandbox.resolve("runs"))).containsExactly("run", "done");
    assertThat(task.sequence())
        .containsExactly(
            "T ACTIVE",
            "header",
            "p WAITING",
            "p FORKED",
            "p RUNNING",
            "T ACTIVE",
            "p SUCCESS 0",
            "T CLEANING",
            "T FINALIZING",
            "T SUCCESS");
  }

  @Test
  public void aDaemonThatEndsOftenLosesNoRecord() throws Exception {
    RunnerTask description =
        RunnerStory.task(
            failing(
                daemon(
                    pausing(
                        process("d", "echo >> n; (($(wc -l < n) < 20)) && exit 0; exit 1"),
                        Duration.ZERO)),
                3));
    RealTask task = start(description);

    assertThat(task.outcome()).isEqualTo("ended FAILED");
    assertThat(task.sequence().stream().filter("d SUCCESS 0"::equals)).hasSize(19);
    assertThat(task.sequence().stream().filter("d FAILED 1"::equals)).hasSize(3);
  }

  @Test
  public void manyTasksStartAndDieTogether() throws Exception {
    for (int i = 0; i < 40; i++) {
      RealTask task = machine.task("t" + i, RunnerStory.task(process("p", "sleep 300")));
      tasks.add(task);
      task.start();
    }
    for (RealTask task : tasks) {
      task.await(words -> words.contains("p RUNNING"));
    }
    tasks.forEach(task -> task.kill(Duration.ofSeconds(60)));
    for (RealTask task : tasks) {
      assertThat(task.outcome()).isEqualTo("ended KILLED");
      assertThat(task.sequence()).contains("p KILLED -15");
    }
  }

  /** Is an agent with one task, for tests that kill it. */
  public static final class Agent {
    /**
     * @param args the folder, the id of the task, and its description
     */
    public static void main(String[] args) throws Exception {
      try (RealMachine machine = new RealMachine(Path.of(args[0]))) {
        System.out.println(machine.task(args[1], RunnerTask.read(args[2])).start().outcome());
      }
    }
  }

  private Process agentProcess(String id, RunnerTask description) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Agent.class.getName(),
            folder.getRoot().toString(),
            id,
            description.toJson())
        .inheritIO()
        .start();
  }

  private RealTask start(RunnerTask description) throws Exception {
    RealTask task = machine.task("t" + tasks.size(), description);
    tasks.add(task);
    return task.start();
  }

  private static void signal(String signal, int pid) throws Exception {
    new ProcessBuilder("/bin/bash", "-c", "kill -" + signal + " " + pid).start().waitFor();
  }
}
