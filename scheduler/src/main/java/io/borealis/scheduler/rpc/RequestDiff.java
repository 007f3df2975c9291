package io.borealis.scheduler.rpc;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import io.borealis.api.ConfigGroup;
import io.borealis.api.GetJobUpdateDiffResult;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an update would do. Immutable; pure.
 *
 * @param replaced the instances it takes away, with the configuration they have now
 * @param replacements the instances it brings, with the requested configuration
 * @param unchanged the other instances there are now
 * @param irrelevant instances that were asked for but that it cannot touch; at most a few are named
 */
record RequestDiff(
    ImmutableSortedMap<Integer, TaskConfig> replaced,
    ImmutableSortedSet<Integer> replacements,
    ImmutableSortedMap<Integer, TaskConfig> unchanged,
    ImmutableSortedSet<Integer> irrelevant) {

  /** A range of two thousand million ids must not make a text of as many. */
  private static final int IRRELEVANT_NAMED = 1000;

  /**
   * Compares a request with the active tasks of its job.
   *
   * @param request with its defaults filled in and its ranges checked
   */
  static RequestDiff of(State state, JobUpdateRequest request) {
    SortedMap<Integer, TaskConfig> current =
        new TreeMap<>(
            Maps.transformValues(
                state.tasks().ofJob(request.taskConfig().job()).active().asMap(),
                task -> task.assignedTask().task()));
    // To compare configurations is slow, but most instances share theirs.
    IdentityHashMap<TaskConfig, Boolean> same = new IdentityHashMap<>();
    Scope scope = Scope.of(request.settings().updateOnlyTheseInstances());
    SortedMap<Integer, TaskConfig> replaced = new TreeMap<>();
    SortedMap<Integer, TaskConfig> unchanged = new TreeMap<>();
    Set<Integer> replacements = new TreeSet<>();
    current.forEach(
        (id, config) -> {
          boolean wanted = id < request.instanceCount();
          if (!scope.contains(id)
              || (wanted && same.computeIfAbsent(config, request.taskConfig()::equals))) {
            unchanged.put(id, config);
          } else {
            replaced.put(id, config);
            if (wanted) {
              replacements.add(id);
            }
          }
        });
    for (int id = 0; id < request.instanceCount(); id++) {
      if (!current.containsKey(id) && scope.contains(id)) {
        replacements.add(id);
      }
    }
    return new RequestDiff(
        ImmutableSortedMap.copyOf(replaced),
        ImmutableSortedSet.copyOf(replacements),
        ImmutableSortedMap.copyOf(unchanged),
        scope.without(Sets.union(current.keySet(), replacements)));
  }

  /** Whether there is nothing to do. */
  boolean isEmpty() {
    return replaced.isEmpty() && replacements.isEmpty();
  }

  /** Refuses a scope with instances the update cannot touch. */
  void requireRelevant() {
    if (!irrelevant.isEmpty()) {
      throw Refusal.invalid(
          "The update request attempted to update specific instances, but some are irrelevant to"
              + " the update and current job state: ["
              + Joiner.on(", ").join(irrelevant)
              + (irrelevant.size() < IRRELEVANT_NAMED ? "]" : ", ...]"));
    }
  }

  /** The difference as an update keeps it. */
  JobUpdateInstructions instructions(JobUpdateRequest request) {
    return JobUpdateInstructions.builder()
        .initialState(
            InstanceGroups.map(
                replaced, (config, ids) -> new InstanceTaskConfig(config, InstanceRanges.of(ids))))
        .desiredState(
            replacements.isEmpty()
                ? null
                : new InstanceTaskConfig(request.taskConfig(), InstanceRanges.of(replacements)))
        .settings(request.settings())
        .build();
  }

  /** The difference as clients see it. */
  GetJobUpdateDiffResult describe(TaskConfig proposed) {
    Set<Integer> added = Sets.difference(replacements, replaced.keySet());
    return GetJobUpdateDiffResult.builder()
        .add(
            added.isEmpty()
                ? ImmutableSet.of()
                : ImmutableSet.of(new ConfigGroup(proposed, InstanceRanges.of(added))))
        .remove(InstanceGroups.of(Maps.filterKeys(replaced, id -> !replacements.contains(id))))
        .update(InstanceGroups.of(Maps.filterKeys(replaced, replacements::contains)))
        .unchanged(InstanceGroups.of(unchanged))
        .build();
  }

  /** The instances an update is limited to, as last ids by first ids; none means all. */
  private record Scope(TreeMap<Integer, Integer> ranges) {
    static Scope of(Collection<Range> ranges) {
      TreeMap<Integer, Integer> byFirst = new TreeMap<>();
      ranges.forEach(range -> byFirst.put(range.first(), range.last()));
      return new Scope(byFirst);
    }

    boolean contains(int id) {
      Map.Entry<Integer, Integer> range = ranges.floorEntry(id);
      return ranges.isEmpty() || (range != null && id <= range.getValue());
    }

    /** The first instances that are not among the known ones. */
    ImmutableSortedSet<Integer> without(Set<Integer> known) {
      TreeSet<Integer> rest = new TreeSet<>();
      for (Map.Entry<Integer, Integer> range : ranges.entrySet()) {
        for (long id = range.getKey(); id <= range.getValue(); id++) {
          if (rest.size() == IRRELEVANT_NAMED) {
            return ImmutableSortedSet.copyOf(rest);
          }
          if (!known.contains((int) id)) {
            rest.add((int) id);
          }
        }
      }
      return ImmutableSortedSet.copyOf(rest);
    }
  }
}
