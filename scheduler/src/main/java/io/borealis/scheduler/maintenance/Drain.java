package io.borealis.scheduler.maintenance;

import io.borealis.api.HostMaintenanceRequest;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.sla.SlaAttempts.Attempt;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What goes on about one host that is drained. Confined to the writer's loop. */
final class Drain {
  final String host;
  final @Nullable HostMaintenanceRequest request;

  /** The attempts by task. */
  final Map<String, Attempt<TaskDrain.Victim>> attempts = new HashMap<>();

  /** Fires when the time is over. */
  EventLoop.@Nullable Timer timer;

  private final Clock clock;
  private final long deadlineNanos;

  /**
   * @param nowMs wall time, not before State's stamp
   */
  Drain(String host, @Nullable HostMaintenanceRequest request, long nowMs, Clock clock) {
    this.host = host;
    this.request = request;
    this.clock = clock;
    long left = request == null ? Long.MAX_VALUE / 2 : 0;
    if (request != null) {
      left = TimeUnit.MILLISECONDS.toNanos(Requests.remainingMs(request, nowMs));
    }
    this.deadlineNanos = clock.nanoTime() + left;
  }

  /** What is left of the time, never negative; for any thread. */
  long remainingNanos() {
    return Math.max(0, deadlineNanos - clock.nanoTime());
  }

  /** The same in ms, rounded up: zero means that the time is over. */
  long remainingMs() {
    return TimeUnit.NANOSECONDS.toMillis(remainingNanos() + 999_999);
  }
}
