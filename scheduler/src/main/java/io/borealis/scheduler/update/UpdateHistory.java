package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which updates that have ended are forgotten (update rules, section 8.1). Pure. */
final class UpdateHistory {
  private static final Comparator<UpdateRecord> NEWEST_FIRST =
      Comparator.comparingLong(UpdateRecord::createdMs)
          .reversed()
          .thenComparing(update -> update.key().id());

  private UpdateHistory() {}

  /**
   * Those that are too old, those of jobs without any task or schedule, and of each job those
   * beyond the newest. The work is that of the number of updates.
   */
  static ImmutableList<JobUpdateKey> forgettable(State state, UpdatePolicy policy, long nowMs) {
    long oldestMs = nowMs - policy.pruningThreshold().toMillis();
    ImmutableList.Builder<JobUpdateKey> forgettable = ImmutableList.builder();
    for (JobKey job : state.updates().jobs()) {
      int keep = exists(state, job) ? policy.keptPerJob() : 0;
      for (UpdateRecord update : endedOf(state, job)) {
        if (keep > 0 && update.createdMs() >= oldestMs) {
          keep--;
        } else {
          forgettable.add(update.key());
        }
      }
    }
    return forgettable.build();
  }

  /** Whether there is a task of the job, or a schedule by which there will be some. */
  private static boolean exists(State state, JobKey job) {
    return state.tasks().jobs().containsKey(job) || state.cronJobs().contains(job);
  }

  private static List<UpdateRecord> endedOf(State state, JobKey job) {
    List<UpdateRecord> ended = new ArrayList<>();
    for (UpdateRecord update : state.updates().ofJob(job)) {
      if (UpdateTransitions.isTerminal(update.status())) {
        ended.add(update);
      }
    }
    ended.sort(NEWEST_FIRST);
    return ended;
  }
}
