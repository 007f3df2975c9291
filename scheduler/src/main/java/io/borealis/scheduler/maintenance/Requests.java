package io.borealis.scheduler.maintenance;

import com.google.common.math.LongMath;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.SlaPolicy;
import java.util.concurrent.TimeUnit;

/** Until when hosts have time to become empty. Pure. */
public final class Requests {
  /** Longest time a host may be given: whatever it is counted in, nothing overflows. */
  public static final long LONGEST_TIMEOUT_SECS = TimeUnit.DAYS.toSeconds(36_500);

  /** Lets every task go. */
  static final SlaPolicy AT_ONCE =
      new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(0.0, 0L));

  private Requests() {}

  /** When all tasks go, as wall time in ms; saturates. */
  static long deadlineMs(HostMaintenanceRequest request) {
    return LongMath.saturatedAdd(request.createdTimestampMs(), timeoutMs(request));
  }

  /** What is left of the time; never more than was given, whatever the clocks say. */
  public static long remainingMs(HostMaintenanceRequest request, long nowMs) {
    long left = LongMath.saturatedSubtract(deadlineMs(request), nowMs);
    return Math.max(0, Math.min(left, timeoutMs(request)));
  }

  private static long timeoutMs(HostMaintenanceRequest request) {
    return TimeUnit.SECONDS.toMillis(
        Math.max(0, Math.min(LONGEST_TIMEOUT_SECS, request.timeoutSecs())));
  }
}
