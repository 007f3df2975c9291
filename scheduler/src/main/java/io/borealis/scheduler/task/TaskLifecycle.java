package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.store.Table;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskStateMachine.Node;
import io.borealis.scheduler.task.TaskStateMachine.Transition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves tasks along the table of transitions, within transactions. For the writer's thread. */
public final class TaskLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLifecycle.class);
  private static final String TO_LOST_MESSAGE =
      "Action performed on partitioned task, marking as LOST.";

  private final TaskEffects effects;
  private final TaskIds ids;
  private final Flapping flapping;
  private final String schedulerName;
  private final Counter illegal;

  /** How a transition ended (task rules, section 3.1). */
  public enum Result {
    /** The task is in the new state. */
    SUCCESS,
    /** It was there already. */
    NOOP,
    /** The transition is not allowed. */
    ILLEGAL,
    /** The transition is not allowed; the task is being killed instead. */
    ILLEGAL_WITH_SIDE_EFFECTS,
    /** The task is gone or not in the state that was expected. */
    INVALID_CAS_STATE
  }

  /**
   * @param schedulerName name of this host, recorded with each event
   * @param uuids source of the random part of task ids
   * @param random uniform in [0, 1)
   * @param meters where transitions that are not allowed are counted
   */
  public TaskLifecycle(
      TaskPolicy policy,
      TaskEffects effects,
      String schedulerName,
      Supplier<UUID> uuids,
      DoubleSupplier random,
      MeterRegistry meters) {
    this.effects = effects;
    this.ids = new TaskIds(uuids);
    this.flapping = new Flapping(policy, random);
    this.schedulerName = schedulerName;
    this.illegal = meters.counter("scheduler_illegal_task_state_transitions");
  }

  /**
   * Moves a task to another state.
   *
   * @param expected the state it must be in; null for any
   * @param message recorded with the event; null for none
   */
  public Result changeState(
      WriteTransaction tx,
      String taskId,
      @Nullable ScheduleStatus expected,
      ScheduleStatus target,
      @Nullable String message) {
    ScheduledTask task = tx.state().tasks().get(taskId);
    if (expected != null && (task == null || task.status() != expected)) {
      return Result.INVALID_CAS_STATE;
    }
    Node from = task == null ? Node.DELETED : Node.of(task.status());
    Node to = Node.of(target);
    if (from == to) {
      return Result.NOOP;
    }
    Transition transition = TaskStateMachine.of(from, to);
    apply(tx, taskId, task, target, message, transition);
    if (transition.legal()) {
      return Result.SUCCESS;
    }
    tx.afterCommit(illegal::increment);
    LOG.atWarn()
        .addKeyValue("task", taskId)
        .addKeyValue("from", from)
        .addKeyValue("to", target)
        .log("A task cannot change its state this way");
    return transition.effects().isEmpty() ? Result.ILLEGAL : Result.ILLEGAL_WITH_SIDE_EFFECTS;
  }

  private void apply(
      WriteTransaction tx,
      String taskId,
      @Nullable ScheduledTask task,
      ScheduleStatus target,
      @Nullable String message,
      Transition transition) {
    @Nullable ScheduledTask now = task;
    for (Effect effect : transition.effects()) {
      switch (effect) {
        case INCREMENT_FAILURES ->
            now = present(now).toBuilder().failureCount(present(now).failureCount() + 1).build();
        case SAVE -> {
          now = withEvent(present(now), target, message, tx.nowMs());
          tx.save(now);
        }
        case RESCHEDULE -> reschedule(tx, present(now));
        case RESCHEDULE_IF_FAILURES_REMAIN -> {
          if (mayFailAgain(present(task))) {
            reschedule(tx, present(now));
          }
        }
        case RESCHEDULE_IF_SERVICE -> {
          if (config(present(now)).isService()) {
            reschedule(tx, present(now));
          }
        }
        case RESCHEDULE_UNLESS_KILLED -> {
          if (present(task).taskEvents().stream()
              .noneMatch(event -> event.status() == ScheduleStatus.KILLING)) {
            reschedule(tx, present(now));
          }
        }
        case MARK_LOST -> {
          var unused = changeState(tx, taskId, null, ScheduleStatus.LOST, TO_LOST_MESSAGE);
        }
        case KILL -> tx.afterCommit(() -> effects.kill(taskId));
        case DELETE -> tx.removeTask(taskId);
      }
    }
  }

  private static boolean mayFailAgain(ScheduledTask before) {
    TaskConfig config = config(before);
    return config.isService()
        || config.maxTaskFailures() == -1
        || before.failureCount() < config.maxTaskFailures() - 1;
  }

  private void reschedule(WriteTransaction tx, ScheduledTask dying) {
    int instance = dying.assignedTask().instanceId();
    long penalty = flapping.penaltyMs(tx.state().tasks(), dying);
    ScheduledTask successor =
        fresh(config(dying), instance).toBuilder()
            .failureCount(dying.failureCount())
            .ancestorId(dying.assignedTask().taskId())
            .build();
    tx.save(
        penalty > 0
            ? withEvent(
                successor,
                ScheduleStatus.THROTTLED,
                "Rescheduled, penalized for " + penalty + " ms for flapping",
                tx.nowMs())
            : withEvent(successor, ScheduleStatus.PENDING, "Rescheduled", tx.nowMs()));
  }

  /**
   * Creates a pending task for each instance.
   *
   * @throws IllegalArgumentException when no instance is given
   * @throws IllegalStateException {@code Instance ID collision detected.} when one of them has an
   *     active task or is given twice
   */
  public ImmutableList<ScheduledTask> insertPending(
      WriteTransaction tx, TaskConfig config, Iterable<Integer> instances) {
    JobKey job = config.job();
    Table<Integer, ScheduledTask> active =
        job == null ? Table.empty() : tx.state().tasks().ofJob(job).active();
    Set<Integer> taken = new HashSet<>();
    ImmutableList.Builder<ScheduledTask> tasks = ImmutableList.builder();
    for (int instance : instances) {
      if (job == null || !taken.add(instance) || active.contains(instance)) {
        throw new IllegalStateException("Instance ID collision detected.");
      }
      tasks.add(withEvent(fresh(config, instance), ScheduleStatus.PENDING, null, tx.nowMs()));
    }
    ImmutableList<ScheduledTask> all = tasks.build();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("No instances are given");
    }
    tx.change(new Op.SaveTasks(new SaveTasks(ImmutableSet.copyOf(all))));
    return all;
  }

  /**
   * Places a pending task on a host.
   *
   * @throws IllegalStateException when the task is not PENDING; nothing has changed then
   */
  public ScheduledTask assign(
      WriteTransaction tx,
      String taskId,
      String host,
      String slaveId,
      ImmutableMap<String, Integer> ports) {
    ScheduledTask task = tx.state().tasks().get(taskId);
    if (task == null || task.status() != ScheduleStatus.PENDING) {
      throw new IllegalStateException("Task " + taskId + " is not PENDING");
    }
    ScheduledTask placed =
        task.toBuilder()
            .assignedTask(
                task.assignedTask().toBuilder()
                    .slaveHost(host)
                    .slaveId(slaveId)
                    .assignedPorts(ports)
                    .build())
            .build();
    ScheduledTask assigned = withEvent(placed, ScheduleStatus.ASSIGNED, null, tx.nowMs());
    tx.save(assigned);
    return assigned;
  }

  /** Removes tasks, whatever their state; unknown ids are skipped. */
  public void delete(WriteTransaction tx, Iterable<String> taskIds) {
    List<String> existing = new ArrayList<>();
    for (String id : taskIds) {
      if (tx.state().tasks().get(id) != null) {
        existing.add(id);
      }
    }
    if (!existing.isEmpty()) {
      tx.change(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.copyOf(existing))));
    }
  }

  private ScheduledTask fresh(TaskConfig config, int instance) {
    return ScheduledTask.builder()
        .assignedTask(
            AssignedTask.builder()
                .taskId(ids.next(config, instance))
                .task(config)
                .instanceId(instance)
                .build())
        .status(ScheduleStatus.INIT)
        .build();
  }

  private ScheduledTask withEvent(
      ScheduledTask task, ScheduleStatus status, @Nullable String message, long nowMs) {
    ImmutableList<TaskEvent> events = task.taskEvents();
    ScheduledTask.Builder changed = task.toBuilder().status(status);
    if (status == ScheduleStatus.PARTITIONED) {
      changed.timesPartitioned(task.timesPartitioned() + 1);
      events = compacted(events);
    }
    TaskEvent event = new TaskEvent(nowMs, status, message, schedulerName);
    return changed
        .taskEvents(
            ImmutableList.<TaskEvent>builderWithExpectedSize(events.size() + 1)
                .addAll(events)
                .add(event)
                .build())
        .build();
  }

  /** A task that comes and goes would fill its history: pairs after the first are dropped. */
  private static ImmutableList<TaskEvent> compacted(ImmutableList<TaskEvent> events) {
    int size = events.size();
    return size >= 3
            && events.get(size - 2).status() == ScheduleStatus.PARTITIONED
            && events.get(size - 1).status() == events.get(size - 3).status()
        ? events.subList(0, size - 2)
        : events;
  }

  private static TaskConfig config(ScheduledTask task) {
    TaskConfig config = task.assignedTask().task();
    if (config == null) {
      throw new IllegalStateException(
          "Task " + task.assignedTask().taskId() + " has no configuration");
    }
    return config;
  }

  private static ScheduledTask present(@Nullable ScheduledTask task) {
    if (task == null) {
      throw new IllegalStateException("A task that is gone cannot change");
    }
    return task;
  }
}
