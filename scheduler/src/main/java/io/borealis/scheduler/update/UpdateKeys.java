package io.borealis.scheduler.update;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.store.JobPath;

/** How keys of updates are written. Pure. */
final class UpdateKeys {
  private UpdateKeys() {}

  static String text(JobUpdateKey key) {
    JobKey job = key.job();
    return job == null ? String.valueOf(key.id()) : text(job) + " " + key.id();
  }

  static String text(JobKey job) {
    return JobPath.of(job);
  }
}
