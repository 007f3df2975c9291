package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What an update writes into a transaction, and the count of it once it is durable. For the
 * writer's thread.
 */
final class UpdateChanges {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateChanges.class);

  private final Map<JobUpdateStatus, Counter> statuses = new EnumMap<>(JobUpdateStatus.class);
  private final Map<JobUpdateAction, Counter> actions = new EnumMap<>(JobUpdateAction.class);

  UpdateChanges(MeterRegistry meters) {
    for (JobUpdateStatus status : JobUpdateStatus.values()) {
      statuses.put(status, meters.counter("update_transition_" + status));
    }
    for (JobUpdateAction action : JobUpdateAction.values()) {
      actions.put(action, meters.counter("update_instance_transition_" + action));
    }
  }

  /** Stores a new update. */
  void save(WriteTransaction tx, JobUpdate update) {
    tx.change(new Op.SaveJobUpdate(new SaveJobUpdate(update)));
  }

  /** Takes the lock of the update's job. */
  void lock(WriteTransaction tx, JobUpdateKey key, JobKey job, String token, String user) {
    Lock lock =
        Lock.builder()
            .key(new LockKey.Job(job))
            .token(token)
            .user(user)
            .timestampMs(tx.nowMs())
            .message("Update " + key.id())
            .build();
    tx.change(new Op.SaveJobLock(new SaveJobLock(lock)));
    progress(tx, key, UpdateProgress.builder().lockToken(token).build(), true);
  }

  /** Whether the update still has the lock of its job. */
  static boolean holdsLock(State state, UpdateRecord update) {
    Lock lock = lockOf(state, update.key());
    return lock != null && Objects.equals(lock.token(), update.progress().lockToken());
  }

  private static @Nullable Lock lockOf(State state, JobUpdateKey key) {
    JobKey job = key.job();
    return job == null ? null : state.locks().get(job);
  }

  /** Gives the lock of the job back, unless the update lost it. */
  void unlock(WriteTransaction tx, UpdateRecord update) {
    if (holdsLock(tx.state(), update)) {
      unlock(tx, update.key().job());
    }
  }

  /** Takes the lock of the job away from whoever has it. */
  void unlock(WriteTransaction tx, JobKey job) {
    tx.change(new Op.RemoveJobLock(new RemoveJobLock(job)));
  }

  /** Records a status. */
  void status(
      WriteTransaction tx,
      JobUpdateKey key,
      JobUpdateStatus status,
      @Nullable String user,
      @Nullable String message) {
    JobUpdateEvent event = new JobUpdateEvent(status, tx.nowMs(), user, message);
    tx.change(new Op.SaveJobUpdateEvent(new SaveJobUpdateEvent(event, key)));
    tx.afterCommit(() -> recorded(key, event));
  }

  private void recorded(JobUpdateKey key, JobUpdateEvent event) {
    Objects.requireNonNull(statuses.get(event.status())).increment();
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("update", UpdateKeys.text(key))
            .addKeyValue("status", event.status());
    if (event.user() != null) {
      line = line.addKeyValue("user", event.user());
    }
    if (event.message() != null) {
      line = line.addKeyValue("message", event.message());
    }
    line.log("An update has another status");
  }

  /** Begins the way back, with every instance to be looked at anew. */
  void turnAround(WriteTransaction tx, UpdateRecord update) {
    UpdateProgress back =
        update.progress().toBuilder().rollback(true).started(0).groupEnd(0).pausedAt(0).build();
    progress(tx, update.key(), back, true);
  }

  /** Notes whose pulse lets the update go on; events do not say it (W-28). */
  void unblocked(WriteTransaction tx, UpdateRecord update, @Nullable String user) {
    progress(tx, update.key(), update.progress().toBuilder().unblockedBy(user).build(), false);
  }

  /** Stores what an evaluation found. */
  void found(WriteTransaction tx, UpdateRecord update, Decision decision) {
    for (JobInstanceUpdateEvent event : decision.events()) {
      tx.change(
          new Op.SaveJobInstanceUpdateEvent(new SaveJobInstanceUpdateEvent(event, update.key())));
      tx.afterCommit(Objects.requireNonNull(actions.get(event.action()))::increment);
    }
    if (!decision.instances().isEmpty()) {
      instances(tx, update.key(), decision.instances());
    }
    if (!decision.progress().equals(update.progress())) {
      progress(tx, update.key(), decision.progress(), false);
    }
  }

  /** Adds a note to what an instance does in this pass, once; it counts as no transition. */
  void note(WriteTransaction tx, JobUpdateKey key, int instance, String message) {
    UpdateRecord update = Objects.requireNonNull(tx.state().updates().get(key));
    JobUpdateAction action =
        update.progress().rollback()
            ? JobUpdateAction.INSTANCE_ROLLING_BACK
            : JobUpdateAction.INSTANCE_UPDATING;
    if (!update.hasNote(instance, action, message)) {
      JobInstanceUpdateEvent event =
          new JobInstanceUpdateEvent(instance, tx.nowMs(), action, message);
      tx.change(new Op.SaveJobInstanceUpdateEvent(new SaveJobInstanceUpdateEvent(event, key)));
    }
  }

  /** Counts one more exit of an instance. */
  void failure(WriteTransaction tx, JobUpdateKey key, InstanceProgress progress) {
    instances(
        tx, key, ImmutableList.of(progress.toBuilder().failures(progress.failures() + 1).build()));
  }

  private static void instances(
      WriteTransaction tx, JobUpdateKey key, ImmutableList<InstanceProgress> instances) {
    tx.change(new Op.SaveInstanceProgress(new SaveInstanceProgress(key, instances)));
  }

  private static void progress(
      WriteTransaction tx, JobUpdateKey key, UpdateProgress progress, boolean newPass) {
    tx.change(new Op.SaveUpdateProgress(new SaveUpdateProgress(key, progress, newPass)));
  }
}
