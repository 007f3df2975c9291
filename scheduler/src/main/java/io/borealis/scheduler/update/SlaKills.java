package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.runtime.Gauges;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaAnswer;
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
  private final Sla sla;
  private final Updates updates;
  private final UpdateChanges changes;
  private final BackgroundWrites background;
  private final EventLoop loop;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Counter denials;
  private final Backoff backoff;
  private final long origin;
  private final Map<JobUpdateKey, Map<Integer, Attempts>> all = new HashMap<>();
  private final TreeSet<Attempts> due;
  private final Map<Place, SlaWait> waiting = new ConcurrentHashMap<>();
  private EventLoop.@Nullable Timer timer;
  private long begun;

  /** What the rest of the updater does for it. */
  interface Updates {
    /** Does the work if the update has this status and may go on. */
    void whileIn(
        WriteTransaction tx,
        JobUpdateKey key,
        JobUpdateStatus status,
        java.util.function.Consumer<UpdateRecord> work);

    /** Kills a task. */
    void kill(WriteTransaction tx, JobUpdateKey key, Decision.Kill kill);
  }

  private record Place(JobUpdateKey key, int instance) {}

  /** The attempts to take one task down. */
  private static final class Attempts {
    final Place place;
    final JobUpdateStatus status;
    final String taskId;
    final long order;
    final long sinceMs;
    int made;
    long lastDelayMs;
    long dueNanos;
    @Nullable SlaDenial denial;

    /** How long others must have been RUNNING; negative when that is not what it waits for. */
    long durationSecs = -1;

    /** Whether the update has left the status and may come back to it. */
    boolean suspended;

    boolean ended;

    Attempts(Place place, JobUpdateStatus status, String taskId, long order, long sinceMs) {
      this.place = place;
      this.status = status;
      this.taskId = taskId;
      this.order = order;
      this.sinceMs = sinceMs;
    }
  }

  /** What came of an attempt. */
  private sealed interface Outcome {
    record Killed() implements Outcome {}

    record Ended() implements Outcome {}

    record Denied(SlaDenial denial, long durationSecs) implements Outcome {}

    record Ask(CoordinatorSlaPolicy policy, ScheduledTask task) implements Outcome {}
  }

  SlaKills(
      Sla sla,
      Updates updates,
      UpdateChanges changes,
      BackgroundWrites background,
      EventLoop loop,
      Clock clock,
      MeterRegistry meters) {
    this.sla = sla;
    this.updates = updates;
    this.changes = changes;
    this.background = background;
    this.loop = loop;
    this.clock = clock;
    this.meters = meters;
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
  void kill(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    JobUpdateStatus status = Objects.requireNonNull(update.status());
    changes.note(tx, update.key(), kill.instance(), UpdateRecord.CHECKING_SLA);
    tx.afterCommit(() -> begin(new Place(update.key(), kill.instance()), status, kill.taskId()));
  }

  private void begin(Place place, JobUpdateStatus status, String taskId) {
    if (background.isClosed()) {
      return;
    }
    Map<Integer, Attempts> ofUpdate = all.computeIfAbsent(place.key(), key -> new TreeMap<>());
    Attempts before = ofUpdate.get(place.instance());
    if (before != null && before.status == status && before.taskId.equals(taskId)) {
      before.suspended = false;
      show(before);
      return;
    }
    if (before != null) {
      end(before);
    }
    Attempts attempts = new Attempts(place, status, taskId, begun++, clock.wallMillis());
    all.computeIfAbsent(place.key(), key -> new TreeMap<>()).put(place.instance(), attempts);
    enqueue(attempts, 0);
    show(attempts);
  }

  /** Follows an update to another status. */
  void entered(JobUpdateKey key, JobUpdateStatus status) {
    boolean comesBack = UpdateTransitions.isActive(status) && !UpdateTransitions.isRolling(status);
    for (Attempts attempts : ImmutableList.copyOf(all.getOrDefault(key, Map.of()).values())) {
      if (attempts.status != status && !comesBack) {
        end(attempts);
      } else if (attempts.status != status) {
        // Its next attempt ends it, unless the update is back by then.
        attempts.suspended = true;
        waiting.remove(attempts.place);
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
    if (attempts != null && attempts.taskId.equals(task.assignedTask().taskId())) {
      end(attempts);
    }
  }

  /** Another task that runs for long enough lets at most one more go. */
  private void oneMoreRuns(JobUpdateKey key) {
    for (Attempts attempts : all.getOrDefault(key, Map.of()).values()) {
      if (attempts.durationSecs >= 0 && due.contains(attempts)) {
        long wait = TimeUnit.SECONDS.toNanos(attempts.durationSecs) + 1_000_000;
        long soon = clock.nanoTime() + Math.min(wait, Duration.ofDays(1).toNanos());
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
    waiting.remove(attempts.place);
    Map<Integer, Attempts> ofUpdate = all.get(attempts.place.key());
    if (ofUpdate != null && ofUpdate.remove(attempts.place.instance(), attempts)) {
      if (ofUpdate.isEmpty()) {
        all.remove(attempts.place.key());
      }
    }
  }

  private void show(Attempts attempts) {
    if (!attempts.suspended && !attempts.ended) {
      long left = Math.max(0, attempts.dueNanos - clock.nanoTime());
      waiting.put(
          attempts.place,
          new SlaWait(
              attempts.taskId,
              attempts.sinceMs,
              attempts.made,
              clock.wallMillis() + TimeUnit.NANOSECONDS.toMillis(left),
              attempts.denial));
    }
  }

  // ---- When ------------------------------------------------------------------------------------

  private void enqueue(Attempts attempts, long delayMs) {
    attempts.dueNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
    due.add(attempts);
    arm();
  }

  private void arm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (!due.isEmpty()) {
      long left = Math.max(0, due.first().dueNanos - clock.nanoTime());
      timer = loop.schedule(Duration.ofNanos(left), this::attemptDue);
    }
  }

  private void attemptDue() {
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
      act(tx, attempts, (update, kill) -> attempt(tx, check, update, kill));
    }
  }

  private interface Act {
    Outcome on(UpdateRecord update, Decision.Kill kill);
  }

  /** Does something about the task if it is still to be taken down. */
  private void act(WriteTransaction tx, Attempts attempts, Act act) {
    Outcome[] outcome = {new Outcome.Ended()};
    JobUpdateKey key = attempts.place.key();
    if (!attempts.ended) {
      updates.whileIn(
          tx,
          key,
          attempts.status,
          update -> {
            Decision.Kill kill = wanted(tx, update, attempts);
            if (kill != null) {
              outcome[0] = act.on(update, kill);
            }
          });
    }
    tx.afterCommit(() -> settle(attempts, outcome[0]));
  }

  /** The kill, if the update still wants it. */
  private static Decision.@Nullable Kill wanted(
      WriteTransaction tx, UpdateRecord update, Attempts attempts) {
    int instance = attempts.place.instance();
    ScheduledTask task =
        tx.state().tasks().activeOf(Objects.requireNonNull(update.key().job()), instance);
    InstanceRules.Step step =
        InstanceRules.decide(
            update.plan().targetOf(instance, update.progress().rollback()), task, 0, tx.nowMs());
    return step instanceof InstanceRules.Step.Kill kill && kill.taskId().equals(attempts.taskId)
        ? new Decision.Kill(kill.taskId(), instance, kill.keptAgent())
        : null;
  }

  private Outcome attempt(
      WriteTransaction tx, SlaCheck check, UpdateRecord update, Decision.Kill kill) {
    count(tx, "attempt", update.key());
    ScheduledTask task = Objects.requireNonNull(tx.state().tasks().get(kill.taskId()));
    SlaPolicy policy = SlaPolicies.of(update, kill.instance(), task.assignedTask().task());
    SlaAnswer answer =
        policy == null ? new SlaAnswer.Allowed() : check.check(policy, task, tx.state().tasks());
    if (answer instanceof SlaAnswer.Denied denied) {
      return new Outcome.Denied(denied.denial(), durationSecs(policy));
    } else if (answer instanceof SlaAnswer.AskCoordinator ask) {
      return new Outcome.Ask(ask.policy(), task);
    }
    Outcome killed = pass(tx, update, kill);
    check.tookDown(task, tx.state().tasks());
    return killed;
  }

  private static long durationSecs(@Nullable SlaPolicy policy) {
    if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      CountSlaPolicy value = count.value();
      return Math.max(0, value.durationSecs());
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      return Math.max(0, percentage.value().durationSecs());
    }
    return -1;
  }

  private Outcome pass(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    changes.note(tx, update.key(), kill.instance(), UpdateRecord.SLA_PASSED);
    updates.kill(tx, update.key(), kill);
    count(tx, "success", update.key());
    return new Outcome.Killed();
  }

  private void count(WriteTransaction tx, String what, JobUpdateKey key) {
    JobKey job = Objects.requireNonNull(key.job());
    tx.afterCommit(
        () -> meters.counter("updates_sla_kill_" + what + "_" + UpdateKeys.text(job)).increment());
  }

  private void settle(Attempts attempts, Outcome outcome) {
    if (attempts.ended || background.isClosed()) {
      return;
    } else if (outcome instanceof Outcome.Denied denied) {
      attempts.made++;
      attempts.durationSecs = denied.durationSecs();
      tryLater(attempts, denied.denial());
    } else if (outcome instanceof Outcome.Ask ask) {
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

  private void ask(Attempts attempts, Outcome.Ask ask) {
    sla.coordinators()
        .ask(
            ask.policy(),
            ask.task(),
            ImmutableMap.of(),
            new Coordinators.Asker() {
              @Override
              public void allowed(Runnable done) {
                background.submit(
                    "the kill of " + attempts.taskId,
                    tx -> {
                      tx.afterCommit(done);
                      // Much may have happened since the question (W-14).
                      act(tx, attempts, (update, kill) -> pass(tx, update, kill));
                    });
              }

              @Override
              public void denied(SlaDenial.Coordinator denial) {
                tryLater(attempts, denial);
              }
            });
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
