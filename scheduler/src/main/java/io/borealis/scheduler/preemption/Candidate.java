package io.borealis.scheduler.preemption;

import com.google.common.collect.Iterables;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.Comparator;

/**
 * A task that has a place and may have to leave it. Immutable.
 *
 * @param sinceMs when it got into its state
 */
record Candidate(String taskId, Profile profile, long sinceMs) {
  private static final Comparator<ResourceVector> BY_SIZE =
      Comparator.comparingLong(ResourceVector::milliCpus)
          .thenComparingLong(ResourceVector::ramMb)
          .thenComparingLong(ResourceVector::diskMb)
          .thenComparingLong(ResourceVector::ports)
          .thenComparingLong(ResourceVector::gpus)
          .thenComparingLong(ResourceVector::ipAddrs);

  /** Those of least importance first: preemptible ones, then low priorities, then young ones. */
  private static final Comparator<Candidate> BY_IMPORTANCE =
      Comparator.comparing((Candidate task) -> !task.profile.rank().preemptible())
          .thenComparingInt(task -> task.profile.rank().priority())
          .thenComparing(Comparator.comparingLong(Candidate::sinceMs).reversed())
          .thenComparing(Candidate::taskId);

  /**
   * The order in which tasks are displaced (scheduling rules, section 7.2, b): large ones first.
   */
  static final Comparator<Candidate> LARGEST_FIRST =
      Comparator.comparing((Candidate task) -> task.profile.weight(), BY_SIZE)
          .reversed()
          .thenComparing(BY_IMPORTANCE);

  /** The order in which it is tried to spare tasks. */
  static final Comparator<Candidate> MOST_WORTH_SPARING_FIRST =
      Comparator.comparing((Candidate task) -> !task.profile.rank().preemptible())
          .thenComparingInt(task -> task.profile.rank().priority())
          .thenComparing(task -> task.profile.weight(), BY_SIZE)
          .reversed()
          .thenComparing(BY_IMPORTANCE.reversed());

  static Candidate of(ScheduledTask task, Profile profile) {
    return new Candidate(task.assignedTask().taskId(), profile, lastEventMs(task));
  }

  /** When the task got into its state; always ago when that is not known. */
  static long lastEventMs(ScheduledTask task) {
    TaskEvent last = Iterables.getLast(task.taskEvents(), null);
    return last == null ? 0 : last.timestamp();
  }
}
