package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaAttempts;
import io.borealis.scheduler.sla.SlaAttempts.Attempt;
import io.borealis.scheduler.sla.SlaCheck;
import io.borealis.scheduler.sla.SlaOutcome;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.Backoff;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes tasks down once their policies allow it (update rules, section 7.4): tries now, and again
 * and again with longer pauses, once for each instance however often it is asked for (W-12). What
 * waits follows from State and is begun anew by the next leader. Confined to the writer's loop,
 * except for {@link #waiting}.
 */
final class SlaKills {
  private final Sla sla;
  private final UpdateChanges changes;
  private final BackgroundWrites background;
  private final Clock clock;
  private final SlaKill kill;
  private final SlaAttempts<SlaKill.Victim> attempts;
  private final Counter denials;
  private final Backoff backoff;
  private final Map<JobUpdateKey, Map<Integer, Attempt<SlaKill.Victim>>> all = new HashMap<>();

  /** Those whose update has left the status and may come back to it. */
  private final Set<Attempt<SlaKill.Victim>> suspended = new HashSet<>();

  private final Map<Place, SlaWait> waiting = new ConcurrentHashMap<>();

  private record Place(JobUpdateKey key, int instance) {
    static Place of(Attempt<SlaKill.Victim> attempt) {
      return new Place(attempt.victim().key(), attempt.victim().instance());
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
    this.clock = clock;
    this.attempts = new SlaAttempts<>(sla, new Rules(), background, loop, clock);
    this.denials = meters.counter("updates_sla_denials");
    this.backoff =
        new Backoff(
            sla.settings().minRetry().toMillis(),
            sla.settings().maxRetry().toMillis(),
            sla.random());
    Gauges.replace(meters, "updates_sla_waiting", waiting, Map::size);
  }

  /** What is known of an instance that waits; null when it does not. For any thread. */
  @Nullable SlaWait waiting(JobUpdateKey key, int instance) {
    return waiting.get(new Place(key, instance));
  }

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
    Attempt<SlaKill.Victim> before =
        all.getOrDefault(victim.key(), Map.of()).get(victim.instance());
    if (before != null && before.victim().equals(victim)) {
      suspended.remove(before);
      show(before);
      return;
    } else if (before != null) {
      attempts.end(before);
    }
    Attempt<SlaKill.Victim> attempt = attempts.begin(victim);
    all.computeIfAbsent(victim.key(), key -> new TreeMap<>()).put(victim.instance(), attempt);
    show(attempt);
  }

  /** Follows an update to another status. */
  void entered(JobUpdateKey key, JobUpdateStatus status) {
    boolean comesBack = UpdateTransitions.isActive(status) && !UpdateTransitions.isRolling(status);
    for (Attempt<SlaKill.Victim> attempt :
        ImmutableList.copyOf(all.getOrDefault(key, Map.of()).values())) {
      if (attempt.victim().status() != status && !comesBack) {
        attempts.end(attempt);
      } else if (attempt.victim().status() != status) {
        // Its next attempt ends it, unless the update is back by then.
        suspended.add(attempt);
        waiting.remove(Place.of(attempt));
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
              attempts.oneMoreRuns(all.getOrDefault(key, Map.of()).values());
            } else if (status == null
                || status == ScheduleStatus.KILLING
                || TaskStates.isTerminal(status)) {
              gone(key, change.task());
            }
          });
    }
  }

  private void gone(JobUpdateKey key, ScheduledTask task) {
    Attempt<SlaKill.Victim> attempt =
        all.getOrDefault(key, Map.of()).get(task.assignedTask().instanceId());
    if (attempt != null && attempt.victim().taskId().equals(task.assignedTask().taskId())) {
      attempts.end(attempt);
    }
  }

  private void show(Attempt<SlaKill.Victim> attempt) {
    if (!suspended.contains(attempt) && !attempt.isEnded()) {
      long left = Math.max(0, attempt.dueNanos() - clock.nanoTime());
      waiting.put(
          Place.of(attempt),
          new SlaWait(
              attempt.victim().taskId(),
              attempt.sinceMs(),
              attempt.made(),
              clock.wallMillis() + TimeUnit.NANOSECONDS.toMillis(left),
              attempt.denial()));
    }
  }

  private final class Rules implements SlaAttempts.Rules<SlaKill.Victim> {
    @Override
    public SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, SlaKill.Victim victim) {
      return kill.ifAllowed(tx, check, victim);
    }

    @Override
    public SlaOutcome now(WriteTransaction tx, SlaKill.Victim victim) {
      return kill.now(tx, victim);
    }

    @Override
    public long delayMs(SlaKill.Victim victim, long lastMs) {
      return backoff.nextMs(lastMs);
    }

    @Override
    public void onDenied(Attempt<SlaKill.Victim> attempt) {
      denials.increment();
      show(attempt);
    }

    @Override
    public void onSooner(Attempt<SlaKill.Victim> attempt) {
      show(attempt);
    }

    @Override
    public void onEnded(Attempt<SlaKill.Victim> attempt) {
      JobUpdateKey key = attempt.victim().key();
      suspended.remove(attempt);
      waiting.remove(Place.of(attempt));
      Map<Integer, Attempt<SlaKill.Victim>> ofUpdate = all.get(key);
      if (ofUpdate != null
          && ofUpdate.remove(attempt.victim().instance(), attempt)
          && ofUpdate.isEmpty()) {
        all.remove(key);
      }
    }

    /** The back-off alone says when. */
    @Override
    public boolean asksNext() {
      return false;
    }

    @Override
    public String name(SlaKill.Victim victim) {
      return victim.taskId();
    }
  }

  /** Stops all attempts. */
  void close() {
    attempts.close();
    all.clear();
    suspended.clear();
    waiting.clear();
    sla.coordinators().close();
  }
}
