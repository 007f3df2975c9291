package io.borealis.scheduler.update;

import io.borealis.api.JobUpdateEvent;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;

/** How long updates have been still (W-16). Pure; for any thread. */
public final class Stalls {
  private Stalls() {}

  /**
   * For how long nothing was recorded of an update that somebody or something expects to move; zero
   * for one that has ended, is paused, or waits for its first pulse.
   */
  public static Duration stillFor(UpdateRecord update, long nowMs) {
    boolean moves =
        UpdateTransitions.isRolling(update.status())
            || (UpdateTransitions.isAwaitingPulse(update.status()) && hasRolled(update));
    return moves ? Duration.ofMillis(Math.max(0, nowMs - update.modifiedMs())) : Duration.ZERO;
  }

  private static boolean hasRolled(UpdateRecord update) {
    for (JobUpdateEvent event : update.events()) {
      if (UpdateTransitions.isRolling(event.status())) {
        return true;
      }
    }
    return false;
  }

  /** How many updates have been still for longer; the work is that of the active ones. */
  public static long count(State state, Duration longerThan, long nowMs) {
    long stalled = 0;
    for (UpdateRecord update : state.updates().active()) {
      if (stillFor(update, nowMs).compareTo(longerThan) > 0) {
        stalled++;
      }
    }
    return stalled;
  }
}
