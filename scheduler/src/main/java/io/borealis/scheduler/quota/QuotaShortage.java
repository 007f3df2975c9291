package io.borealis.scheduler.quota;

import com.google.common.base.Joiner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * By how much a role would be beyond its quota. Immutable.
 *
 * @param missing the amount; of what is not short it is zero or negative
 */
public record QuotaShortage(QuotaAmount missing) {
  /** Sums of CPU shares are not exact; less than this is not a shortage. */
  private static final double CPU_EPSILON = 1e-6;

  /** What is missing, or null when the quota is enough. */
  public static @Nullable QuotaShortage between(QuotaAmount needed, QuotaAmount quota) {
    QuotaShortage shortage = new QuotaShortage(needed.minus(quota));
    return shortage.clauses().isEmpty() ? null : shortage;
  }

  private List<String> clauses() {
    List<String> clauses = new ArrayList<>();
    // Written so that what is not a number is a shortage, too.
    if (!(missing.cpus() <= CPU_EPSILON)) {
      clauses.add(clause("CPU", missing.cpus(), "core(s)"));
    }
    if (missing.ramMb() > 0) {
      clauses.add(clause("RAM", (double) missing.ramMb(), "MB"));
    }
    if (missing.diskMb() > 0) {
      clauses.add(clause("disk", (double) missing.diskMb(), "MB"));
    }
    return clauses;
  }

  private static String clause(String kind, double amount, String unit) {
    return String.format(Locale.ROOT, "%s quota exceeded by %.2f %s", kind, amount, unit);
  }

  /** A clause for each resource that is short, in the order CPU, RAM, disk. */
  public String text() {
    return Joiner.on("; ").join(clauses());
  }
}
