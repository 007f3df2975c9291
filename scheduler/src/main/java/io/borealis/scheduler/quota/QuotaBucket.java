package io.borealis.scheduler.quota;

import io.borealis.api.Constraint;
import io.borealis.api.TaskConfig;

/** The four kinds of tasks that are counted apart; quota limits the first (quota rules, 10.2). */
public enum QuotaBucket {
  PROD_SHARED,
  PROD_DEDICATED,
  NON_PROD_SHARED,
  NON_PROD_DEDICATED;

  /** The bucket of tasks with this configuration. */
  public static QuotaBucket of(TaskConfig config) {
    boolean dedicated = false;
    for (Constraint constraint : config.constraints()) {
      dedicated |= "dedicated".equals(constraint.name());
    }
    if (Boolean.TRUE.equals(config.production())) {
      return dedicated ? PROD_DEDICATED : PROD_SHARED;
    }
    return dedicated ? NON_PROD_DEDICATED : NON_PROD_SHARED;
  }

  boolean holds(TaskConfig config) {
    return of(config) == this;
  }
}
