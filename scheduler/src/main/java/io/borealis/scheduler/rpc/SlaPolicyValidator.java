package io.borealis.scheduler.rpc;

import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.Locale;

/** Checks that a policy lets the scheduler take down at least one instance. Immutable. */
final class SlaPolicyValidator {
  private final JobLimits limits;

  SlaPolicyValidator(JobLimits limits) {
    this.limits = limits;
  }

  void validate(SlaPolicy policy, String tierName, TierRegistry.Tier tier, int instances) {
    if (policy instanceof SlaPolicy.Unknown unknown) {
      throw Refusal.invalid(
          "slaPolicy must be a kind known to this scheduler, not field " + unknown.fieldId() + ".");
    }
    if (!tier.production() && !limits.slaForNonProduction()) {
      throw Refusal.invalid("Tier '" + tierName + "' does not support SlaPolicy.");
    }
    if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      requireEnough(instances);
      validate(count.value(), instances);
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      requireEnough(instances);
      validate(percentage.value(), instances);
    }
  }

  private void requireEnough(int instances) {
    if (instances < limits.minInstancesForSla()) {
      throw Refusal.invalid(
          "Job with fewer than "
              + limits.minInstancesForSla()
              + " instances cannot have Percentage/Count SlaPolicy.");
    }
  }

  private void validate(CountSlaPolicy policy, int instances) {
    // Compared this way round because count may be near the ends of its range.
    if (policy.count() > instances - 1L) {
      throw Refusal.invalid(
          "Current CountSlaPolicy: count="
              + policy.count()
              + " will not allow any instances to be killed. Must be less than instanceCount="
              + instances
              + ".");
    }
    requireShort("CountSlaPolicy", policy.durationSecs());
  }

  private void validate(PercentageSlaPolicy policy, int instances) {
    double percentage = policy.percentage();
    if (!(instances - instances * percentage / 100.0 >= 1)) {
      throw Refusal.invalid(
          String.format(
              Locale.ROOT,
              "Current PercentageSlaPolicy: percentage=%f will not allow any instances to be"
                  + " killed. Must be less than %f.",
              percentage,
              (instances - 1.0) / instances * 100.0));
    }
    requireShort("PercentageSlaPolicy", policy.durationSecs());
  }

  private void requireShort(String policy, long durationSecs) {
    if (durationSecs > limits.maxSlaDurationSecs()) {
      throw Refusal.invalid(
          policy
              + ": durationSecs="
              + durationSecs
              + " must be less than cluster-wide maximum of "
              + limits.maxSlaDurationSecs()
              + " secs.");
    }
  }
}
