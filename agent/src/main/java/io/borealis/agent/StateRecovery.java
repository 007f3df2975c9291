package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.updates.RecoveredUpdates;
import io.borealis.api.agent.LaunchTask;
import io.borealis.thrift.StructBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a former agent process left behind. Stateless; blocks on the disk. */
final class StateRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(StateRecovery.class);

  private StateRecovery() {}

  /**
   * What was found. Immutable.
   *
   * @param errors what was passed over
   */
  record Found(ImmutableList<RecoveredRun> runs, ImmutableList<String> errors) {}

  /**
   * Reads the newest run of every task that is not over.
   *
   * @param strict whether what is damaged refuses the start; else it is passed over. Either way
   *     files of updates are cut to what can be read, so that the next attempt succeeds
   * @throws AgentException when something is damaged and that is not to be passed over
   */
  static Found recover(WorkDir workDir, boolean strict) {
    ImmutableList.Builder<RecoveredRun> runs = ImmutableList.builder();
    ImmutableList.Builder<String> errors = ImmutableList.builder();
    try {
      for (RunPaths run : workDir.runs()) {
        if (!WorkDir.isLatest(run)) {
          LOG.warn("{} is not the latest run of its task and is left alone", run.meta());
        } else if (!Files.exists(run.sentinel())) {
          recover(run, errors).ifPresent(runs::add);
        }
      }
    } catch (IOException unreadable) {
      throw new AgentException(
          "What former tasks left cannot be listed: " + unreadable, unreadable);
    }
    Found found = new Found(runs.build(), errors.build());
    found.errors().forEach(error -> LOG.warn("Damaged: {}", error));
    if (strict && !found.errors().isEmpty()) {
      throw new AgentException(
          "What former tasks left is damaged (--strict=false goes on without it): "
              + String.join("; ", found.errors()));
    }
    return found;
  }

  private static Optional<RecoveredRun> recover(
      RunPaths run, ImmutableList.Builder<String> errors) {
    LaunchTask launch;
    try {
      if (!Files.exists(run.taskInfo()) || Files.size(run.taskInfo()) == 0) {
        LOG.warn("{} was never begun", run.meta());
        return Optional.empty();
      }
      launch = StructBytes.read(LaunchTask.TYPE, Files.readAllBytes(run.taskInfo()));
    } catch (IOException | StructBytes.MalformedException unreadable) {
      errors.add(run.taskInfo() + ": " + unreadable.getMessage());
      return Optional.empty();
    }
    if (launch.task() == null || !run.taskId().equals(launch.task().taskId())) {
      errors.add(run.taskInfo() + ": it is not of this task");
      return Optional.empty();
    }
    Optional<RecoveredUpdates> updates = Optional.empty();
    if (Files.exists(run.taskUpdates())) {
      try {
        updates = Optional.of(RecoveredUpdates.recover(run.taskUpdates()));
      } catch (IOException unreadable) {
        errors.add(run.taskUpdates() + ": " + unreadable);
      }
    } else {
      LOG.warn("{} has no updates", run.meta());
    }
    updates.filter(RecoveredUpdates::isCorrupt).ifPresent(read -> errors.add(read.corrupt()));
    return Optional.of(
        new RecoveredRun(run, launch, updates.filter(read -> !read.updates().isEmpty())));
  }
}
