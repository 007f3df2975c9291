package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.scheduler.store.Locks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a job and what becomes of its release. Immutable.
 *
 * @param holder the active update that has it; null when none does
 */
public record JobLock(Lock lock, @Nullable UpdateRecord holder) {
  /** The lock of a job; null when it is not locked. */
  public static @Nullable JobLock of(State state, JobKey job) {
    Lock lock = state.locks().get(job);
    return lock == null ? null : of(state, lock);
  }

  private static JobLock of(State state, Lock lock) {
    for (UpdateRecord update : state.updates().activeOf(Locks.jobOf(lock))) {
      if (UpdateChanges.holdsLock(state, update)) {
        return new JobLock(lock, update);
      }
    }
    return new JobLock(lock, null);
  }

  /** Every lock, by job. */
  public static ImmutableList<JobLock> all(State state) {
    return state.locks().asMap().values().stream()
        .sorted(Comparator.comparing(lock -> UpdateKeys.text(Locks.jobOf(lock))))
        .map(lock -> of(state, lock))
        .collect(ImmutableList.toImmutableList());
  }

  /** The job that is locked. */
  public JobKey job() {
    return Locks.jobOf(lock);
  }

  /** Who has the lock, in a sentence. */
  public String held() {
    if (holder == null) {
      String why = lock.message() == null ? "" : " (" + lock.message() + ")";
      return "%s is locked by %s%s, but no active update holds the lock."
          .formatted(UpdateKeys.text(job()), lock.user(), why);
    }
    return "%s is locked by %s for update %s, which is %s: %s."
        .formatted(
            UpdateKeys.text(job()),
            lock.user(),
            holder.key().id(),
            holder.status(),
            progress(holder));
  }

  /** How many instances the update that has it is done with, on the way it goes. */
  public int done() {
    return holder == null ? 0 : done(holder);
  }

  private static int done(UpdateRecord update) {
    return update.progress().started() - update.working() - update.failed();
  }

  private static String progress(UpdateRecord update) {
    return "%d of %d instances done%s, %d under way, %d failed"
        .formatted(
            done(update),
            update.plan().size(),
            update.progress().rollback() ? " on the way back" : "",
            update.working(),
            update.failed());
  }

  /** What happens when the lock is released, in a sentence. */
  public String consequence() {
    return holder == null
        ? "The lock goes; nothing else changes."
        : "The lock goes, and the update ends in ERROR with \"%s\"; its instances stay as they are."
            .formatted(UpdateRunner.LOCK_LOST);
  }
}
