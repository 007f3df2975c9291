package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.LaunchTask;
import java.nio.file.Files;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is found of former tasks when what was launched cannot be read. */
public class StateRecoveryTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private WorkDir workDir;

  @Before
  public void begin() {
    workDir = WorkDir.open(folder.getRoot().toPath(), "agent-1");
  }

  @After
  public void end() {
    workDir.close();
  }

  private RunPaths launched(String taskId, String said) throws Exception {
    RunPaths run = workDir.run("fw", taskId, "c");
    workDir.begin(
        run, LaunchTask.builder().task(AssignedTask.builder().taskId(said).build()).build());
    return run;
  }

  @Test
  public void whatCannotBeReadRefusesAStrictStartAndIsPassedOverOtherwise() throws Exception {
    RunPaths good = launched("good", "good");
    RunPaths damaged = launched("damaged", "damaged");
    Files.write(damaged.taskInfo(), new byte[] {1, 2, 3});
    RunPaths other = launched("other", "good");
    assertThatThrownBy(() -> StateRecovery.recover(workDir, true))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining(damaged.taskInfo() + ": ")
        .hasMessageContaining(other.taskInfo() + ": it is not of this task");
    StateRecovery.Found found = StateRecovery.recover(workDir, false);
    assertThat(found.errors()).hasSize(2);
    assertThat(found.runs()).extracting(RecoveredRun::paths).containsExactly(good);
    // What may be alive is not cut, deleted or marked as over.
    assertThat(Files.size(damaged.taskInfo())).isEqualTo(3);
    assertThat(damaged.sentinel()).doesNotExist();
  }

  @Test
  public void anEmptyDescriptionMeansThatTheTaskWasNeverBegun() throws Exception {
    RunPaths run = launched("t", "t");
    Files.write(run.taskInfo(), new byte[0]);
    assertThat(StateRecovery.recover(workDir, true))
        .isEqualTo(new StateRecovery.Found(ImmutableList.of(), ImmutableList.of()));
  }
}
