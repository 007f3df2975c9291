package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateState;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.UpdateForms;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Updates with their events as this release keeps them. Immutable. */
final class UpdateDetailForms {
  /** More instances than any job has. */
  private static final long MOST_INSTANCES = 1_000_000;

  private final ConfigForms configs;
  private final Consumer<String> note;
  private final boolean ours;

  UpdateDetailForms(ConfigForms configs, Consumer<String> note, boolean ours) {
    this.configs = configs;
    this.note = note;
    this.ours = ours;
  }

  /** The job and id of an update, as far as they are there. */
  static String nameOf(@Nullable JobUpdateDetails details) {
    JobUpdateKey key =
        details == null || details.update() == null || details.update().summary() == null
            ? null
            : details.update().summary().key();
    return key == null ? "null" : JobPath.of(key.job()) + " " + key.id();
  }

  /** Checks an update and brings it to the present form. */
  JobUpdateDetails convert(@Nullable JobUpdateDetails details) throws Unfit {
    if (details == null || details.update() == null || details.update().summary() == null) {
      throw new Unfit("it is not complete");
    }
    JobUpdateKey key = details.update().summary().key();
    Unfit.unless(
        key != null && TaskForms.isComplete(key.job()) && key.id() != null,
        "its key is not complete");
    for (JobUpdateEvent event : details.updateEvents()) {
      Unfit.unless(event.status() != null, "an event of it has no status, or an unknown one");
    }
    JobUpdate update = instructions(details.update(), key.job());
    JobUpdateDetails next = details.toBuilder().update(update).build();
    return ours ? next : present(next);
  }

  private JobUpdate instructions(JobUpdate update, JobKey job) throws Unfit {
    JobUpdateInstructions instructions = update.instructions();
    if (instructions == null) {
      throw new Unfit("it has no instructions");
    }
    if (instructions.settings() != null) {
      Unfit.unless(
          !(instructions.settings().updateStrategy() instanceof JobUpdateStrategy.Unknown),
          "its strategy is of no known kind");
    }
    ImmutableSet.Builder<InstanceTaskConfig> initial = ImmutableSet.builder();
    Set<ImmutableSet<Range>> ranges = new HashSet<>();
    for (InstanceTaskConfig group : instructions.initialState()) {
      initial.add(group(group, job));
      Unfit.unless(ranges.add(group.instances()), "two groups have the same instances");
    }
    InstanceTaskConfig desired = instructions.desiredState();
    JobUpdateInstructions next =
        instructions.toBuilder()
            .initialState(initial.build())
            .desiredState(desired == null ? null : group(desired, job))
            .build();
    try {
      UpdateForms.requireComplete(next);
    } catch (RuntimeException incomplete) {
      throw new Unfit(String.valueOf(incomplete.getMessage()));
    }
    return update.toBuilder().instructions(next).build();
  }

  private InstanceTaskConfig group(InstanceTaskConfig group, JobKey job) throws Unfit {
    long instances = 0;
    for (Range range : group.instances()) {
      Unfit.unless(
          range.first() >= 0 && range.last() >= range.first(),
          "its instances are %d to %d".formatted(range.first(), range.last()));
      instances += range.last() - range.first() + 1L;
    }
    Unfit.unless(instances <= MOST_INSTANCES, "it has " + instances + " instances");
    TaskConfig config = configs.convert(group.task());
    Unfit.unless(
        job.equals(config.job()), "it has tasks of another job, " + JobPath.of(config.job()));
    return group.toBuilder().task(config).build();
  }

  private JobUpdateDetails present(JobUpdateDetails details) throws Unfit {
    if (details.update().instructions().settings() != null
        && details.update().instructions().settings().updateStrategy() == null) {
      note.accept("updates without a strategy were given that of their settings");
    }
    ImmutableList<JobUpdateEvent> events =
        sorted(details.updateEvents(), Comparator.comparingLong(JobUpdateEvent::timestampMs));
    ImmutableList<JobInstanceUpdateEvent> instanceEvents =
        sorted(
            details.instanceEvents(),
            Comparator.comparingLong(JobInstanceUpdateEvent::timestampMs));
    if (!events.equals(details.updateEvents())
        || !instanceEvents.equals(details.instanceEvents())) {
      note.accept("updates had their events put in the order of their times");
    }
    if (events.isEmpty()) {
      events = ImmutableList.of(first(details.update().summary().state()));
    }
    return details.toBuilder().updateEvents(events).instanceEvents(instanceEvents).build();
  }

  private JobUpdateEvent first(@Nullable JobUpdateState state) throws Unfit {
    if (state == null || state.status() == null) {
      throw new Unfit("it has no events, so nobody knows its status");
    }
    note.accept("updates without events were given one of their status");
    return JobUpdateEvent.builder()
        .status(state.status())
        .timestampMs(Math.max(state.createdTimestampMs(), state.lastModifiedTimestampMs()))
        .build();
  }

  /** Aurora keeps events by time; those of one moment stay as they are. */
  private static <E> ImmutableList<E> sorted(List<E> events, Comparator<E> byTime) {
    return ImmutableList.sortedCopyOf(byTime, events);
  }
}
