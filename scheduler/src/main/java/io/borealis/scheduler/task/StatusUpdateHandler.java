package io.borealis.scheduler.task;

import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the cluster reports into State, each report in a transaction of its own, and confirms
 * it once that is durable. Thread-safe; never blocks.
 */
public final class StatusUpdateHandler {
  private static final Logger LOG = LoggerFactory.getLogger(StatusUpdateHandler.class);
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private final Writes writes;
  private final TaskLifecycle lifecycle;
  private final ClusterDriver driver;
  private final Clock clock;
  private final MeterRegistry meters;

  public StatusUpdateHandler(
      Writes writes,
      TaskLifecycle lifecycle,
      ClusterDriver driver,
      Clock clock,
      MeterRegistry meters) {
    this.writes = writes;
    this.lifecycle = lifecycle;
    this.driver = driver;
    this.clock = clock;
    this.meters = meters;
  }

  /** Takes a report in. One that cannot be stored is not confirmed, and so comes again. */
  public void handle(StatusUpdate update) {
    ScheduleStatus target = statusOf(update);
    writes
        .submit(
            WriteClass.STATUS,
            clock.nanoTime() + DEADLINE.toNanos(),
            tx -> lifecycle.changeState(tx, update.taskId(), null, target, messageOf(update)))
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.atWarn()
                    .addKeyValue("task", update.taskId())
                    .addKeyValue("state", update.state())
                    .log(
                        "A status update could not be stored and will come again: {}",
                        failure.getMessage());
                return;
              }
              if (update.reason() != null) {
                meters.counter("status_update_" + update.reason() + "_" + result).increment();
              }
              if (update.uuid() != null) {
                driver.acknowledge(update);
              }
            });
  }

  private static ScheduleStatus statusOf(StatusUpdate update) {
    return switch (update.state()) {
      case TASK_STAGING, TASK_STARTING -> ScheduleStatus.STARTING;
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
