package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.process.TaskLimits;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.agent.runner.CheckpointKill;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the tasks that ran before the machine was started again, so that they are told as lost and
 * their processes are not begun anew: the scheduler may have replaced them long ago. Stateless;
 * blocks.
 */
final class FormerBoot {
  private static final Logger LOG = LoggerFactory.getLogger(FormerBoot.class);

  private FormerBoot() {}

  /**
   * Does so if there was another start since an agent was here; to be called before any runner has
   * the tasks.
   *
   * @param uid the account this process runs as
   */
  static void end(
      WorkDir workDir, ImmutableList<RecoveredRun> runs, Optional<Boot> now, Clock clock, int uid) {
    try {
      Optional<Boot> before = Boot.read(workDir.bootFile());
      if (now.isEmpty() || before.equals(now)) {
        return;
      }
      if (before.isPresent()) {
        LOG.warn("The machine was started again; what ran on it is lost");
        for (RecoveredRun run : runs) {
          end(run.paths(), clock, uid);
        }
      }
      // Only now: whoever is interrupted before does it again.
      now.get().write(workDir.bootFile());
    } catch (IOException failure) {
      LOG.warn("It is not known whether the machine was started again", failure);
    }
  }

  private static void end(RunPaths run, Clock clock, int uid) {
    CheckpointPaths paths = new CheckpointPaths(run.checkpoints(), run.taskId());
    if (!Files.exists(paths.runner())) {
      return;
    }
    try {
      ProcReader reader = ProcReader.ofThisMachine();
      TaskProcesses processes =
          new TaskProcesses(
              reader,
              run.sandbox(),
              OptionalInt.empty(),
              Limits.withoutCgroups("")
                  .group(run.taskId(), new TaskLimits(0, 0, OptionalLong.empty())));
      boolean nothingLeft =
          new CheckpointKill(reader, processes, clock, uid).end(paths, TaskState.LOST, false);
      if (!nothingLeft) {
        LOG.warn("Processes of task {} were still there and are killed", run.taskId());
      }
    } catch (IOException unreadable) {
      LOG.warn("Task {} is left to its runner", run.taskId(), unreadable);
    }
  }
}
