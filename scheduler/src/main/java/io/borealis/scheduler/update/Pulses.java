package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.SavePulses;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When each coordinated update was last pulsed, and the timers that run out when no pulse comes
 * (W-5). Kept in memory on the monotonic clock; what the next leader needs is stored coarsely
 * (W-8). Pulses may come on any thread; everything else is for the writer's.
 */
final class Pulses {
  private static final Duration SAVE_DELAY = Duration.ofSeconds(1);
  private static final long LEAST_SAVE_MS = 5_000;

  private final BackgroundWrites background;
  private final EventLoop loop;
  private final Clock clock;
  private final Consumer<JobUpdateKey> onExpired;
  private final Map<JobUpdateKey, Long> last = new ConcurrentHashMap<>();
  private final Map<JobUpdateKey, EventLoop.Timer> expiries = new HashMap<>();
  private final Map<JobUpdateKey, Long> toSave = new HashMap<>();
  private boolean saveArmed;

  /**
   * @param onExpired told, on the writer's loop, of updates whose time is over
   */
  Pulses(
      BackgroundWrites background, EventLoop loop, Clock clock, Consumer<JobUpdateKey> onExpired) {
    this.background = background;
    this.loop = loop;
    this.clock = clock;
    this.onExpired = onExpired;
  }

  /** Whether the update goes on only while pulses come. */
  static boolean isCoordinated(UpdateRecord update) {
    return timeoutMs(update) > 0;
  }

  /** Longest time between two pulses; 0 when they do not matter. */
  static int timeoutMs(UpdateRecord update) {
    // A damaged record may have no settings; it depends on nobody's pulses.
    JobUpdateSettings settings = update.update().instructions().settings();
    Integer timeout = settings == null ? null : settings.blockIfNoPulsesAfterMs();
    return timeout == null ? 0 : timeout;
  }

  private static long timeoutNanos(UpdateRecord update) {
    return TimeUnit.MILLISECONDS.toNanos(timeoutMs(update));
  }

  /** Takes a pulse in; for any thread. */
  void pulsed(UpdateRecord update) {
    heard(update.key(), clock.nanoTime());
    long interval = Math.max(timeoutMs(update) / 2, LEAST_SAVE_MS);
    loop.execute(() -> saveSoon(update.key(), interval));
  }

  private void heard(JobUpdateKey key, long nanos) {
    last.merge(key, nanos, (old, now) -> now - old > 0 ? now : old);
  }

  /** Whether an update waits for a pulse, or has to. */
  boolean isExpired(UpdateRecord update) {
    return isCoordinated(update) && remainingNanos(update.key(), timeoutNanos(update)) == 0;
  }

  private long remainingNanos(JobUpdateKey key, long timeoutNanos) {
    @Nullable Long at = last.get(key);
    return at == null ? 0 : Math.max(0, at + timeoutNanos - clock.nanoTime());
  }

  /** Since the last pulse, of which this or an earlier leader knows; for any thread. */
  @Nullable Duration since(JobUpdateKey key) {
    @Nullable Long at = last.get(key);
    return at == null ? null : Duration.ofNanos(Math.max(0, clock.nanoTime() - at));
  }

  // ---- Failover --------------------------------------------------------------------------------

  /** Takes over what is stored of an update's pulses; the time without a leader had none. */
  void adopt(UpdateRecord update, long nowMs) {
    long pulsedMs = isCoordinated(update) ? lastKnownMs(update) : 0;
    if (pulsedMs > 0) {
      long ageMs = Math.max(0, nowMs - pulsedMs);
      heard(update.key(), clock.nanoTime() - TimeUnit.MILLISECONDS.toNanos(ageMs));
    }
  }

  /**
   * The last pulse on record, or the last status the update can only have had with a pulse; 0 when
   * none came since it last began to wait.
   */
  private static long lastKnownMs(UpdateRecord update) {
    for (JobUpdateEvent event : Lists.reverse(update.events())) {
      if (UpdateTransitions.isRolling(event.status())) {
        return Math.max(update.pulsedMs(), event.timestampMs());
      } else if (UpdateTransitions.isAwaitingPulse(event.status())) {
        return update.pulsedMs() > event.timestampMs() ? update.pulsedMs() : 0;
      }
    }
    return update.pulsedMs();
  }

  // ---- Expiry ----------------------------------------------------------------------------------

  /** Watches over an update that rolls, once the transaction is durable. */
  void watch(WriteTransaction tx, UpdateRecord update) {
    if (isCoordinated(update)) {
      tx.afterCommit(() -> arm(update.key(), timeoutNanos(update)));
    }
  }

  private void arm(JobUpdateKey key, long timeoutNanos) {
    if (background.isClosed()) {
      return;
    }
    Duration left = Duration.ofNanos(remainingNanos(key, timeoutNanos));
    EventLoop.Timer timer = loop.schedule(left, () -> due(key, timeoutNanos));
    EventLoop.Timer before = expiries.put(key, timer);
    if (before != null) {
      before.cancel();
    }
  }

  private void due(JobUpdateKey key, long timeoutNanos) {
    expiries.remove(key);
    if (remainingNanos(key, timeoutNanos) > 0) {
      arm(key, timeoutNanos);
    } else {
      onExpired.accept(key);
    }
  }

  // ---- What the next leader needs --------------------------------------------------------------

  private void saveSoon(JobUpdateKey key, long intervalMs) {
    if (background.isClosed()) {
      return;
    }
    toSave.put(key, intervalMs);
    if (!saveArmed) {
      saveArmed = true;
      var unused = loop.schedule(SAVE_DELAY, this::save);
    }
  }

  private void save() {
    saveArmed = false;
    Map<JobUpdateKey, Long> due = Map.copyOf(toSave);
    toSave.clear();
    if (!due.isEmpty()) {
      background.submit("the times of pulses", tx -> save(tx, due));
    }
  }

  private void save(WriteTransaction tx, Map<JobUpdateKey, Long> due) {
    List<PulseTime> times = new ArrayList<>();
    due.forEach(
        (key, intervalMs) -> {
          UpdateRecord update = tx.state().updates().get(key);
          @Nullable Long at = last.get(key);
          if (update == null || !UpdateTransitions.isActive(update.status())) {
            last.remove(key); // The pulse met the end of the update.
          } else if (at != null && tx.nowMs() - update.pulsedMs() >= intervalMs) {
            long ageMs = TimeUnit.NANOSECONDS.toMillis(Math.max(0, clock.nanoTime() - at));
            times.add(new PulseTime(key, tx.nowMs() - ageMs));
          }
        });
    if (!times.isEmpty()) {
      tx.change(new Op.SavePulses(new SavePulses(ImmutableList.copyOf(times))));
    }
  }

  /** Drops all there is of an update. */
  void forget(JobUpdateKey key) {
    last.remove(key);
    toSave.remove(key);
    EventLoop.Timer timer = expiries.remove(key);
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Stops all timers. */
  void close() {
    expiries.values().forEach(EventLoop.Timer::cancel);
    expiries.clear();
  }
}
