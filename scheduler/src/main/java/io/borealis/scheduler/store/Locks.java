package io.borealis.scheduler.store;

import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;

/** Reads the job out of a lock record. Stateless. */
public final class Locks {
  private Locks() {}

  /** The job a lock protects. */
  public static JobKey jobOf(Lock lock) {
    if (lock.key() instanceof LockKey.Job job) {
      return job.value();
    }
    throw new IllegalArgumentException("A lock of kind " + lock.key().kind() + " has no job");
  }
}
