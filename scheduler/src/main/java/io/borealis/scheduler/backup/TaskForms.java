package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AssignedTask;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.task.TaskStates;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tasks as this release keeps them. For one backup and one thread. */
final class TaskForms {
  private final ConfigForms configs;
  private final long madeMs;
  private final Consumer<String> note;
  private final boolean ours;
  private final Set<String> ids = new HashSet<>();
  private final Map<InstanceKey, String> active = new HashMap<>();

  TaskForms(ConfigForms configs, long madeMs, Consumer<String> note, boolean ours) {
    this.configs = configs;
    this.madeMs = madeMs;
    this.note = note;
    this.ours = ours;
  }

  ConfigForms configs() {
    return configs;
  }

  /** Checks a task and brings it to the present form. */
  ScheduledTask convert(ScheduledTask task) throws Unfit {
    AssignedTask assigned = task.assignedTask();
    if (assigned == null) {
      throw new Unfit("it has no assignedTask");
    }
    Unfit.unless(assigned.taskId() != null && !assigned.taskId().isEmpty(), "it has no id");
    Unfit.unless(task.status() != null, "it has no status, or one that is not known");
    Unfit.unless(assigned.instanceId() >= 0, "its instance is " + assigned.instanceId());
    for (TaskEvent event : task.taskEvents()) {
      Unfit.unless(event.status() != null, "an event of it has no status");
    }
    TaskConfig config = configs.convert(assigned.task());
    Unfit.unless(
        ours || !TaskStates.isAssigned(task.status()) || assigned.slaveId() != null,
        "it is " + task.status() + " and has no agent");
    Unfit.unless(ids.add(assigned.taskId()), "another task has the same id");
    if (TaskStates.isActive(task.status())) {
      String other =
          active.putIfAbsent(
              new InstanceKey(config.job(), assigned.instanceId()), assigned.taskId());
      Unfit.unless(other == null || ours, "its instance has another active task, " + other);
    }
    ScheduledTask next =
        task.toBuilder().assignedTask(assigned.toBuilder().task(config).build()).build();
    return ours ? next : present(next);
  }

  private ScheduledTask present(ScheduledTask task) {
    ScheduledTask next = task;
    if (next.status() == ScheduleStatus.INIT) {
      note.accept("tasks in INIT became PENDING");
      next = withEvent(next.toBuilder().status(ScheduleStatus.PENDING).build());
    }
    if (next.taskEvents().isEmpty()) {
      note.accept("tasks without events were given one of their status");
      next = withEvent(next);
    }
    return next;
  }

  private ScheduledTask withEvent(ScheduledTask task) {
    TaskEvent event =
        TaskEvent.builder()
            .timestamp(madeMs)
            .status(task.status())
            .message("Found in this state in a backup")
            .build();
    return task.toBuilder()
        .taskEvents(ImmutableList.<TaskEvent>builder().addAll(task.taskEvents()).add(event).build())
        .build();
  }

  static boolean isComplete(@Nullable JobKey job) {
    return job != null && job.role() != null && job.environment() != null && job.name() != null;
  }

  static boolean isLockOfJob(Lock lock) {
    return lock.key() instanceof LockKey.Job job && isComplete(job.value());
  }
}
