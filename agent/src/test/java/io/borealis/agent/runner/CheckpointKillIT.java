package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.runner.RealMachine.RealTask;
import io.borealis.api.thermos.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class CheckpointKillIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private RealMachine machine;
  private RealTask task;

  @Before
  public void startTask() throws Exception {
    machine = new RealMachine(folder.getRoot().toPath());
    task =
        machine
            .task(
                "t",
                RunnerStory.task(RealMachine.process("p", "trap '' TERM; sleep 300; sleep 300")))
            .start();
    task.await(words -> words.contains("p RUNNING"));
  }

  @After
  public void nothingIsLeft() throws Exception {
    assertThat(task.living()).isEmpty();
    machine.close();
  }

  @Test
  public void aTaskIsNotEndedUnderTheHandsOfItsRunner() throws Exception {
    assertThatThrownBy(() -> task.checkpointKill().end(task.paths, TaskState.LOST, true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("A runner has task t");
    task.lose();

    assertThat(task.outcome()).isEqualTo("ended LOST");
  }

  @Test
  public void aTaskWithoutAReadableDescriptionIsKilled() throws Exception {
    task.detach();
    Files.writeString(task.paths.active(), "{");
    end(TaskState.KILLED, false);

    assertThat(task.sequence()).endsWith("p RUNNING", "T ACTIVE", "p KILLED -9", "T KILLED");
    assertThat(task.paths.finished()).hasContent("{");
    assertThat(task.paths.active()).doesNotExist();
  }

  @Test
  public void aRunOfWhichNothingLivesIsLost() throws Exception {
    task.detach();
    while (!task.killAll()) {
      Thread.sleep(100);
    }
    end(TaskState.LOST, false);

    assertThat(task.sequence()).endsWith("p RUNNING", "T ACTIVE", "p LOST", "T LOST");
  }

  @Test
  public void aTaskThatHasEndedOnlyGetsItsDescriptionMoved() throws Exception {
    task.lose();
    assertThat(task.outcome()).isEqualTo("ended LOST");
    Files.move(task.paths.finished(), task.paths.active());
    end(TaskState.KILLED, false);

    assertThat(task.sequence()).endsWith("T LOST", "p KILLED -1");
    assertThat(task.paths.finished()).exists();
  }

  @Test
  public void onlyForceEndsATaskWhoseStreamCannotBeFollowed() throws Exception {
    task.detach();
    Files.write(task.paths.runner(), new byte[] {127, 0, 0, 0});
    assertThatThrownBy(() -> task.checkpointKill().end(task.paths, TaskState.KILLED, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be ended by its stream");
    assertThat(task.paths.active()).exists();
    assertThat(task.living()).isNotEmpty();

    end(TaskState.KILLED, true);

    assertThat(task.paths.finished()).exists();
  }

  private void end(TaskState outcome, boolean force) throws Exception {
    while (!task.checkpointKill().end(task.paths, outcome, force)) {
      Thread.sleep(100);
    }
  }
}
