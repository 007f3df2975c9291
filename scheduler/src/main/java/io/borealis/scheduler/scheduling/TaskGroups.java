package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import io.borealis.api.TaskConfig;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pending tasks by configuration; tasks with equal ones share their attempts and their waiting.
 * For one thread.
 */
final class TaskGroups {
  private final Matcher matcher;
  private final SchedulingSettings settings;
  private final Map<TaskConfig, Group> groups = new LinkedHashMap<>();
  private final Map<String, Group> byTask = new HashMap<>();

  TaskGroups(Matcher matcher, SchedulingSettings settings) {
    this.matcher = matcher;
    this.settings = settings;
  }

  /** Adds a task; one that is known changes nothing. */
  void add(String taskId, TaskConfig config, long nowNanos) {
    if (byTask.containsKey(taskId)) {
      return;
    }
    Group group = groups.get(config);
    if (group == null) {
      group = new Group(matcher.request(config), nowNanos + settings.firstDelay().toNanos());
      groups.put(config, group);
    }
    group.taskIds.add(taskId);
    byTask.put(taskId, group);
  }

  /** Removes a task, and with the last one its group, which is returned then. */
  @Nullable Group remove(String taskId) {
    Group group = byTask.remove(taskId);
    if (group == null) {
      return null;
    }
    group.taskIds.remove(taskId);
    if (!group.taskIds.isEmpty()) {
      return null;
    }
    groups.remove(group.request.config());
    return group;
  }

  /** The group of a task. */
  @Nullable Group of(String taskId) {
    return byTask.get(taskId);
  }

  /** The groups, those that had the least recent turn first. */
  ImmutableList<Group> inTurn() {
    return ImmutableList.copyOf(groups.values());
  }

  /** Puts the group behind all others. */
  void hadTurn(Group group) {
    if (groups.remove(group.request.config(), group)) {
      groups.put(group.request.config(), group);
    }
  }

  /** Nothing was placed: the group waits, each time longer. */
  void penalize(Group group, long nowNanos) {
    long max = settings.maxPenalty().toNanos();
    long initial = settings.initialPenalty().toNanos();
    group.penaltyNanos = Math.min(max, group.penaltyNanos == 0 ? initial : group.penaltyNanos * 2);
    group.dueNanos = nowNanos + group.penaltyNanos;
  }

  /** Something was placed: the group goes on at once, or after the first penalty. */
  void reward(Group group, boolean mayPlaceMore, long nowNanos) {
    group.penaltyNanos = 0;
    group.dueNanos = mayPlaceMore ? nowNanos : nowNanos + settings.initialPenalty().toNanos();
  }

  /** The tasks of one configuration that wait. */
  static final class Group {
    final Matcher.Request request;
    final Set<String> taskIds = new LinkedHashSet<>();

    /** Monotonic time of the next attempt on all offers. */
    long dueNanos;

    /** The current penalty; 0 before the first. */
    long penaltyNanos;

    /** The latest offer that was looked at. */
    long seenArrivals;

    /** Whether its last turn ended because a transaction was full. */
    boolean wasCut;

    private Group(Matcher.Request request, long dueNanos) {
      this.request = request;
      this.dueNanos = dueNanos;
    }

    /** Lets the others go before a task that had bad luck. */
    void putLast(String taskId) {
      if (taskIds.remove(taskId)) {
        taskIds.add(taskId);
      }
    }
  }
}
