package io.borealis.scheduler.maintenance;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.sla.SlaAnswer;
import io.borealis.scheduler.sla.SlaCheck;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.sla.SlaOutcome;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to take a task off a host that is drained, inside a transaction: only if the host
 * still is, and the task still there (task rules, section 13.4). For the writer's thread.
 */
public final class TaskDrain {
  private static final Logger LOG = LoggerFactory.getLogger(TaskDrain.class);

  /** Told to coordinators: when the task goes without being asked about, in ms from now. */
  static final String COUNTDOWN = "forceMaintenanceCountdownMs";

  private static final String MESSAGE = "Draining machine for maintenance.";

  /** A task in any other active state is on its way out. */
  private static final ImmutableSet<ScheduleStatus> DRAINABLE =
      Sets.immutableEnumSet(
          ScheduleStatus.ASSIGNED,
          ScheduleStatus.STARTING,
          ScheduleStatus.RUNNING,
          ScheduleStatus.PARTITIONED);

  private final TaskLifecycle lifecycle;
  private final Counter missing;

  public TaskDrain(TaskLifecycle lifecycle, MeterRegistry meters) {
    this.lifecycle = lifecycle;
    this.missing = meters.counter("missing_maintenance_request");
  }

  /**
   * A task on a host.
   *
   * @param request what was stored when this began; another one makes another attempt
   */
  record Victim(
      String host,
      @Nullable HostMaintenanceRequest request,
      String taskId,
      JobKey job,
      int instance) {}

  static boolean isDrainable(ScheduledTask task) {
    return DRAINABLE.contains(task.status());
  }

  /**
   * Drains the task if its policy allows it or the time is over.
   *
   * @param remainingMs what is left of the time
   */
  SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, Victim victim, long remainingMs) {
    return whileWanted(
        tx, victim, (task, request) -> attempt(tx, check, task, request, remainingMs));
  }

  /** Drains the task, which its coordinator allowed. */
  SlaOutcome now(WriteTransaction tx, Victim victim) {
    return whileWanted(tx, victim, (task, request) -> drain(tx, task));
  }

  private SlaOutcome whileWanted(
      WriteTransaction tx,
      Victim victim,
      BiFunction<ScheduledTask, HostMaintenanceRequest, SlaOutcome> act) {
    ScheduledTask task = tx.state().tasks().get(victim.taskId());
    HostMaintenanceRequest request = tx.state().maintenance().get(victim.host());
    if (!HostModes.isDraining(tx.state(), victim.host())
        || task == null
        || !isDrainable(task)
        || !Objects.equals(request, victim.request())) {
      return new SlaOutcome.Ended();
    } else if (request == null) {
      tx.afterCommit(missing::increment);
      LOG.atWarn()
          .addKeyValue("host", victim.host())
          .addKeyValue("task", victim.taskId())
          .log("A host is to be drained, but nothing is stored about how");
      return new SlaOutcome.Denied(new SlaDenial.NoRequest());
    }
    return act.apply(task, request);
  }

  private SlaOutcome attempt(
      WriteTransaction tx,
      SlaCheck check,
      ScheduledTask task,
      HostMaintenanceRequest request,
      long remainingMs) {
    SlaPolicy policy = remainingMs <= 0 ? null : policyOf(task, request);
    SlaAnswer answer =
        policy == null ? new SlaAnswer.Allowed() : check.check(policy, task, tx.state().tasks());
    if (answer instanceof SlaAnswer.Denied denied) {
      return new SlaOutcome.Denied(denied.denial());
    } else if (answer instanceof SlaAnswer.AskCoordinator ask) {
      return new SlaOutcome.Ask(
          ask.policy(), task, ImmutableMap.of(COUNTDOWN, Long.toString(remainingMs)));
    }
    SlaOutcome drained = drain(tx, task);
    check.tookDown(task, tx.state().tasks());
    return drained;
  }

  private static @Nullable SlaPolicy policyOf(ScheduledTask task, HostMaintenanceRequest request) {
    TaskConfig config = task.assignedTask().task();
    SlaPolicy own = config == null ? null : config.slaPolicy();
    return own == null ? request.defaultSlaPolicy() : own;
  }

  /** Drains the task, which may go. */
  SlaOutcome drain(WriteTransaction tx, ScheduledTask task) {
    var unused =
        lifecycle.changeState(
            tx, task.assignedTask().taskId(), null, ScheduleStatus.DRAINING, MESSAGE);
    return new SlaOutcome.Ended();
  }
}
