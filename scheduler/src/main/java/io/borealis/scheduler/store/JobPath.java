package io.borealis.scheduler.store;

import io.borealis.api.JobKey;
import org.jspecify.annotations.Nullable;

/** How jobs are named in texts, paths and metrics: role/environment/name. Pure. */
public final class JobPath {
  private JobPath() {}

  /** The path of a job; {@code null} in letters for none. */
  public static String of(@Nullable JobKey job) {
    return job == null ? "null" : job.role() + "/" + job.environment() + "/" + job.name();
  }
}
