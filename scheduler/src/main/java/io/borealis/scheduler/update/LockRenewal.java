package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.Supplier;

/** Locks for a State that comes from elsewhere. Stateless; pure but for the tokens it takes. */
public final class LockRenewal {
  private LockRenewal() {}

  /**
   * The State with exactly one lock for each job that has an active update, held by the newest of
   * them under a new token: nobody who held a lock before holds one now, and no update ends for
   * want of one.
   */
  public static State renew(State state, Supplier<String> tokens, long nowMs) {
    State next = state;
    for (JobKey job : ImmutableList.copyOf(state.locks().keys())) {
      next = next.apply(new Op.RemoveJobLock(new RemoveJobLock(job)));
    }
    ImmutableList<UpdateRecord> active =
        ImmutableList.sortedCopyOf(
            Comparator.comparingLong(UpdateRecord::createdMs), state.updates().active());
    for (UpdateRecord update : active) {
      String token = tokens.get();
      JobKey job = Objects.requireNonNull(update.key().job());
      Lock lock =
          Lock.builder()
              .key(new LockKey.Job(job))
              .token(token)
              .user(update.update().summary().user())
              .timestampMs(nowMs)
              .message("Update " + update.key().id())
              .build();
      next = next.apply(new Op.SaveJobLock(new SaveJobLock(lock)));
      next =
          next.apply(
              new Op.SaveUpdateProgress(
                  new SaveUpdateProgress(
                      update.key(),
                      update.progress().toBuilder().lockToken(token).build(),
                      false)));
    }
    return next;
  }
}
