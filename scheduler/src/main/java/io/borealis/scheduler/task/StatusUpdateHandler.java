package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableList;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings what the cluster reports into State, each report in a transaction of its own, and confirms
 * it once that is durable. Thread-safe; never blocks.
 */
public final class StatusUpdateHandler {
  private static final Logger LOG = LoggerFactory.getLogger(StatusUpdateHandler.class);
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private final Writes writes;
  private final Supplier<State> durable;
  private final TaskLifecycle lifecycle;
  private final ClusterDriver driver;
  private final Clock clock;
  private final ReportCounters counters;

  /**
   * @param durable the newest durable State
   */
  public StatusUpdateHandler(
      Writes writes,
      Supplier<State> durable,
      TaskLifecycle lifecycle,
      ClusterDriver driver,
      Clock clock,
      MeterRegistry meters) {
    this.writes = writes;
    this.durable = durable;
    this.lifecycle = lifecycle;
    this.driver = driver;
    this.clock = clock;
    this.counters = new ReportCounters(meters, clock);
  }

  /** What became of a report, and whether the cluster is to be asked about its task again. */
  private record Outcome(Result result, boolean askAgain) {}

  /** Takes a report in. One that cannot be stored is not confirmed, and so comes again. */
  public void handle(StatusUpdate update) {
    log(update);
    counters.taken(update);
    if (saysNothingNew(update)) {
      counters.ended(update, Result.NOOP);
      return;
    }
    writes
        .submit(WriteClass.STATUS, clock.nanoTime() + DEADLINE.toNanos(), tx -> bring(tx, update))
        .whenComplete((outcome, failure) -> ended(update, outcome, failure));
  }

  /**
   * An answer that waits for no confirmation and tells what is stored. A new leader gets one for
   * every task; if each were a transaction, those that matter would find no room.
   */
  private boolean saysNothingNew(StatusUpdate update) {
    ScheduledTask task = durable.get().tasks().get(update.taskId());
    return update.uuid() == null
        && task != null
        && task.status() == statusOf(update.state(), task.status());
  }

  private Outcome bring(WriteTransaction tx, StatusUpdate update) {
    ScheduledTask task = tx.state().tasks().get(update.taskId());
    ScheduleStatus from = task == null ? null : task.status();
    Result result =
        lifecycle.changeState(
            tx, update.taskId(), null, statusOf(update.state(), from), messageOf(update));
    // A task that ended out of sight and may not say so would stay PARTITIONED.
    boolean hidden =
        from == ScheduleStatus.PARTITIONED
            && result == Result.ILLEGAL
            && update.state().isTerminal();
    return new Outcome(result, hidden && update.uuid() != null);
  }

  private void ended(StatusUpdate update, @Nullable Outcome outcome, @Nullable Throwable failure) {
    counters.ended(update, outcome == null ? null : outcome.result());
    if (outcome == null) {
      LOG.atWarn()
          .addKeyValue("task", update.taskId())
          .addKeyValue("state", update.state())
          .log(
              "A status update could not be stored; the cluster tells it again, if asked at the latest: {}",
              failure == null ? "" : failure.getMessage());
      return;
    }
    if (update.uuid() != null) {
      driver.acknowledge(update);
    }
    if (outcome.askAgain()) {
      driver.reconcile(ImmutableList.of(new TaskRef(update.taskId(), update.agentId())));
    }
  }

  private static void log(StatusUpdate update) {
    LOG.atLevel("REASON_RECONCILIATION".equals(update.reason()) ? Level.DEBUG : Level.INFO)
        .addKeyValue("task", update.taskId())
        .addKeyValue("state", update.state())
        .addKeyValue("reason", update.reason())
        .log("Status update: {}", firstLine(update.message()));
  }

  private static String firstLine(@Nullable String message) {
    if (message == null) {
      return "";
    }
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end) + " (truncated)";
  }

  /**
   * The status that a state means (task rules, section 5.1). That the cluster has a task but has
   * not begun with it is no progress: it stays ASSIGNED, or becomes so again, and so has a timeout.
   */
  private static ScheduleStatus statusOf(ClusterTaskState state, @Nullable ScheduleStatus from) {
    return switch (state) {
      case TASK_STAGING ->
          from == ScheduleStatus.ASSIGNED || from == ScheduleStatus.PARTITIONED
              ? ScheduleStatus.ASSIGNED
              : ScheduleStatus.STARTING;
      case TASK_STARTING -> ScheduleStatus.STARTING;
      case TASK_RUNNING -> ScheduleStatus.RUNNING;
      case TASK_FINISHED -> ScheduleStatus.FINISHED;
      case TASK_FAILED -> ScheduleStatus.FAILED;
      case TASK_KILLED, TASK_KILLING -> ScheduleStatus.KILLED;
      case TASK_LOST, TASK_ERROR, TASK_DROPPED, TASK_GONE, TASK_GONE_BY_OPERATOR ->
          ScheduleStatus.LOST;
      case TASK_UNREACHABLE, TASK_UNKNOWN -> ScheduleStatus.PARTITIONED;
    };
  }

  /** What is recorded with the event (task rules, section 5.3). */
  private static @Nullable String messageOf(StatusUpdate update) {
    String reason = update.reason();
    if ("REASON_EXECUTOR_UNREGISTERED".equals(reason)) {
      return null;
    }
    if (update.message() != null) {
      return update.message();
    }
    if ("REASON_CONTAINER_LIMITATION_MEMORY".equals(reason)) {
      return "Task used more memory than requested.";
    }
    return "REASON_CONTAINER_LIMITATION_DISK".equals(reason)
        ? "Task used more disk than requested."
        : null;
  }
}
