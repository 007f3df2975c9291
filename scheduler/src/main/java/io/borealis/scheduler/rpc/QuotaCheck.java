package io.borealis.scheduler.rpc;

import com.google.common.base.Joiner;
import io.borealis.api.JobUpdate;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Refuses what would take a role beyond its quota; a role without one has none to use. Pure. */
final class QuotaCheck {
  /** Sums of CPU shares are not exact; less than this is not a shortage. */
  private static final double CPU_EPSILON = 1e-6;

  private QuotaCheck() {}

  /** Checks that the role may run so many more tasks. */
  static void requireForTasks(State state, TaskConfig config, long count) {
    if (QuotaUsage.isProdShared(config)) {
      String role = config.job().role();
      QuotaAmount used = QuotaUsage.of(state, role, QuotaUsage::isProdShared, null);
      require(state, role, used.plus(QuotaAmount.of(config.resources()).times(count)));
    }
  }

  /** Checks that the role may have the update at work. */
  static void requireForUpdate(State state, JobUpdate update) {
    var desired = update.instructions().desiredState();
    if (desired != null && QuotaUsage.isProdShared(desired.task())) {
      String role = update.summary().key().job().role();
      require(state, role, QuotaUsage.of(state, role, QuotaUsage::isProdShared, update));
    }
  }

  private static void require(State state, String role, QuotaAmount needed) {
    ResourceAggregate stored = state.quotas().get(role);
    QuotaAmount quota = stored == null ? QuotaAmount.ZERO : QuotaAmount.of(stored.resources());
    List<String> clauses = new ArrayList<>();
    if (needed.cpus() - quota.cpus() > CPU_EPSILON) {
      clauses.add(exceeded("CPU", needed.cpus() - quota.cpus(), "core(s)"));
    }
    if (needed.ramMb() > quota.ramMb()) {
      clauses.add(exceeded("RAM", (double) needed.ramMb() - quota.ramMb(), "MB"));
    }
    if (needed.diskMb() > quota.diskMb()) {
      clauses.add(exceeded("disk", (double) needed.diskMb() - quota.diskMb(), "MB"));
    }
    if (!clauses.isEmpty()) {
      throw Refusal.invalid("Insufficient resource quota: " + Joiner.on("; ").join(clauses));
    }
  }

  private static String exceeded(String kind, double amount, String unit) {
    return String.format(Locale.ROOT, "%s quota exceeded by %.2f %s", kind, amount, unit);
  }
}
