package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.runtime.Gauges;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaCheck;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.Backoff;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes tasks down once their policies allow it (update rules, section 7.4): tries now, and again
 * and again with longer pauses, once for each instance however often it is asked for (W-12). Those
 * that are due together are checked in one transaction. What waits follows from State and is begun
 * anew by the next leader. Confined to the writer's loop, except for {@link #waiting}.
 */
final class SlaKills {
  /** Whatever a policy says; the usual pauses are shorter anyway. */
  private static final long LONGEST_WAIT_SECS = TimeUnit.DAYS.toSeconds(1);

  private static final SlaKill.Outcome STALE =
      new SlaKill.Outcome.Denied(
          new SlaDenial.Coordinator("said yes too long before the kill could be stored"));

  private static final long JUST_LONGER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Sla sla;
  private final UpdateChanges changes;
  private final BackgroundWrites background;
  private final EventLoop loop;
  private final Clock clock;
  private final SlaKill kill;
  private final Counter denials;
  private final Backoff backoff;
  private final long origin;
  private final Map<JobUpdateKey, Map<Integer, Attempts>> all = new HashMap<>();
  private final TreeSet<Attempts> due;
  private final Map<Place, SlaWait> waiting = new ConcurrentHashMap<>();
  private EventLoop.@Nullable Timer timer;
  private long armedFor;
  private long begun;

  private record Place(JobUpdateKey key, int instance) {}

  /** The attempts to take one task down. */
  private static final class Attempts {
    final SlaKill.Victim victim;
    final long order;
    final long sinceMs;
    int made;
    long lastDelayMs;
    long dueNanos;
    @Nullable SlaDenial denial;

    /** Whether the update has left the status and may come back to it. */
    boolean suspended;

    boolean ended;

    Attempts(SlaKill.Victim victim, long order, long sinceMs) {
      this.victim = victim;
      this.order = order;
      this.sinceMs = sinceMs;
    }

    Place place() {
      return new Place(victim.key(), victim.instance());
    }
  }

  SlaKills(
      Sla sla,
      SlaKill kill,
      UpdateChanges changes,
      BackgroundWrites background,
      EventLoop loop,
      Clock clock,
      MeterRegistry meters) {
    this.sla = sla;
    this.kill = kill;
    this.changes = changes;
    this.background = background;
    this.loop = loop;
    this.clock = clock;
    this.denials = meters.counter("updates_sla_denials");
    this.backoff =
        new Backoff(
            sla.settings().minRetry().toMillis(),
            sla.settings().maxRetry().toMillis(),
            sla.random());
    this.origin = clock.nanoTime();
    this.due =
        new TreeSet<>(
            Comparator.comparingLong((Attempts attempts) -> attempts.dueNanos - origin)
                .thenComparingLong(attempts -> attempts.order));
    Gauges.replace(meters, "updates_sla_waiting", waiting, Map::size);
  }

  /** What is known of an instance that waits; null when it does not. For any thread. */
  @Nullable SlaWait waiting(JobUpdateKey key, int instance) {
    return waiting.get(new Place(key, instance));
  }

  // ---- Begin and end ---------------------------------------------------------------------------

  /** Takes the task down as soon as its policy allows it. */
  void request(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    JobUpdateStatus status = Objects.requireNonNull(update.status());
    changes.note(tx, update.key(), kill.instance(), UpdateRecord.CHECKING_SLA);
    SlaKill.Victim victim =
        new SlaKill.Victim(update.key(), status, kill.instance(), kill.taskId());
    tx.afterCommit(() -> begin(victim));
  }

  private void begin(SlaKill.Victim victim) {
    if (background.isClosed()) {
      return;
    }
    Attempts before = all.getOrDefault(victim.key(), Map.of()).get(victim.instance());
    if (before != null && before.victim.equals(victim)) {
      before.suspended = false;
      show(before);
      return;
    } else if (before != null) {
      end(before);
    }
    Attempts attempts = new Attempts(victim, begun++, clock.wallMillis());
    all.computeIfAbsent(victim.key(), key -> new TreeMap<>()).put(victim.instance(), attempts);
    enqueue(attempts, 0);
    show(attempts);
  }

  /** Follows an update to another status. */
  void entered(JobUpdateKey key, JobUpdateStatus status) {
    boolean comesBack = UpdateTransitions.isActive(status) && !UpdateTransitions.isRolling(status);
    for (Attempts attempts : ImmutableList.copyOf(all.getOrDefault(key, Map.of()).values())) {
      if (attempts.victim.status() != status && !comesBack) {
        end(attempts);
      } else if (attempts.victim.status() != status) {
        // Its next attempt ends it, unless the update is back by then.
        attempts.suspended = true;
        waiting.remove(attempts.place());
      }
    }
  }

  /** Follows what becomes of tasks of the job of an update that rolls. */
  void taskChanged(WriteTransaction tx, JobUpdateKey key, TaskChange change) {
    if (all.containsKey(key)) {
      ScheduleStatus status = change.after() == null ? null : change.after().status();
      tx.afterCommit(
          () -> {
            if (status == ScheduleStatus.RUNNING) {
              oneMoreRuns(key);
            } else if (status == null
                || status == ScheduleStatus.KILLING
                || TaskStates.isTerminal(status)) {
              gone(key, change.task());
            }
          });
    }
  }

  private void gone(JobUpdateKey key, ScheduledTask task) {
    Attempts attempts = all.getOrDefault(key, Map.of()).get(task.assignedTask().instanceId());
    if (attempts != null && attempts.victim.taskId().equals(task.assignedTask().taskId())) {
      end(attempts);
    }
  }

  /** Another task that runs for long enough lets at most one more go. */
  private void oneMoreRuns(JobUpdateKey key) {
    for (Attempts attempts : all.getOrDefault(key, Map.of()).values()) {
      if (attempts.denial instanceof SlaDenial.NotEnoughRunning few && due.contains(attempts)) {
        long wait = TimeUnit.SECONDS.toNanos(Math.min(few.durationSecs(), LONGEST_WAIT_SECS));
        long soon = clock.nanoTime() + wait + JUST_LONGER_NANOS;
        if (attempts.dueNanos - soon > 0) {
          due.remove(attempts);
          attempts.dueNanos = soon;
          due.add(attempts);
          show(attempts);
          arm();
          return;
        }
      }
    }
  }

  private void end(Attempts attempts) {
    attempts.ended = true;
    due.remove(attempts);
    waiting.remove(attempts.place());
    Map<Integer, Attempts> ofUpdate = all.get(attempts.victim.key());
    if (ofUpdate != null && ofUpdate.remove(attempts.victim.instance(), attempts)) {
      if (ofUpdate.isEmpty()) {
        all.remove(attempts.victim.key());
      }
    }
  }

  private void show(Attempts attempts) {
    if (!attempts.suspended && !attempts.ended) {
      long left = Math.max(0, attempts.dueNanos - clock.nanoTime());
      waiting.put(
          attempts.place(),
          new SlaWait(
              attempts.victim.taskId(),
              attempts.sinceMs,
              attempts.made,
              clock.wallMillis() + TimeUnit.NANOSECONDS.toMillis(left),
              attempts.denial));
    }
  }

  // ---- When ------------------------------------------------------------------------------------

  private void enqueue(Attempts attempts, long delayMs) {
    // A batch that was given up, but became durable after all, settles twice.
    due.remove(attempts);
    attempts.dueNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
    due.add(attempts);
    arm();
  }

  private void arm() {
    Attempts first = due.isEmpty() ? null : due.first();
    if (timer != null) {
      if (first != null && first.dueNanos == armedFor) {
        return;
      }
      timer.cancel();
      timer = null;
    }
    if (first != null) {
      armedFor = first.dueNanos;
      long left = Math.max(0, armedFor - clock.nanoTime());
      timer = loop.schedule(Duration.ofNanos(left), this::attemptDue);
    }
  }

  private void attemptDue() {
    timer = null;
    long now = clock.nanoTime();
    List<Attempts> batch = new ArrayList<>();
    while (!due.isEmpty()
        && due.first().dueNanos - now <= 0
        && batch.size() < sla.settings().batchSize()) {
      batch.add(Objects.requireNonNull(due.pollFirst()));
    }
    arm();
    if (!batch.isEmpty()) {
      background.submit("checks of SLA policies", tx -> attempt(tx, batch));
    }
  }

  // ---- Attempts --------------------------------------------------------------------------------

  private void attempt(WriteTransaction tx, List<Attempts> batch) {
    SlaCheck check = sla.check(tx.nowMs());
    for (Attempts attempts : batch) {
      SlaKill.Outcome outcome =
          attempts.ended ? new SlaKill.Outcome.Ended() : kill.ifAllowed(tx, check, attempts.victim);
      tx.afterCommit(() -> settle(attempts, outcome));
    }
  }

  private void settle(Attempts attempts, SlaKill.Outcome outcome) {
    if (attempts.ended || background.isClosed()) {
      return;
    } else if (outcome instanceof SlaKill.Outcome.Denied denied) {
      attempts.made++;
      tryLater(attempts, denied.denial());
    } else if (outcome instanceof SlaKill.Outcome.Ask ask) {
      attempts.made++;
      ask(attempts, ask);
    } else {
      end(attempts);
    }
  }

  private void tryLater(Attempts attempts, SlaDenial denial) {
    if (!attempts.ended) {
      denials.increment();
      attempts.denial = denial;
      attempts.lastDelayMs = backoff.nextMs(attempts.lastDelayMs);
      enqueue(attempts, attempts.lastDelayMs);
      show(attempts);
    }
  }

  private void ask(Attempts attempts, SlaKill.Outcome.Ask ask) {
    sla.coordinators()
        .ask(
            ask.policy(),
            ask.task(),
            ImmutableMap.of(),
            new Coordinators.Asker() {
              @Override
              public void allowed(Runnable done) {
                long saidAt = clock.nanoTime();
                background.submit(
                    "the kill of " + attempts.victim.taskId(),
                    tx -> {
                      tx.afterCommit(done);
                      // Much may have happened since the question (W-14).
                      SlaKill.Outcome outcome =
                          attempts.ended
                              ? new SlaKill.Outcome.Ended()
                              : isStale(saidAt) ? STALE : kill.now(tx, attempts.victim);
                      tx.afterCommit(() -> settle(attempts, outcome));
                    });
              }

              @Override
              public void denied(SlaDenial.Coordinator denial) {
                tryLater(attempts, denial);
              }
            });
  }

  /** While the journal takes nothing a yes waits, and what it was said about may change. */
  private boolean isStale(long saidAt) {
    return clock.nanoTime() - saidAt > sla.settings().coordinatorTimeout().toNanos();
  }

  /** Stops all attempts. */
  void close() {
    due.clear();
    all.clear();
    waiting.clear();
    arm();
    sla.coordinators().close();
  }
}
