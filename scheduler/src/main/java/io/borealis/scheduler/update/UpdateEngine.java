package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.UpdateForms;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries job updates from their start to their end, inside the transactions of whatever moves
 * them: a call, a change of a task, a timer, a pulse. For the writer's thread, except {@link
 * #pulse}.
 *
 * <p>Every decision is made from State, so the next leader goes on exactly here.
 */
public final class UpdateEngine implements Reaction, AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(2);
  private final UpdatePolicy policy;
  private final Clock clock;
  private final Supplier<String> tokens;
  private final UpdateChanges changes;
  private final BackgroundWrites background;
  private final UpdateRunner runner;
  private final Counter resumeErrors;
  private final Counter deletionErrors;
  private final Counter changeErrors;

  /**
   * @param reservations keeps agents for tasks that are replaced
   * @param sla lets updates that care take down no more than was agreed; closed with this
   * @param writerLoop runs timers
   * @param tokens makes lock tokens, different each time
   */
  public UpdateEngine(
      UpdatePolicy policy,
      Writes writes,
      TaskLifecycle lifecycle,
      Reservations reservations,
      Sla sla,
      EventLoop writerLoop,
      Clock clock,
      MeterRegistry meters,
      Supplier<String> tokens) {
    this.policy = policy;
    this.clock = clock;
    this.tokens = tokens;
    this.changes = new UpdateChanges(meters);
    this.background = new BackgroundWrites(writes, writerLoop, clock, RETRY);
    this.runner =
        new UpdateRunner(
            lifecycle, changes, background, reservations, sla, writerLoop, clock, meters);
    this.resumeErrors = meters.counter("job_update_recovery_errors");
    this.deletionErrors = meters.counter("job_update_delete_errors");
    this.changeErrors = meters.counter("job_update_state_change_errors");
  }

  // ---- What callers ask for --------------------------------------------------------------------

  /**
   * Takes the job's lock, stores the update and begins it.
   *
   * @throws UpdateException when the job is locked or the instructions cannot be carried out
   */
  public void start(WriteTransaction tx, JobUpdate update, Audit audit) {
    JobUpdateKey key = Objects.requireNonNull(update.summary().key());
    JobKey job = Objects.requireNonNull(key.job());
    requireUsable(UpdateForms.filled(update.instructions().settings()));
    Lock held = tx.state().locks().get(job);
    if (held != null) {
      throw new UpdateException(
          "The job is locked by "
              + held.user()
              + "; an administrator can release the lock with: borealis lock release "
              + UpdateKeys.text(job));
    }
    if (update.instructions().initialState().isEmpty()
        && update.instructions().desiredState() == null) {
      throw new UpdateException("Update instruction is a no-op.");
    }
    changes.save(tx, update);
    UpdateRecord record = Objects.requireNonNull(tx.state().updates().get(key));
    changes.lock(tx, key, job, tokens.get(), audit.user());
    runner.enter(
        tx,
        key,
        Pulses.isCoordinated(record)
            ? JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE
            : JobUpdateStatus.ROLLING_FORWARD,
        audit.user(),
        audit.message());
  }

  private static void requireUsable(JobUpdateSettings settings) {
    if (!Groups.isUsable(settings.updateStrategy())) {
      throw new UpdateException("Update group size must be positive.");
    }
    if (settings.minWaitInInstanceRunningMs() < 0) {
      throw new UpdateException("Minimum wait in RUNNING must be non-negative.");
    }
  }

  /** Pauses an update; one that is paused stays so. */
  public void pause(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    UpdateRecord update = existing(tx, key, "Update does not exist ");
    move(tx, update, UpdateTransitions.paused(statusOf(update)), audit);
  }

  /** Goes on with an update, or lets it wait for a pulse if those have stopped. */
  public void resume(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    UpdateRecord update = existing(tx, key, "Update does not exist: ");
    boolean expired = runner.pulses().isExpired(update);
    move(tx, update, UpdateTransitions.resumed(statusOf(update), expired), audit);
  }

  /** Ends an update where it stands. */
  public void abort(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    move(tx, existing(tx, key, "Update does not exist "), JobUpdateStatus.ABORTED, audit);
  }

  /** Turns an update around. */
  public void rollback(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    move(tx, existing(tx, key, "Update does not exist "), JobUpdateStatus.ROLLING_BACK, audit);
  }

  /**
   * Takes the lock of a job away from whoever has it. An active update that had it ends in ERROR;
   * its instances stay as they are.
   *
   * @return the lock as it was; null when there was none
   */
  public @Nullable JobLock releaseLock(WriteTransaction tx, JobKey job, String user) {
    JobLock lock = JobLock.of(tx.state(), job);
    if (lock == null) {
      return null;
    }
    changes.unlock(tx, job);
    if (lock.holder() != null) {
      runner.enter(tx, lock.holder().key(), JobUpdateStatus.ERROR, user, UpdateRunner.LOCK_LOST);
    }
    return lock;
  }

  private static UpdateRecord existing(WriteTransaction tx, JobUpdateKey key, String refusal) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update == null) {
      throw new UpdateException(refusal + UpdateKeys.text(key));
    }
    return update;
  }

  private static JobUpdateStatus statusOf(UpdateRecord update) {
    JobUpdateStatus status = update.status();
    if (status == null) {
      throw new UpdateException("Update " + UpdateKeys.text(update.key()) + " has no status");
    }
    return status;
  }

  private void move(
      WriteTransaction tx, UpdateRecord update, @Nullable JobUpdateStatus target, Audit audit) {
    JobUpdateStatus from = statusOf(update);
    if (target == from) {
      return; // As if it had been said twice.
    }
    if (target == null || !UpdateTransitions.allowed(from, target)) {
      throw new UpdateException("Cannot transition update from " + from + " to " + target);
    }
    runner.enter(tx, update.key(), target, audit.user(), audit.message());
  }

  /**
   * Takes a pulse in; for any thread. Writes nothing, but for a coarse note for the next leader and
   * the end of a wait.
   *
   * @param durable the newest durable State
   * @param user who pulses
   */
  public JobUpdatePulseStatus pulse(Supplier<State> durable, JobUpdateKey key, String user) {
    UpdateRecord update = durable.get().updates().get(key);
    if (update == null
        || !Pulses.isCoordinated(update)
        || !UpdateTransitions.isActive(update.status())) {
      return JobUpdatePulseStatus.FINISHED;
    }
    runner.pulses().pulsed(update);
    // It is looked at again: who lets it wait looks for pulses only after saying so.
    UpdateRecord now = durable.get().updates().get(key);
    if (now != null && UpdateTransitions.isAwaitingPulse(now.status())) {
      runner.unblockSoon(key, user);
    }
    return JobUpdatePulseStatus.OK;
  }

  /** Since the last pulse of an update, null before the first; for any thread. */
  public @Nullable Duration sincePulse(JobUpdateKey key) {
    return runner.pulses().since(key);
  }

  /**
   * Why the task of an instance is not taken down yet; null when it does not wait for that. For any
   * thread.
   */
  public @Nullable SlaWait slaWait(JobUpdateKey key, int instance) {
    return runner.slaKills().waiting(key, instance);
  }

  // ---- What tasks do ---------------------------------------------------------------------------

  @Override
  public void onTaskChange(WriteTransaction tx, TaskChange change) {
    ScheduledTask task = change.task();
    TaskConfig config = task.assignedTask().task();
    JobKey job = config == null ? null : config.job();
    if (job == null
        || !change.changesStatus()
        || isForgotten(change)
        || !tx.state().updates().isUpdating(job)) {
      return;
    }
    for (UpdateRecord update : ImmutableList.copyOf(tx.state().updates().activeOf(job))) {
      if (UpdateTransitions.isRolling(update.status())) {
        onTaskChange(tx, change, update);
      }
    }
  }

  /** Whether the task had ended before, so that its end is no news. */
  private static boolean isForgotten(TaskChange change) {
    return change.after() == null && TaskStates.isTerminal(change.task().status());
  }

  private void onTaskChange(WriteTransaction tx, TaskChange change, UpdateRecord update) {
    ScheduledTask task = change.task();
    runner.slaKills().taskChanged(tx, update.key(), change);
    int instance = task.assignedTask().instanceId();
    InstanceProgress progress = update.instances().get(instance);
    if (progress == null || progress.state() != InstanceProgressState.WORKING) {
      return;
    }
    TaskConfig target = update.plan().targetOf(instance, update.progress().rollback());
    // Of a task that is deleted the end was seen before.
    if (change.after() != null
        && InstanceRules.isFailure(
            target, task, progress.sinceMs(), policy.tolerateInfrastructureExits())) {
      changes.failure(tx, update.key(), progress);
    }
    if (!runner.evaluate(tx, update.key(), List.of(instance))) {
      count(tx, change);
    }
  }

  private void count(WriteTransaction tx, TaskChange failed) {
    tx.afterCommit((failed.after() == null ? deletionErrors : changeErrors)::increment);
  }

  @Override
  public void onFailure(WriteTransaction tx, TaskChange change, RuntimeException failure) {
    TaskConfig config = change.task().assignedTask().task();
    if (config == null || config.job() == null) {
      return;
    }
    for (UpdateRecord update : ImmutableList.copyOf(tx.state().updates().activeOf(config.job()))) {
      runner.fail(tx, update.key(), failure);
    }
    count(tx, change);
  }

  // ---- Failover --------------------------------------------------------------------------------

  /**
   * Goes on with every active update of a State just taken over, each in a transaction of its own.
   * The time without a leader was also a time without pulses.
   */
  public void resumeAll(State state) {
    long nowMs = Math.max(clock.wallMillis(), state.stampMs());
    for (UpdateRecord update : state.updates().active()) {
      resume(update, nowMs);
    }
  }

  private void resume(UpdateRecord update, long nowMs) {
    JobUpdateKey key = update.key();
    String what = "the resumption of " + UpdateKeys.text(key);
    if (update.update().instructions().settings() == null) {
      background.submit(
          what,
          tx -> {
            runner.fail(tx, key, new IllegalArgumentException("The update has no settings."));
            tx.afterCommit(resumeErrors::increment);
          });
      return;
    }
    runner.pulses().adopt(update, nowMs);
    if (UpdateTransitions.isAwaitingPulse(update.status()) && !runner.pulses().isExpired(update)) {
      // Its pulse was written down, but the last leader did not come to the end of the wait.
      runner.unblockSoon(key, null);
      return;
    }
    background.submit(
        what,
        tx -> {
          if (!runner.roll(tx, key)) {
            tx.afterCommit(resumeErrors::increment);
          }
        });
  }

  /** Stops all timers. To be called on the writer's loop. */
  @Override
  public void close() {
    background.close();
    runner.close();
  }
}
