package io.borealis.scheduler.scheduling;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.SetMultimap;
import com.google.common.hash.Hashing;
import io.borealis.api.JobKey;
import io.borealis.api.TaskConfig;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The pending tasks by configuration; tasks with equal ones share their attempts and their waiting.
 * Knows which groups something has changed for, so that no others are looked at. For one thread.
 */
final class TaskGroups {
  private final Matcher matcher;
  private final SchedulingSettings settings;
  private final Map<TaskConfig, Group> groups = new HashMap<>();
  private final Map<String, Group> byTask = new HashMap<>();
  private final Map<Shape.Key, Shape> shapes = new HashMap<>();
  private final SetMultimap<JobKey, Group> limited = HashMultimap.create();

  /** Shapes of which any group may have something new to look at. */
  private final Set<Shape> open = new LinkedHashSet<>();

  /** Groups that have, beside those, by turn. */
  private final TreeMap<Long, Group> ready = new TreeMap<>();

  /** All groups by the time of their next attempt; those that are being tried are not in it. */
  private final TreeSet<Group> queue =
      new TreeSet<>(
          Comparator.<Group>comparingLong(group -> group.dueNanos)
              .thenComparingLong(group -> group.number));

  private long numbers;
  private long turns;

  /** All offers that arrived until then have opened what they had to open. */
  private long arrivals;

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
      group = create(config, nowNanos);
    }
    group.taskIds.add(taskId);
    byTask.put(taskId, group);
  }

  private Group create(TaskConfig config, long nowNanos) {
    Matcher.Request request = matcher.request(config);
    Shape shape = shapes.computeIfAbsent(Shape.Key.of(request), Shape::new);
    shape.size++;
    Group group = new Group(request, shape, ++numbers);
    group.turn = ++turns;
    group.dueNanos = nowNanos + settings.firstDelay().toNanos();
    groups.put(config, group);
    if (request.hasLimits()) {
      limited.put(config.job(), group);
    }
    queue.add(group);
    return group;
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
    limited.remove(group.request.config().job(), group);
    queue.remove(group);
    ready.remove(group.turn, group);
    Shape shape = group.shape;
    shape.dismiss(group);
    if (--shape.size == 0) {
      shapes.remove(shape.key);
      open.remove(shape);
    }
    return group;
  }

  /** The group of a task. */
  @Nullable Group of(String taskId) {
    return byTask.get(taskId);
  }

  /** All groups. */
  ImmutableList<Group> all() {
    return ImmutableList.copyOf(groups.values());
  }

  /**
   * Takes out the groups whose time has come. Each may be tried from now on, and is ready if there
   * is anything that it has not looked at; the others are returned.
   */
  ImmutableList<Group> takeDue(long nowNanos) {
    ImmutableList.Builder<Group> inVain = ImmutableList.builder();
    while (!queue.isEmpty() && nowNanos - queue.first().dueNanos >= 0) {
      Group group = queue.pollFirst();
      group.isDue = true;
      group.isWaiting = false;
      group.shape.admit(group);
      if (group.seenBefore() < arrivals) {
        keepReady(group);
      } else {
        inVain.add(group);
      }
    }
    return inVain.build();
  }

  /** Opens every shape if offers have arrived since the last time. */
  void onArrivals(long latest) {
    if (latest > arrivals) {
      arrivals = latest;
      open.addAll(shapes.values());
    }
  }

  /** A task of the job gave up its place, so that a limit may be satisfied again. */
  void relieve(JobKey job) {
    limited.get(job).forEach(this::reopen);
  }

  /** Where tasks of any job are may count differently now. */
  void relieveAll() {
    ImmutableSet.copyOf(limited.values()).forEach(this::reopen);
  }

  /** A task of the group may look at all offers again. */
  void reopen(Group group) {
    group.seen = 0;
    keepReady(group);
  }

  /** Takes out the shapes that may have something to look at. */
  ImmutableSet<Shape> takeOpen() {
    ImmutableSet<Shape> all = ImmutableSet.copyOf(open);
    open.clear();
    return all;
  }

  /** The turn of the next group that has something to look at, whatever its shape does. */
  OptionalLong nextReady() {
    return ready.isEmpty() ? OptionalLong.empty() : OptionalLong.of(ready.firstKey());
  }

  /** Takes that group out. */
  Group takeReady() {
    return ready.pollFirstEntry().getValue();
  }

  /** There is more to be looked at for the group, unless it waits. */
  void keepReady(Group group) {
    if (!group.isWaiting) {
      ready.put(group.turn, group);
    }
  }

  /** There is more to be looked at for the shape. */
  void keepOpen(Shape shape) {
    if (shape.size > 0) {
      open.add(shape);
    }
  }

  /** The turn of a group that would be added now: those that come in this round are before it. */
  long lastTurn() {
    return turns;
  }

  /** Puts the group behind all others. */
  void hadTurn(Group group) {
    boolean mayBeTried = group.shape.has(group);
    boolean isReady = ready.remove(group.turn, group);
    group.shape.dismiss(group);
    group.turn = ++turns;
    if (mayBeTried) {
      group.shape.admit(group);
    }
    if (isReady) {
      ready.put(group.turn, group);
    }
  }

  /**
   * Nothing was placed: the next attempt comes later each time, by a part that differs from group
   * to group (task rules, section 6.1).
   */
  void penalize(Group group, long nowNanos) {
    long half = group.penaltyNanos == 0 ? settings.initialPenalty().toNanos() : group.penaltyNanos;
    int chance =
        Hashing.murmur3_32_fixed()
            .newHasher()
            .putLong(group.number)
            .putLong(nowNanos)
            .hash()
            .asInt();
    long part = Math.round((chance >>> 1) / (double) Integer.MAX_VALUE * half);
    group.penaltyNanos = Math.min(settings.maxPenalty().toNanos(), half + part);
    due(group, nowNanos + group.penaltyNanos);
  }

  /** As {@link #penalize}, and nothing lets the group try again before. */
  void suspend(Group group, long nowNanos) {
    group.isWaiting = true;
    group.shape.dismiss(group);
    ready.remove(group.turn, group);
    penalize(group, nowNanos);
  }

  /**
   * A place was found, but nothing could be written. Nothing lets the group try again at once, but
   * it does not wait for as long as after searches in vain: there is room.
   */
  void postpone(Group group, long nowNanos) {
    group.penaltyNanos = 0;
    suspend(group, nowNanos);
  }

  /** Something was placed: the group goes on at once, or after the first penalty. */
  void reward(Group group, boolean mayPlaceMore, long nowNanos) {
    group.penaltyNanos = 0;
    if (mayPlaceMore) {
      keepReady(group);
    }
    due(group, mayPlaceMore ? nowNanos : nowNanos + settings.initialPenalty().toNanos());
  }

  /** Sets the time of the next attempt of a group that still has tasks. */
  void due(Group group, long nanos) {
    queue.remove(group);
    group.isDue = false;
    group.dueNanos = nanos;
    if (!group.taskIds.isEmpty()) {
      queue.add(group);
    }
  }

  /** When something is due next. */
  OptionalLong nextDue() {
    return queue.isEmpty() ? OptionalLong.empty() : OptionalLong.of(queue.first().dueNanos);
  }
}
