package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Table;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.update.Decision.Verdict;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves updates from status to status: evaluates them inside transactions, stores what was decided
 * and carries it out. For the writer's thread.
 */
final class UpdateRunner {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateRunner.class);
  static final String LOCK_LOST = "Updater has lost its exclusive lock, unable to proceed.";
  private static final String PULSE_TIMEOUT = "Pulses from external service have timed out.";
  static final String AUTO_PAUSED = "Update auto paused";

  private final TaskLifecycle lifecycle;
  private final UpdateChanges changes;
  private final BackgroundWrites background;
  private final Reservations reservations;
  private final Pulses pulses;
  private final UpdateTimers watches;
  private final SlaKills slaKills;

  UpdateRunner(
      TaskLifecycle lifecycle,
      UpdateChanges changes,
      BackgroundWrites background,
      Reservations reservations,
      Sla sla,
      EventLoop loop,
      Clock clock,
      MeterRegistry meters) {
    this.lifecycle = lifecycle;
    this.changes = changes;
    this.background = background;
    this.reservations = reservations;
    this.pulses = new Pulses(background, loop, clock, this::pulsesStopped);
    this.watches = new UpdateTimers(loop, clock, this::watched);
    this.slaKills =
        new SlaKills(
            sla,
            new SlaKill(new SlaUpdates(), changes, meters),
            changes,
            background,
            loop,
            clock,
            meters);
  }

  Pulses pulses() {
    return pulses;
  }

  SlaKills slaKills() {
    return slaKills;
  }

  // ---- Statuses --------------------------------------------------------------------------------

  /**
   * Records a status and does what entering it means. An update that has lost the lock of its job
   * can enter none but ERROR (update rules, section 11.2).
   */
  void enter(
      WriteTransaction tx,
      JobUpdateKey key,
      JobUpdateStatus to,
      @Nullable String user,
      @Nullable String message) {
    if (to != JobUpdateStatus.ERROR && !holdsLock(tx, key)) {
      enter(tx, key, JobUpdateStatus.ERROR, user, LOCK_LOST);
      return;
    }
    changes.status(tx, key, to, user, message);
    tx.afterCommit(() -> watches.forget(key));
    tx.afterCommit(() -> slaKills.entered(key, to));
    UpdateRecord update = Objects.requireNonNull(tx.state().updates().get(key));
    if (!UpdateTransitions.isActive(to)) {
      changes.unlock(tx, update);
      tx.afterCommit(() -> pulses.forget(key));
      tx.afterCommit(() -> reservations.release(key));
    } else if (UpdateTransitions.isRolling(to)) {
      roll(tx, key);
    } else if (UpdateTransitions.isAwaitingPulse(to)) {
      tx.afterCommit(
          () -> {
            // It may have come before the wait was known to those who take pulses in.
            if (!pulses.isExpired(update)) {
              unblockSoon(key, null);
            }
          });
    }
  }

  /** Ends the wait of an update for a pulse, which has come; for any thread. */
  void unblockSoon(JobUpdateKey key, @Nullable String user) {
    background.submit(
        "the end of a wait for pulses of " + UpdateKeys.text(key), tx -> unblock(tx, key, user));
  }

  private void unblock(WriteTransaction tx, JobUpdateKey key, @Nullable String user) {
    UpdateRecord update = tx.state().updates().get(key);
    JobUpdateStatus status = update == null ? null : update.status();
    if (UpdateTransitions.isAwaitingPulse(status)) {
      changes.unblocked(tx, update, user);
      enter(tx, key, UpdateTransitions.unblocked(status), null, null);
    }
  }

  private static boolean holdsLock(WriteTransaction tx, JobUpdateKey key) {
    State state = tx.state();
    return UpdateChanges.holdsLock(state, Objects.requireNonNull(state.updates().get(key)));
  }

  /**
   * Begins or goes on: looks at everything that is under way. Does nothing unless it rolls.
   *
   * @return false when the update could not and ended in ERROR
   */
  boolean roll(WriteTransaction tx, JobUpdateKey key) {
    return whileRolling(
        tx,
        key,
        found -> {
          UpdateRecord update = found;
          if (found.status() == JobUpdateStatus.ROLLING_BACK && !found.progress().rollback()) {
            changes.turnAround(tx, found);
            update = Objects.requireNonNull(tx.state().updates().get(key));
          }
          pulses.watch(tx, update);
          List<Integer> underWay = new ArrayList<>();
          for (InstanceProgress progress : update.instances().values()) {
            if (progress.state() == InstanceProgressState.WORKING) {
              underWay.add(progress.instanceId());
            }
          }
          underWay.sort(null);
          proceed(tx, update, underWay, tx.nowMs());
        });
  }

  /** Ends an update that cannot go on; it harms no other. */
  void fail(WriteTransaction tx, JobUpdateKey key, RuntimeException failure) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update == null || !UpdateTransitions.isActive(update.status())) {
      return;
    }
    LOG.atError()
        .addKeyValue("update", UpdateKeys.text(key))
        .setCause(failure)
        .log("An update cannot go on");
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    enter(tx, key, JobUpdateStatus.ERROR, null, "Internal scheduler error: " + text);
  }

  // ---- Evaluation ------------------------------------------------------------------------------

  /**
   * Looks at instances again, and begins more if there is room.
   *
   * @return false when the update could not go on and ended in ERROR
   */
  boolean evaluate(WriteTransaction tx, JobUpdateKey key, List<Integer> changed) {
    return evaluate(tx, key, changed, tx.nowMs());
  }

  private boolean evaluate(
      WriteTransaction tx, JobUpdateKey key, List<Integer> changed, long asOfMs) {
    return whileRolling(tx, key, update -> proceed(tx, update, changed, asOfMs));
  }

  /** Does what is to be done with an update that rolls; what throws ends it, and nothing else. */
  private boolean whileRolling(WriteTransaction tx, JobUpdateKey key, Consumer<UpdateRecord> work) {
    WriteTransaction.Savepoint before = tx.savepoint();
    try {
      UpdateRecord update = tx.state().updates().get(key);
      if (update != null && UpdateTransitions.isRolling(update.status())) {
        work.accept(update);
      }
      return true;
    } catch (RuntimeException failure) {
      tx.rollback(before);
      fail(tx, key, failure);
      return false;
    }
  }

  private void proceed(
      WriteTransaction tx, UpdateRecord update, List<Integer> changed, long asOfMs) {
    if (!mayGoOn(tx, update)) {
      return;
    }
    JobUpdateKey key = update.key();
    Table<Integer, ScheduledTask> tasks =
        tx.state().tasks().ofJob(Objects.requireNonNull(key.job())).active();
    Decision decision = Evaluation.decide(update, tasks::get, changed, tx.nowMs(), asOfMs);
    if (decision.verdict() instanceof Verdict.Pause) {
      // Before the events of the instances whose end lets it pause.
      enter(tx, key, JobUpdateStatus.ROLL_FORWARD_PAUSED, null, AUTO_PAUSED);
    }
    changes.found(tx, update, decision);
    if (decision.verdict() instanceof Verdict.MoveTo move) {
      enter(tx, key, move.status(), null, move.message());
    } else if (decision.verdict() instanceof Verdict.GoOn act) {
      carryOut(tx, update, act, asOfMs);
    }
  }

  /** Whether a rolling update still may; if not, it has another status now. */
  private boolean mayGoOn(WriteTransaction tx, UpdateRecord update) {
    JobUpdateKey key = update.key();
    if (!UpdateChanges.holdsLock(tx.state(), update)) {
      enter(tx, key, JobUpdateStatus.ERROR, null, LOCK_LOST);
      return false;
    } else if (pulses.isExpired(update)) {
      enter(tx, key, UpdateTransitions.blocked(update.status()), null, PULSE_TIMEOUT);
      return false;
    }
    return true;
  }

  private void carryOut(WriteTransaction tx, UpdateRecord update, Verdict.GoOn act, long asOfMs) {
    JobUpdateKey key = update.key();
    act.adds()
        .asMap()
        .forEach(
            (config, instances) -> {
              var unused = lifecycle.insertPending(tx, config, instances);
            });
    for (Decision.Kill kill : act.kills()) {
      ScheduledTask task = tx.state().tasks().get(kill.taskId());
      TaskConfig config = task == null ? null : task.assignedTask().task();
      if (SlaPolicies.of(update, kill.instance(), config) == null) {
        kill(tx, update, kill);
      } else {
        slaKills.request(tx, update, kill);
      }
    }
    ImmutableMap<Integer, Long> watched = act.watches();
    if (!watched.isEmpty()) {
      tx.afterCommit(
          () -> watched.forEach((instance, until) -> watches.watch(key, instance, asOfMs, until)));
    }
  }

  private void kill(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    JobUpdateKey key = update.key();
    String agent = reservations.areMade() ? placeToKeep(tx, update, kill) : null;
    var unused =
        lifecycle.changeState(
            tx, kill.taskId(), null, ScheduleStatus.KILLING, "Killed for job update " + key.id());
    if (agent != null) {
      InstanceKey instance = new InstanceKey(key.job(), kill.instance());
      tx.afterCommit(() -> reservations.reserve(instance, agent, key));
    }
  }

  /** The agent of a task whose replacement fits into the place it leaves. */
  private static @Nullable String placeToKeep(
      WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    ScheduledTask task = tx.state().tasks().get(kill.taskId());
    TaskConfig target = update.plan().targetOf(kill.instance(), update.progress().rollback());
    // Nothing can be placed on an agent that is out of sight.
    return task != null
            && task.status() != ScheduleStatus.PARTITIONED
            // Where nothing can be placed there is nothing to keep.
            && !HostMode.isClosed(HostMode.of(tx.state(), task.assignedTask().slaveHost()))
            && InstanceRules.fitsInPlaceOf(task.assignedTask().task(), target)
        ? task.assignedTask().slaveId()
        : null;
  }

  /** What attempts to take tasks down do with their updates. */
  private final class SlaUpdates implements SlaKill.Updates {
    @Override
    public void whileIn(
        WriteTransaction tx,
        JobUpdateKey key,
        JobUpdateStatus status,
        Consumer<UpdateRecord> work) {
      var unused =
          whileRolling(
              tx,
              key,
              update -> {
                if (update.status() == status && mayGoOn(tx, update)) {
                  work.accept(update);
                }
              });
    }

    @Override
    public void kill(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
      UpdateRunner.this.kill(tx, update, kill);
    }
  }

  // ---- Timers ----------------------------------------------------------------------------------

  private void watched(JobUpdateKey key, List<Integer> instances, long nowMs) {
    background.submit(
        "the watch of " + UpdateKeys.text(key),
        tx -> evaluate(tx, key, instances, Math.max(nowMs, tx.nowMs())));
  }

  /** Lets the update wait for a pulse, unless one came at the last moment. */
  private void pulsesStopped(JobUpdateKey key) {
    background.submit(
        "the end of pulses of " + UpdateKeys.text(key),
        tx -> {
          evaluate(tx, key, List.of());
          UpdateRecord update = tx.state().updates().get(key);
          if (update != null && UpdateTransitions.isRolling(update.status())) {
            pulses.watch(tx, update);
          }
        });
  }

  /** Stops all timers. */
  void close() {
    watches.close();
    slaKills.close();
    pulses.close();
  }
}
