package io.borealis.scheduler.store;

import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The form in which updates are kept, wherever they come from. Stateless; pure. */
public final class UpdateForms {
  private UpdateForms() {}

  /** The settings with what may be left out filled in (update rules, sections 1.4 and 1.5). */
  public static JobUpdateSettings filled(JobUpdateSettings settings) {
    return settings.toBuilder()
        .blockIfNoPulsesAfterMs(Objects.requireNonNullElse(settings.blockIfNoPulsesAfterMs(), 0))
        .slaAware(Objects.requireNonNullElse(settings.slaAware(), false))
        .updateStrategy(strategy(settings))
        .build();
  }

  /** The strategy; old clients give a group size and a flag instead. */
  private static JobUpdateStrategy strategy(JobUpdateSettings settings) {
    if (settings.updateStrategy() != null) {
      return settings.updateStrategy();
    }
    int size = settings.updateGroupSize();
    return settings.waitForBatchCompletion()
        ? new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(size, false))
        : new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(size));
  }

  /**
   * An update as State keeps it: its settings filled in, its state left out, which follows from its
   * events. Settings that are missing stay so; whoever goes on with that update ends it.
   */
  static JobUpdate stored(JobUpdate update) {
    JobUpdateInstructions instructions = update.instructions();
    JobUpdateSettings settings = instructions.settings();
    return update.toBuilder()
        .summary(update.summary().toBuilder().state(null).build())
        .instructions(
            settings == null
                ? instructions
                : instructions.toBuilder().settings(filled(settings)).build())
        .build();
  }

  /**
   * Refuses instructions that no update can have (update rules, section 1.3). What the journal or a
   * snapshot holds is not refused any more: one broken update must not keep the others from being
   * read.
   */
  public static void requireComplete(JobUpdateInstructions instructions) {
    if (instructions.initialState().isEmpty() && instructions.desiredState() == null) {
      throw new IllegalArgumentException(
          "An update needs an initialState, a desiredState or both.");
    }
    instructions.initialState().forEach(group -> requireComplete("initialState", group));
    requireComplete("desiredState", instructions.desiredState());
  }

  private static void requireComplete(String name, @Nullable InstanceTaskConfig group) {
    if (group == null) {
      return;
    }
    Objects.requireNonNull(group.task(), () -> name + " of an update needs a task.");
    if (group.instances().isEmpty()) {
      throw new IllegalArgumentException(name + " of an update needs instances.");
    }
  }
}
