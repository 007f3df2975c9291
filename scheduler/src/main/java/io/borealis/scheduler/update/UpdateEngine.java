package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SavePulses;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.update.InstanceRules.Step;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries job updates from their start to their end, inside the transactions of whatever moves
 * them: a call, a change of a task, a timer, a pulse. For the writer's thread, except {@link
 * #pulse}.
 *
 * <p>Every decision is made from State, so the next leader goes on exactly here.
 */
public final class UpdateEngine implements Reaction, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateEngine.class);
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration PULSE_SAVE_DELAY = Duration.ofSeconds(1);
  private static final long LEAST_PULSE_SAVE_MS = 5_000;
  private static final String LOCK_LOST = "Updater has lost its exclusive lock, unable to proceed.";
  private static final String PULSE_TIMEOUT = "Pulses from external service have timed out.";

  private final Writes writes;
  private final TaskLifecycle lifecycle;
  private final EventLoop loop;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Supplier<String> tokens;
  private final PulseTable pulses = new PulseTable();
  private final UpdateTimers watches;
  private final Map<JobUpdateKey, EventLoop.Timer> expiries = new HashMap<>();
  private final Map<JobUpdateKey, Long> pulsesToSave = new HashMap<>();
  private boolean pulseSaveArmed;
  private boolean closed;

  /**
   * @param writerLoop runs timers
   * @param tokens makes lock tokens, different each time
   */
  public UpdateEngine(
      Writes writes,
      TaskLifecycle lifecycle,
      EventLoop writerLoop,
      Clock clock,
      MeterRegistry meters,
      Supplier<String> tokens) {
    this.writes = writes;
    this.lifecycle = lifecycle;
    this.loop = writerLoop;
    this.clock = clock;
    this.meters = meters;
    this.tokens = tokens;
    this.watches = new UpdateTimers(writerLoop, clock, this::look);
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
    JobUpdateSettings settings = update.instructions().settings();
    if (!Groups.isUsable(Groups.strategyOf(settings))) {
      throw new UpdateException("Update group size must be positive.");
    }
    if (settings.minWaitInInstanceRunningMs() < 0) {
      throw new UpdateException("Minimum wait in RUNNING must be non-negative.");
    }
    Lock held = tx.state().locks().get(job);
    if (held != null) {
      throw new UpdateException(
          "The job is locked by "
              + held.user()
              + "; an administrator can release the lock if nothing holds it any more.");
    }
    tx.change(new Op.SaveJobUpdate(new SaveJobUpdate(update)));
    UpdateRecord record = Objects.requireNonNull(tx.state().updates().get(key));
    if (record.plan().size() == 0) {
      throw new UpdateException("Update instruction is a no-op.");
    }
    String token = tokens.get();
    tx.change(
        new Op.SaveJobLock(
            new SaveJobLock(
                Lock.builder()
                    .key(new LockKey.Job(job))
                    .token(token)
                    .user(audit.user())
                    .timestampMs(tx.nowMs())
                    .message("Update " + key.id())
                    .build())));
    saveProgress(tx, key, UpdateProgress.builder().lockToken(token).build(), true);
    JobUpdateStatus first =
        isCoordinated(record)
            ? JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE
            : JobUpdateStatus.ROLLING_FORWARD;
    record(tx, key, first, audit.user(), audit.message());
    if (first == JobUpdateStatus.ROLLING_FORWARD) {
      evaluate(tx, key, List.of());
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
    move(tx, update, UpdateTransitions.resumed(statusOf(update), isExpired(update)), audit);
  }

  /** Ends an update where it stands. */
  public void abort(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    move(tx, existing(tx, key, "Update does not exist "), JobUpdateStatus.ABORTED, audit);
  }

  /** Turns an update around. */
  public void rollback(WriteTransaction tx, JobUpdateKey key, Audit audit) {
    move(tx, existing(tx, key, "Update does not exist "), JobUpdateStatus.ROLLING_BACK, audit);
  }

  private static UpdateRecord existing(WriteTransaction tx, JobUpdateKey key, String refusal) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update == null) {
      throw new UpdateException(refusal + name(key));
    }
    return update;
  }

  private static String name(JobUpdateKey key) {
    JobKey job = key.job();
    return job == null
        ? String.valueOf(key.id())
        : "%s/%s/%s %s".formatted(job.role(), job.environment(), job.name(), key.id());
  }

  private static JobUpdateStatus statusOf(UpdateRecord update) {
    JobUpdateStatus status = update.status();
    if (status == null) {
      throw new UpdateException("Update " + name(update.key()) + " has no status");
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
    enter(tx, update.key(), target, audit.user(), audit.message());
  }

  /**
   * Takes a pulse in; for any thread. Writes nothing, but for a coarse note for the next leader and
   * the end of a wait.
   */
  public JobUpdatePulseStatus pulse(State durable, JobUpdateKey key) {
    UpdateRecord update = durable.updates().get(key);
    if (update == null || !isCoordinated(update) || !UpdateTransitions.isActive(update.status())) {
      return JobUpdatePulseStatus.FINISHED;
    }
    pulses.pulsed(key, clock.nanoTime());
    boolean waits = UpdateTransitions.isAwaitingPulse(update.status());
    loop.execute(() -> pulsed(key, timeoutMs(update)));
    if (waits) {
      unblock(key);
    }
    return JobUpdatePulseStatus.OK;
  }

  private void unblock(JobUpdateKey key) {
    background(
        tx -> {
          UpdateRecord update = tx.state().updates().get(key);
          if (update != null && UpdateTransitions.isAwaitingPulse(update.status())) {
            JobUpdateStatus from = statusOf(update);
            enter(tx, key, UpdateTransitions.unblocked(from), null, null);
          }
        },
        "the end of a wait for pulses of " + name(key));
  }

  // ---- Reactions -------------------------------------------------------------------------------

  @Override
  public void onTaskChange(WriteTransaction tx, TaskChange change) {
    ScheduledTask task = change.task();
    TaskConfig config = task.assignedTask().task();
    JobKey job = config == null ? null : config.job();
    if (job == null || !change.changesStatus() || !tx.state().updates().isUpdating(job)) {
      return;
    }
    for (UpdateRecord update : ImmutableList.copyOf(tx.state().updates().activeOf(job))) {
      int instance = task.assignedTask().instanceId();
      InstanceProgress progress = update.instances().get(instance);
      if (!UpdateTransitions.isRolling(update.status())
          || progress == null
          || progress.state() != InstanceProgressState.WORKING) {
        continue;
      }
      TaskConfig target = update.plan().targetOf(instance, update.progress().rollback());
      // Of a task that is deleted the end was seen before.
      if (change.after() != null && InstanceRules.isFailure(target, task, progress.sinceMs())) {
        saveInstances(
            tx,
            update.key(),
            List.of(progress.toBuilder().failures(progress.failures() + 1).build()));
      }
      evaluate(tx, update.key(), List.of(instance));
    }
  }

  @Override
  public void onFailure(WriteTransaction tx, TaskChange change, RuntimeException failure) {
    TaskConfig config = change.task().assignedTask().task();
    if (config == null || config.job() == null) {
      return;
    }
    for (UpdateRecord update : ImmutableList.copyOf(tx.state().updates().activeOf(config.job()))) {
      fail(tx, update.key(), failure);
    }
  }

  // ---- Failover --------------------------------------------------------------------------------

  /**
   * Goes on with every active update of a State just taken over, each in a transaction of its own.
   * The time without a leader was also a time without pulses.
   */
  public void resumeAll(State state) {
    long nowMs = Math.max(clock.wallMillis(), state.stampMs());
    for (UpdateRecord update : state.updates().active()) {
      if (isCoordinated(update)) {
        long last = lastKnownPulseMs(update);
        if (last > 0) {
          long ageMs = Math.max(0, nowMs - last);
          pulses.pulsed(update.key(), clock.nanoTime() - TimeUnit.MILLISECONDS.toNanos(ageMs));
        }
      }
      JobUpdateKey key = update.key();
      background(tx -> resume(tx, key), "the resumption of " + name(key));
    }
  }

  private void resume(WriteTransaction tx, JobUpdateKey key) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update != null && UpdateTransitions.isRolling(update.status())) {
      armExpiry(tx, update);
      List<Integer> underWay = new ArrayList<>();
      for (InstanceProgress progress : update.instances().asMap().values()) {
        if (progress.state() == InstanceProgressState.WORKING) {
          underWay.add(progress.instanceId());
        }
      }
      underWay.sort(null);
      evaluate(tx, key, underWay);
    }
  }

  /**
   * The last pulse on record, or the last status the update can only have had with a pulse; 0 when
   * none came since it last began to wait.
   */
  private static long lastKnownPulseMs(UpdateRecord update) {
    for (JobUpdateEvent event : Lists.reverse(update.events())) {
      if (UpdateTransitions.isRolling(event.status())) {
        return Math.max(update.pulsedMs(), event.timestampMs());
      } else if (UpdateTransitions.isAwaitingPulse(event.status())) {
        return update.pulsedMs() > event.timestampMs() ? update.pulsedMs() : 0;
      }
    }
    return update.pulsedMs();
  }

  // ---- Statuses --------------------------------------------------------------------------------

  /** Records a status and does what entering it means. */
  private void enter(
      WriteTransaction tx,
      JobUpdateKey key,
      JobUpdateStatus to,
      @Nullable String user,
      @Nullable String message) {
    record(tx, key, to, user, message);
    tx.afterCommit(() -> watches.forget(key));
    if (!UpdateTransitions.isActive(to)) {
      release(tx, key);
      tx.afterCommit(() -> forget(key));
      return;
    }
    if (!UpdateTransitions.isRolling(to)) {
      return;
    }
    UpdateRecord update = Objects.requireNonNull(tx.state().updates().get(key));
    boolean backwards = to == JobUpdateStatus.ROLLING_BACK;
    if (backwards && !update.progress().rollback()) {
      saveProgress(
          tx,
          key,
          UpdateProgress.builder().rollback(true).lockToken(update.progress().lockToken()).build(),
          true);
    }
    armExpiry(tx, update);
    List<Integer> underWay = new ArrayList<>();
    UpdateRecord now = Objects.requireNonNull(tx.state().updates().get(key));
    for (InstanceProgress progress : now.instances().asMap().values()) {
      if (progress.state() == InstanceProgressState.WORKING) {
        underWay.add(progress.instanceId());
      }
    }
    underWay.sort(null);
    evaluate(tx, key, underWay);
  }

  private void record(
      WriteTransaction tx,
      JobUpdateKey key,
      JobUpdateStatus status,
      @Nullable String user,
      @Nullable String message) {
    tx.change(
        new Op.SaveJobUpdateEvent(
            new SaveJobUpdateEvent(new JobUpdateEvent(status, tx.nowMs(), user, message), key)));
    tx.afterCommit(() -> meters.counter("update_transition_" + status).increment());
  }

  private void release(WriteTransaction tx, JobUpdateKey key) {
    UpdateRecord update = tx.state().updates().get(key);
    JobKey job = key.job();
    Lock lock = job == null ? null : tx.state().locks().get(job);
    if (update != null
        && job != null
        && lock != null
        && Objects.equals(lock.token(), update.progress().lockToken())) {
      tx.change(new Op.RemoveJobLock(new RemoveJobLock(job)));
    }
  }

  private void forget(JobUpdateKey key) {
    watches.forget(key);
    pulses.forget(key);
    pulsesToSave.remove(key);
    EventLoop.Timer timer = expiries.remove(key);
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Ends an update that cannot go on; it harms no other. */
  private void fail(WriteTransaction tx, JobUpdateKey key, RuntimeException failure) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update == null || !UpdateTransitions.isActive(update.status())) {
      return;
    }
    LOG.error("Update {} cannot go on", name(key), failure);
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    enter(tx, key, JobUpdateStatus.ERROR, null, "Internal scheduler error: " + text);
  }

  private static boolean holdsLock(State state, UpdateRecord update) {
    JobKey job = update.key().job();
    Lock lock = job == null ? null : state.locks().get(job);
    return lock != null && Objects.equals(lock.token(), update.progress().lockToken());
  }

  // ---- Evaluation ------------------------------------------------------------------------------

  /** Looks at instances again, and begins more if there is room. */
  private void evaluate(WriteTransaction tx, JobUpdateKey key, List<Integer> changed) {
    evaluate(tx, key, changed, tx.nowMs());
  }

  /**
   * @param asOfMs the time it is for what must have been RUNNING for some time
   */
  private void evaluate(WriteTransaction tx, JobUpdateKey key, List<Integer> changed, long asOfMs) {
    WriteTransaction.Savepoint before = tx.savepoint();
    try {
      evaluateUnguarded(tx, key, changed, asOfMs);
    } catch (RuntimeException failure) {
      tx.rollback(before);
      fail(tx, key, failure);
    }
  }

  private void evaluateUnguarded(
      WriteTransaction tx, JobUpdateKey key, List<Integer> changed, long asOfMs) {
    UpdateRecord update = tx.state().updates().get(key);
    if (update == null || !UpdateTransitions.isRolling(update.status())) {
      return;
    }
    JobUpdateStatus status = statusOf(update);
    if (!holdsLock(tx.state(), update)) {
      enter(tx, key, JobUpdateStatus.ERROR, null, LOCK_LOST);
      return;
    }
    if (isExpired(update)) {
      enter(tx, key, UpdateTransitions.blocked(status), null, PULSE_TIMEOUT);
      return;
    }
    Pass pass = new Pass(update, tx.nowMs(), asOfMs);
    for (int instance : changed) {
      InstanceProgress progress = update.instances().get(instance);
      if (progress != null && progress.state() == InstanceProgressState.WORKING) {
        pass.look(tx.state(), instance, progress, false);
      }
    }
    boolean pausing = beginGroups(tx.state(), pass);
    if (pausing) {
      record(tx, key, JobUpdateStatus.ROLL_FORWARD_PAUSED, null, "Update auto paused");
      tx.afterCommit(() -> watches.forget(key));
    }
    pass.save(tx);
    if (pausing) {
      return;
    }
    if (pass.hasFailed()) {
      JobUpdateStatus next =
          status == JobUpdateStatus.ROLLING_FORWARD
                  && update.update().instructions().settings().rollbackOnFailure()
              ? JobUpdateStatus.ROLLING_BACK
              : JobUpdateStatus.FAILED;
      enter(
          tx,
          key,
          next,
          null,
          pass.firstFailed < 0
              ? null
              : "Latest failure: instance " + pass.firstFailed + " exited.");
    } else if (pass.isComplete()) {
      enter(
          tx,
          key,
          status == JobUpdateStatus.ROLLING_FORWARD
              ? JobUpdateStatus.ROLLED_FORWARD
              : JobUpdateStatus.ROLLED_BACK,
          null,
          null);
    } else {
      pass.act(tx);
    }
  }

  /** Begins what the strategy allows; true when the update pauses instead. */
  private static boolean beginGroups(State state, Pass pass) {
    while (!pass.hasFailed() && pass.started < pass.size) {
      int size = Groups.next(pass.strategy, pass.size, pass.started, pass.working, pass.rollback);
      if (size == 0) {
        return false;
      }
      if (pass.mustPauseBefore(state, size)) {
        pass.pausedAt = pass.started;
        return true;
      }
      pass.begin(state, size);
    }
    return false;
  }

  /** One evaluation of one update: what was found, to be saved and acted upon together. */
  private final class Pass {
    private final UpdateRecord update;
    private final JobUpdateKey key;
    private final JobUpdateSettings settings;
    private final JobUpdateStrategy strategy;
    private final boolean rollback;
    private final int size;
    private final long nowMs;
    private final long asOfMs;
    private int started;
    private int pausedAt;
    private int working;
    private int failed;
    private int firstFailed = -1;
    private final Map<Integer, InstanceProgress> changed = new LinkedHashMap<>();
    private final List<Op> events = new ArrayList<>();
    private final Map<TaskConfig, List<Integer>> adds = new LinkedHashMap<>();
    private final List<String> kills = new ArrayList<>();
    private final Map<Integer, Long> watched = new HashMap<>();

    Pass(UpdateRecord update, long nowMs, long asOfMs) {
      this.update = update;
      this.key = update.key();
      this.settings = update.update().instructions().settings();
      this.strategy = Groups.strategyOf(settings);
      this.rollback = update.progress().rollback();
      this.size = update.plan().size();
      this.nowMs = nowMs;
      this.asOfMs = asOfMs;
      this.started = update.progress().started();
      this.pausedAt = update.progress().pausedAt();
      this.working = update.working();
      this.failed = update.failed();
    }

    boolean hasFailed() {
      return failed > settings.maxFailedInstances();
    }

    boolean isComplete() {
      return started == size && working == 0;
    }

    /** Whether the update shall wait for somebody to say that the next group may begin. */
    boolean mustPauseBefore(State state, int groupSize) {
      if (rollback
          || !Groups.autoPauses(strategy)
          || started == 0
          || pausedAt == started
          || (update.actions().isEmpty() && events.isEmpty())) {
        return false;
      }
      for (int i = 0; i < groupSize; i++) {
        int instance = update.plan().instanceAt(started + i, rollback);
        if (update.hasAction(instance)) {
          return false; // Begun by a scheduler that did not store its groups.
        }
      }
      for (int i = 0; i < groupSize; i++) {
        int instance = update.plan().instanceAt(started + i, rollback);
        if (!(stepOf(state, instance) instanceof Step.Done)) {
          return true;
        }
      }
      return false;
    }

    void begin(State state, int groupSize) {
      for (int i = 0; i < groupSize; i++) {
        int instance = update.plan().instanceAt(started++, rollback);
        InstanceProgress fresh =
            new InstanceProgress(instance, InstanceProgressState.WORKING, 0, nowMs);
        working++;
        changed.put(instance, fresh);
        if (!rollback && update.hasAction(instance, JobUpdateAction.INSTANCE_UPDATE_FAILED)) {
          // Under a scheduler that stored nothing else; it counts, but is not tried again.
          finish(fresh, InstanceProgressState.FAILED);
        } else {
          look(state, instance, fresh, true);
        }
      }
    }

    private Step stepOf(State state, int instance) {
      TaskConfig target = update.plan().targetOf(instance, rollback);
      ScheduledTask task = state.tasks().activeOf(Objects.requireNonNull(key.job()), instance);
      // On the way back, what was never touched needs no watching (W-29).
      if (rollback
          && !update.hasAction(instance)
          && task != null
          && target != null
          && target.equals(task.assignedTask().task())) {
        return new Step.Done();
      }
      return InstanceRules.decide(target, task, settings.minWaitInInstanceRunningMs(), asOfMs);
    }

    void look(State state, int instance, InstanceProgress progress, boolean fresh) {
      if (progress.failures() > settings.maxPerInstanceFailures()) {
        finish(progress, InstanceProgressState.FAILED);
        if (firstFailed < 0) {
          firstFailed = instance;
        }
        event(
            instance,
            rollback
                ? JobUpdateAction.INSTANCE_ROLLBACK_FAILED
                : JobUpdateAction.INSTANCE_UPDATE_FAILED);
        return;
      }
      Step step = stepOf(state, instance);
      boolean silent = fresh && step instanceof Step.Done && !update.hasAction(instance);
      if (fresh && !silent) {
        event(
            instance,
            rollback ? JobUpdateAction.INSTANCE_ROLLING_BACK : JobUpdateAction.INSTANCE_UPDATING);
      }
      if (step instanceof Step.Done) {
        finish(progress, InstanceProgressState.SUCCEEDED);
        if (!silent) {
          event(
              instance,
              rollback ? JobUpdateAction.INSTANCE_ROLLED_BACK : JobUpdateAction.INSTANCE_UPDATED);
        }
      } else if (step instanceof Step.Add add) {
        adds.computeIfAbsent(add.config(), unused -> new ArrayList<>()).add(instance);
      } else if (step instanceof Step.Kill kill) {
        kills.add(kill.taskId());
      } else if (step instanceof Step.Watch watch) {
        watched.put(instance, watch.untilMs());
      }
    }

    private void finish(InstanceProgress progress, InstanceProgressState state) {
      working--;
      if (state == InstanceProgressState.FAILED) {
        failed++;
      }
      changed.put(progress.instanceId(), progress.toBuilder().state(state).build());
    }

    /** Each action is recorded once for each instance. */
    private void event(int instance, JobUpdateAction action) {
      if (!update.hasAction(instance, action)) {
        events.add(
            new Op.SaveJobInstanceUpdateEvent(
                new SaveJobInstanceUpdateEvent(
                    new JobInstanceUpdateEvent(instance, nowMs, action, null), key)));
      }
    }

    void save(WriteTransaction tx) {
      events.forEach(tx::change);
      for (Op op : events) {
        if (op instanceof Op.SaveJobInstanceUpdateEvent save && save.value().event() != null) {
          JobUpdateAction action = save.value().event().action();
          tx.afterCommit(() -> meters.counter("update_instance_transition_" + action).increment());
        }
      }
      if (!changed.isEmpty()) {
        saveInstances(tx, key, changed.values());
      }
      if (started != update.progress().started() || pausedAt != update.progress().pausedAt()) {
        saveProgress(
            tx,
            key,
            update.progress().toBuilder()
                .started(started)
                .groupEnd(started)
                .pausedAt(pausedAt)
                .build(),
            false);
      }
    }

    void act(WriteTransaction tx) {
      adds.forEach(
          (config, instances) -> {
            var unused = lifecycle.insertPending(tx, config, instances);
          });
      for (String taskId : kills) {
        var unused =
            lifecycle.changeState(
                tx, taskId, null, ScheduleStatus.KILLING, "Killed for job update " + key.id());
      }
      if (!watched.isEmpty()) {
        tx.afterCommit(
            () ->
                watched.forEach((instance, until) -> watches.watch(key, instance, asOfMs, until)));
      }
    }
  }

  private static void saveInstances(
      WriteTransaction tx, JobUpdateKey key, Iterable<InstanceProgress> instances) {
    tx.change(
        new Op.SaveInstanceProgress(
            new SaveInstanceProgress(key, ImmutableList.copyOf(instances))));
  }

  private static void saveProgress(
      WriteTransaction tx, JobUpdateKey key, UpdateProgress progress, boolean newPass) {
    tx.change(new Op.SaveUpdateProgress(new SaveUpdateProgress(key, progress, newPass)));
  }

  // ---- Timers and pulses -----------------------------------------------------------------------

  private void look(JobUpdateKey key, List<Integer> instances, long nowMs) {
    background(
        tx -> evaluate(tx, key, instances, Math.max(nowMs, tx.nowMs())), "watching " + name(key));
  }

  /** Does the work in a transaction of its own, again and again until it is durable. */
  private void background(java.util.function.Consumer<WriteTransaction> work, String what) {
    if (closed) {
      return;
    }
    writes
        .submit(
            WriteClass.BACKGROUND,
            clock.nanoTime() + DEADLINE.toNanos(),
            tx -> {
              work.accept(tx);
              return true;
            })
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                loop.execute(
                    () -> {
                      if (!closed) {
                        LOG.warn("Put off: {}: {}", what, failure.getMessage());
                        var unused = loop.schedule(RETRY, () -> background(work, what));
                      }
                    });
              }
            });
  }

  private static boolean isCoordinated(UpdateRecord update) {
    return timeoutMs(update) > 0;
  }

  private static int timeoutMs(UpdateRecord update) {
    Integer timeout = update.update().instructions().settings().blockIfNoPulsesAfterMs();
    return timeout == null ? 0 : timeout;
  }

  private boolean isExpired(UpdateRecord update) {
    return isCoordinated(update)
        && pulses.expired(
            update.key(), TimeUnit.MILLISECONDS.toNanos(timeoutMs(update)), clock.nanoTime());
  }

  /** An update without pulses blocks when they stop, not when something else happens (W-5). */
  private void armExpiry(WriteTransaction tx, UpdateRecord update) {
    if (isCoordinated(update)) {
      JobUpdateKey key = update.key();
      long timeout = TimeUnit.MILLISECONDS.toNanos(timeoutMs(update));
      tx.afterCommit(() -> scheduleExpiry(key, timeout));
    }
  }

  private void scheduleExpiry(JobUpdateKey key, long timeoutNanos) {
    if (closed) {
      return;
    }
    long left = pulses.remainingNanos(key, timeoutNanos, clock.nanoTime());
    EventLoop.Timer timer =
        loop.schedule(
            Duration.ofNanos(left),
            () -> {
              expiries.remove(key);
              if (pulses.expired(key, timeoutNanos, clock.nanoTime())) {
                background(tx -> expire(tx, key), "the end of pulses of " + name(key));
              } else {
                scheduleExpiry(key, timeoutNanos);
              }
            });
    EventLoop.Timer before = expiries.put(key, timer);
    if (before != null) {
      before.cancel();
    }
  }

  /** Lets the update wait for a pulse, unless one came at the last moment. */
  private void expire(WriteTransaction tx, JobUpdateKey key) {
    evaluate(tx, key, List.of());
    UpdateRecord update = tx.state().updates().get(key);
    if (update != null && UpdateTransitions.isRolling(update.status())) {
      armExpiry(tx, update);
    }
  }

  /** Notes that a pulse should be saved, if the last saved one is old enough. */
  private void pulsed(JobUpdateKey key, int timeoutMs) {
    if (closed) {
      return;
    }
    pulsesToSave.put(key, Math.max(timeoutMs / 2, LEAST_PULSE_SAVE_MS));
    if (!pulseSaveArmed) {
      pulseSaveArmed = true;
      var unused = loop.schedule(PULSE_SAVE_DELAY, this::savePulses);
    }
  }

  private void savePulses() {
    pulseSaveArmed = false;
    Map<JobUpdateKey, Long> due = Map.copyOf(pulsesToSave);
    pulsesToSave.clear();
    if (due.isEmpty() || closed) {
      return;
    }
    background(
        tx -> {
          List<PulseTime> save = new ArrayList<>();
          due.forEach(
              (key, interval) -> {
                UpdateRecord update = tx.state().updates().get(key);
                if (update != null
                    && UpdateTransitions.isActive(update.status())
                    && tx.nowMs() - update.pulsedMs() >= interval) {
                  long ageMs =
                      TimeUnit.NANOSECONDS.toMillis(pulses.ageNanos(key, clock.nanoTime()));
                  save.add(new PulseTime(key, tx.nowMs() - ageMs));
                }
              });
          if (!save.isEmpty()) {
            tx.change(new Op.SavePulses(new SavePulses(ImmutableList.copyOf(save))));
          }
        },
        "the times of pulses");
  }

  /** Stops all timers. To be called on the writer's loop. */
  @Override
  public void close() {
    closed = true;
    watches.close();
    expiries.values().forEach(EventLoop.Timer::cancel);
    expiries.clear();
  }
}
