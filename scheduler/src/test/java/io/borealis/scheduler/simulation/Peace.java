package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What must come about when nothing goes wrong any more: who waits for a place gets the one there
 * is, and nothing stays on its way. For one thread.
 */
final class Peace {
  /** Shorter than the longest time between two attempts: what opens a place must be noticed. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(25);

  private static final Duration LONGEST_WAY = Duration.ofSeconds(60);
  private static final ImmutableSet<ScheduleStatus> ON_THE_WAY =
      ImmutableSet.<ScheduleStatus>builder()
          .addAll(TaskStates.TRANSIENT)
          .add(ScheduleStatus.STARTING, ScheduleStatus.THROTTLED, ScheduleStatus.INIT)
          .build();

  private final Truth truth;
  private final Map<String, Long> waiting = new HashMap<>();
  private final Map<String, Long> moving = new HashMap<>();

  Peace(Truth truth) {
    this.truth = truth;
  }

  /**
   * Looks around, as is to be done each second.
   *
   * @param offers what the leader could use
   */
  void look(Iterable<Offer> offers, long nowNanos) {
    State state = truth.now();
    Map<String, Long> waitedBefore = Map.copyOf(waiting);
    Map<String, Long> movedBefore = Map.copyOf(moving);
    waiting.clear();
    moving.clear();
    for (ScheduledTask task : state.tasks().all()) {
      String id = task.assignedTask().taskId();
      if (task.status() == ScheduleStatus.PENDING && hasPlace(state, task, offers)) {
        waiting.put(id, waitedBefore.getOrDefault(id, nowNanos));
        truth.require(
            nowNanos - waiting.get(id) <= LONGEST_WAIT.toNanos(),
            "a task is not placed though there is room: " + task + ": " + offers);
      } else if (ON_THE_WAY.contains(task.status())) {
        String step = id + task.taskEvents().size();
        moving.put(step, movedBefore.getOrDefault(step, nowNanos));
        truth.require(
            nowNanos - moving.get(step) <= LONGEST_WAY.toNanos(),
            "a task stays on its way: " + task);
      }
    }
  }

  private boolean hasPlace(State state, ScheduledTask task, Iterable<Offer> offers) {
    TaskConfig config = task.assignedTask().task();
    for (Offer offer : offers) {
      if (new Room(offer).take(config)
          && HostRules.objection(state, config, offer.host(), other -> true) == null) {
        return true;
      }
    }
    return false;
  }
}
