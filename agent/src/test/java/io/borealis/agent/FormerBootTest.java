package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.Replay;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.LaunchTask;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.VirtualRuntimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class FormerBootTest {
  private static final Boot ONE = new Boot("one 1");
  private static final Boot TWO = new Boot("two 1");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private WorkDir workDir;
  private CheckpointPaths paths;

  @Before
  public void begin() throws Exception {
    workDir = WorkDir.open(folder.getRoot().toPath().resolve("work"), "agent-1");
    RunPaths run = workDir.run("fw", "t", "c");
    workDir.begin(
        run, LaunchTask.builder().task(AssignedTask.builder().taskId("t").build()).build());
    paths = new CheckpointPaths(run.checkpoints(), "t");
    Files.createDirectories(paths.streams());
    Files.createDirectories(paths.active().getParent());
    Files.writeString(paths.active(), "{}");
    try (CheckpointWriter stream = CheckpointWriter.open(paths.runner())) {
      stream.append(
          Checkpoint.of(
              new Header("t", 1L, "sandbox", "host", "user", ImmutableMap.of(), "logs", 0)));
      stream.append(Checkpoint.of(TaskUpdate.of(TaskState.ACTIVE, 1, 1, 0)));
      stream.append(Checkpoint.of(ProcessUpdate.waiting("p", 0)));
      stream.append(Checkpoint.of(ProcessUpdate.forked("p", 1, 1.0, 1)));
      stream.append(Checkpoint.of(ProcessUpdate.running("p", 2, 1.0, 1)));
    }
  }

  @After
  public void end() {
    workDir.close();
  }

  private Replay agentIsStarted(Optional<Boot> boot) throws Exception {
    ImmutableList<RecoveredRun> runs = StateRecovery.recover(workDir, true).runs();
    assertThat(runs).hasSize(1);
    FormerBoot.end(workDir, runs, boot, new VirtualRuntimes().clock(), 0);
    Replay replay = Replay.of(paths.runner(), Mode.STRICT);
    assertThat(replay.error()).isNull();
    return replay;
  }

  @Test
  public void tasksOfAnEarlierStartOfTheMachineEndAsLost() throws Exception {
    assertThat(agentIsStarted(Optional.of(ONE)).state().taskState()).isEqualTo(TaskState.ACTIVE);
    assertThat(agentIsStarted(Optional.of(ONE)).state().taskState()).isEqualTo(TaskState.ACTIVE);

    Replay ended = agentIsStarted(Optional.of(TWO));
    assertThat(ended.state().taskState()).isEqualTo(TaskState.LOST);
    assertThat(ended.state().lastRun("p").state()).isEqualTo(ProcessState.LOST);
    assertThat(paths.active()).doesNotExist();
    assertThat(paths.finished()).exists();
    assertThat(agentIsStarted(Optional.of(TWO)).records()).isEqualTo(ended.records());
  }

  @Test
  public void whereStartsCannotBeToldApartTasksGoOn() throws Exception {
    assertThat(agentIsStarted(Optional.of(ONE)).state().taskState()).isEqualTo(TaskState.ACTIVE);
    assertThat(agentIsStarted(Optional.empty()).state().taskState()).isEqualTo(TaskState.ACTIVE);
    assertThat(agentIsStarted(Optional.of(ONE)).state().taskState()).isEqualTo(TaskState.ACTIVE);
  }

  @Test
  public void aStartIsKnownByTheKernelAndByItsFirstProcess() throws Exception {
    Path proc = folder.newFolder("proc").toPath();
    assertThat(Boot.current(proc)).isEmpty();
    Files.createDirectories(proc.resolve("sys/kernel/random"));
    Files.writeString(proc.resolve("sys/kernel/random/boot_id"), "0badcafe\n");
    Files.createDirectories(proc.resolve("1"));
    Files.writeString(
        proc.resolve("1/stat"),
        "1 (a) b) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 173449216 3000");
    assertThat(Boot.current(proc)).hasValue(new Boot("0badcafe 4711"));
    assertThat(Boot.current(Path.of("/proc")))
        .isPresent()
        .isEqualTo(Boot.current(Path.of("/proc")));
  }
}
