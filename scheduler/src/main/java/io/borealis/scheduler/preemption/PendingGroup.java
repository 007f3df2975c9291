package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.api.InstanceKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Pending tasks of one configuration that waited for long enough. Immutable.
 *
 * @param taskIds the oldest first
 * @param sinceMs of the oldest
 */
record PendingGroup(Profile profile, ImmutableList<String> taskIds, long sinceMs) {
  /** Nobody's rank is below another's of an earlier group; among equals the oldest is first. */
  private static final Comparator<PendingGroup> IN_TURN =
      Comparator.comparing((PendingGroup group) -> group.profile.rank().preemptible())
          .thenComparingLong(PendingGroup::sinceMs)
          .thenComparing(group -> group.taskIds.get(0));

  /**
   * All groups of a State.
   *
   * @param groups in the order of their turns
   * @param nextSinceMs when the task came that will be the next to have waited for long enough;
   *     {@link Long#MAX_VALUE} when there is none
   */
  record All(ImmutableList<PendingGroup> groups, long nextSinceMs) {}

  /**
   * Finds the groups.
   *
   * @param isKept whether an instance has a place of its own to wait for
   * @param youngestMs tasks that came later have not waited for long enough
   */
  static All of(State state, Profiles profiles, Predicate<InstanceKey> isKept, long youngestMs) {
    IdentityHashMap<TaskConfig, List<ScheduledTask>> byObject = new IdentityHashMap<>();
    Map<TaskConfig, List<ScheduledTask>> groups = new HashMap<>();
    long nextSinceMs = Long.MAX_VALUE;
    for (ScheduledTask task : state.tasks().pending().values()) {
      long since = Candidate.lastEventMs(task);
      TaskConfig config = task.assignedTask().task();
      if (since > youngestMs) {
        nextSinceMs = Math.min(nextSinceMs, since);
      } else if (!isKept.test(new InstanceKey(config.job(), task.assignedTask().instanceId()))) {
        byObject
            .computeIfAbsent(config, one -> groups.computeIfAbsent(one, equal -> new ArrayList<>()))
            .add(task);
      }
    }
    List<PendingGroup> all = new ArrayList<>();
    groups.forEach((config, tasks) -> all.add(of(profiles.of(config), tasks)));
    return new All(ImmutableList.sortedCopyOf(IN_TURN, all), nextSinceMs);
  }

  private static PendingGroup of(Profile profile, List<ScheduledTask> tasks) {
    tasks.sort(
        Comparator.comparingLong(Candidate::lastEventMs)
            .thenComparing(task -> task.assignedTask().taskId()));
    return new PendingGroup(
        profile,
        tasks.stream()
            .map(task -> task.assignedTask().taskId())
            .collect(ImmutableList.toImmutableList()),
        Candidate.lastEventMs(tasks.get(0)));
  }
}
