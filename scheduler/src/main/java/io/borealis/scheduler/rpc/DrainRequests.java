package io.borealis.scheduler.rpc;

import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.maintenance.Requests;
import org.jspecify.annotations.Nullable;

/**
 * Checks how hosts are to be drained: whatever is stored can be kept and followed later. Whether a
 * policy suits a job shows when its tasks are checked. Stateless.
 */
final class DrainRequests {
  private static final int MAX_URL = 2048;
  private static final int MAX_KEY = 255;

  private DrainRequests() {}

  static void validate(@Nullable SlaPolicy policy, long timeoutSecs) {
    if (timeoutSecs < 0) {
      throw Refusal.invalid("timeoutSecs must not be negative, but is " + timeoutSecs + ".");
    } else if (timeoutSecs > Requests.LONGEST_TIMEOUT_SECS) {
      throw Refusal.invalid(
          "timeoutSecs must be at most "
              + Requests.LONGEST_TIMEOUT_SECS
              + ", which is a hundred years, but is "
              + timeoutSecs
              + ".");
    }
    if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      validate(percentage.value());
    } else if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      validate(count.value());
    } else if (policy instanceof SlaPolicy.CoordinatorSlaPolicy coordinator) {
      validate(coordinator.value());
    } else if (policy != null) {
      throw Refusal.invalid("defaultSlaPolicy must be of a kind that this scheduler knows.");
    }
  }

  private static void validate(PercentageSlaPolicy policy) {
    // This way round because of NaN.
    if (!(policy.percentage() >= 0 && policy.percentage() <= 100)) {
      throw Refusal.invalid(
          "defaultSlaPolicy.percentageSlaPolicy.percentage must be between 0 and 100, but is "
              + policy.percentage()
              + ".");
    }
    requireDuration("percentageSlaPolicy", policy.durationSecs());
  }

  private static void validate(CountSlaPolicy policy) {
    if (policy.count() < 0) {
      throw Refusal.invalid(
          "defaultSlaPolicy.countSlaPolicy.count must not be negative, but is "
              + policy.count()
              + ".");
    }
    requireDuration("countSlaPolicy", policy.durationSecs());
  }

  private static void requireDuration(String policy, long durationSecs) {
    if (durationSecs < 0) {
      throw Refusal.invalid(
          "defaultSlaPolicy."
              + policy
              + ".durationSecs must not be negative, but is "
              + durationSecs
              + ".");
    }
  }

  private static void validate(CoordinatorSlaPolicy policy) {
    String field = "defaultSlaPolicy.coordinatorSlaPolicy.";
    String url = policy.coordinatorUrl();
    if (url == null || url.length() > MAX_URL || !ConfigSense.isHttp(url)) {
      throw Refusal.invalid(
          field
              + "coordinatorUrl must be an http or https address of at most "
              + MAX_URL
              + " characters.");
    }
    String key = policy.statusKey();
    if (key != null && key.length() > MAX_KEY) {
      throw Refusal.invalid(field + "statusKey must have at most " + MAX_KEY + " characters.");
    }
  }
}
