package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Sets;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.task.TaskStates;
import org.jspecify.annotations.Nullable;

/** What to do about one instance of an update (update rules, section 5.2). Pure. */
final class InstanceRules {
  private static final ImmutableSet<ScheduleStatus> KILLED =
      Sets.immutableEnumSet(ScheduleStatus.KILLING);

  /** What the cluster or its operators do to tasks that come back elsewhere. */
  private static final ImmutableSet<ScheduleStatus> TAKEN_AWAY =
      Sets.immutableEnumSet(
          ScheduleStatus.RESTARTING, ScheduleStatus.PREEMPTING, ScheduleStatus.DRAINING);

  private InstanceRules() {}

  /** The next step of an instance. */
  sealed interface Step {
    /** It is as it shall be. */
    record Done() implements Step {}

    /** Its task shall go. */
    record Kill(String taskId) implements Step {}

    /** A task shall come. */
    record Add(TaskConfig config) implements Step {}

    /** It is well, but must stay so until then; milliseconds since the epoch. */
    record Watch(long untilMs) implements Step {}

    /** Something is under way that ends in an event. */
    record Await() implements Step {}
  }

  /**
   * Decides from the active task.
   *
   * @param target the configuration the instance shall have; null when it shall not exist
   * @param task its active task; null when there is none: what has ended and was not rescheduled
   *     counts as gone (W-17)
   * @param minWaitMs how long a task must have been RUNNING
   * @throws IllegalArgumentException when a task that shall exist has no history
   */
  static Step decide(
      @Nullable TaskConfig target, @Nullable ScheduledTask task, long minWaitMs, long nowMs) {
    if (task == null) {
      return target == null ? new Step.Done() : new Step.Add(target);
    }
    if (target != null && task.taskEvents().isEmpty()) {
      throw new IllegalArgumentException(
          "Task " + task.assignedTask().taskId() + " has no history");
    }
    boolean dying = task.status() == ScheduleStatus.KILLING;
    if (target == null || !target.equals(task.assignedTask().task())) {
      return dying ? new Step.Await() : new Step.Kill(task.assignedTask().taskId());
    }
    if (task.status() != ScheduleStatus.RUNNING) {
      return new Step.Await();
    }
    long until = Iterables.getLast(task.taskEvents()).timestamp() + minWaitMs;
    return nowMs >= until ? new Step.Done() : new Step.Watch(until);
  }

  /** Whether a task of the target fits where one of the other was, under the same constraints. */
  static boolean fitsInPlaceOf(@Nullable TaskConfig old, @Nullable TaskConfig target) {
    return old != null
        && target != null
        && target.constraints().equals(old.constraints())
        && ResourceVector.of(target).fitsIn(ResourceVector.of(old));
  }

  /**
   * Whether a task is of the wanted configuration, in whatever state, and will not be taken away.
   */
  static boolean isThere(@Nullable TaskConfig target, @Nullable ScheduledTask task) {
    return target != null
        && task != null
        && task.status() != ScheduleStatus.KILLING
        && target.equals(task.assignedTask().task());
  }

  /**
   * Whether a change of a task is a failure of the update: its new task has ended, and not because
   * somebody killed it. Tasks from before the instance was begun do not count (W-1).
   *
   * @param sinceMs when the instance was begun
   * @param tolerant whether the end of a task that the cluster took away does not count (W-4)
   */
  static boolean isFailure(
      @Nullable TaskConfig target, ScheduledTask task, long sinceMs, boolean tolerant) {
    if (target == null
        || !TaskStates.isTerminal(task.status())
        || !target.equals(task.assignedTask().task())) {
      return false;
    }
    long created =
        task.taskEvents().isEmpty() ? Long.MIN_VALUE : task.taskEvents().get(0).timestamp();
    return created >= sinceMs
        && !wasIn(KILLED, task)
        && !(tolerant && (task.status() == ScheduleStatus.LOST || wasIn(TAKEN_AWAY, task)));
  }

  private static boolean wasIn(ImmutableSet<ScheduleStatus> statuses, ScheduledTask task) {
    for (TaskEvent event : task.taskEvents()) {
      if (statuses.contains(event.status())) {
        return true;
      }
    }
    return false;
  }
}
