package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.InstanceRules.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says why an active update is not moving, from State and the live view at one moment. The work is
 * that of the instances begun so far. Thread-safe.
 */
public final class Explainer {
  private final LiveView live;
  private final Duration stallThreshold;

  public Explainer(LiveView live, Duration stallThreshold) {
    this.live = live;
    this.stallThreshold = stallThreshold;
  }

  /**
   * Explains an update.
   *
   * @return null when the update has ended
   */
  public @Nullable Explanation explain(State state, UpdateRecord update, long nowMs) {
    JobUpdateStatus status = update.status();
    if (status == null || !UpdateTransitions.isActive(status)) {
      return null;
    }
    JobUpdateSettings settings = update.update().instructions().settings();
    // Without them nobody can tell what it waits for; whoever goes on with it ends it.
    ImmutableList<Wait> waits =
        settings == null ? ImmutableList.of() : waits(state, update, status, nowMs);
    ImmutableList<Explanation.Failure> failures = failures(update);
    int budget = settings == null ? 0 : settings.maxFailedInstances();
    long still = Math.max(0, nowMs - update.modifiedMs());
    boolean stalled = Stalls.stillFor(update, nowMs).compareTo(stallThreshold) > 0;
    return new Explanation(
        update.key(),
        status,
        Sentences.of(waits, failures, budget, update.working(), nowMs),
        waits,
        new Explanation.Progress(
            update.progress().rollback(),
            update.plan().size(),
            update.progress().started(),
            update.working(),
            update.failed()),
        failures,
        budget,
        pulses(update),
        still,
        stalled);
  }

  private ImmutableList<Wait> waits(
      State state, UpdateRecord update, JobUpdateStatus status, long nowMs) {
    JobUpdateEvent last = Iterables.getLast(update.events());
    if (UpdateTransitions.isAwaitingPulse(status)) {
      return ImmutableList.of(pulseWait(update, last));
    } else if (!UpdateTransitions.isRolling(status)) {
      return ImmutableList.of(pause(update, last));
    }
    return instanceWaits(state, update, nowMs);
  }

  private Wait pulseWait(UpdateRecord update, JobUpdateEvent last) {
    long timeout = Pulses.timeoutMs(update);
    Duration since = live.sincePulse(update.key());
    return since == null
        ? new Wait.FirstPulse(last.timestampMs(), timeout)
        : new Wait.Pulse(Math.max(0, since.toMillis() - timeout), timeout);
  }

  private static Wait pause(UpdateRecord update, JobUpdateEvent last) {
    if (last.user() == null && UpdateRunner.AUTO_PAUSED.equals(last.message())) {
      JobUpdateStrategy strategy = update.update().instructions().settings().updateStrategy();
      int size = update.plan().size();
      return new Wait.ResumeAfterBatch(
          Groups.count(strategy, size, update.progress().pausedAt()),
          Groups.count(strategy, size, size),
          last.timestampMs());
    }
    // Pausing twice is recorded once: the first event in a row is the one that holds it.
    return new Wait.Resume(last.user(), last.message(), last.timestampMs());
  }

  private Explanation.@Nullable PulseRecord pulses(UpdateRecord update) {
    if (!Pulses.isCoordinated(update)) {
      return null;
    }
    Duration since = live.sincePulse(update.key());
    return new Explanation.PulseRecord(
        Pulses.timeoutMs(update),
        since == null ? null : since.toMillis(),
        update.progress().unblockedBy());
  }

  private static ImmutableList<Explanation.Failure> failures(UpdateRecord update) {
    List<Explanation.Failure> failures = new ArrayList<>();
    for (InstanceProgress progress : update.instances().values()) {
      boolean failed = progress.state() == InstanceProgressState.FAILED;
      if (failed || progress.failures() > 0) {
        failures.add(new Explanation.Failure(progress.instanceId(), progress.failures(), failed));
      }
    }
    failures.sort(Comparator.comparingInt(Explanation.Failure::instance));
    return ImmutableList.copyOf(failures);
  }

  // ---- Instances under way ---------------------------------------------------------------------

  private enum Kind {
    WATCH,
    PLACE,
    RUN,
    END,
    SLA
  }

  /** What instances have in common that wait for the same. */
  private record Common(Kind kind, ScheduleStatus status, @Nullable String because) {}

  private static final class Waiting {
    final List<Integer> instances = new ArrayList<>();
    long earliest = Long.MAX_VALUE;
    @Nullable SlaWait sla;

    void add(int instance, long at) {
      instances.add(instance);
      earliest = Math.min(earliest, at);
    }

    ImmutableList<Integer> ids() {
      return ImmutableList.sortedCopyOf(instances);
    }
  }

  private ImmutableList<Wait> instanceWaits(State state, UpdateRecord update, long nowMs) {
    JobKey job = Objects.requireNonNull(update.key().job());
    // To hash a configuration is slow, but instances share theirs.
    IdentityHashMap<TaskConfig, String> hindrances = new IdentityHashMap<>();
    Map<Common, Waiting> found = new LinkedHashMap<>();
    for (InstanceProgress progress : update.instances().values()) {
      if (progress.state() == InstanceProgressState.WORKING) {
        int instance = progress.instanceId();
        ScheduledTask task = state.tasks().activeOf(job, instance);
        if (task != null && !task.taskEvents().isEmpty()) {
          look(state, update, instance, task, nowMs, hindrances, found);
        }
      }
    }
    ImmutableList.Builder<Wait> waits = ImmutableList.builder();
    found.forEach((common, waiting) -> waits.add(wait(common, waiting, nowMs)));
    return waits.build();
  }

  private void look(
      State state,
      UpdateRecord update,
      int instance,
      ScheduledTask task,
      long nowMs,
      IdentityHashMap<TaskConfig, String> hindrances,
      Map<Common, Waiting> found) {
    TaskConfig target = update.plan().targetOf(instance, update.progress().rollback());
    ScheduleStatus status = task.status();
    long since = since(task);
    Step step =
        InstanceRules.decide(
            target,
            task,
            update.update().instructions().settings().minWaitInInstanceRunningMs(),
            nowMs);
    SlaWait sla = step instanceof Step.Kill ? live.slaWait(update.key(), instance) : null;
    if (sla != null) {
      String denial = sla.denial() == null ? null : sla.denial().text();
      Waiting waiting =
          found.computeIfAbsent(new Common(Kind.SLA, status, denial), unused -> new Waiting());
      waiting.add(instance, sla.sinceMs());
      waiting.sla = sla;
    } else if (step instanceof Step.Watch watch) {
      add(found, new Common(Kind.WATCH, status, null), instance, watch.untilMs());
    } else if (!Objects.equals(target, task.assignedTask().task())) {
      add(found, new Common(Kind.END, status, null), instance, since);
    } else if (status == ScheduleStatus.PENDING || status == ScheduleStatus.THROTTLED) {
      String because =
          status == ScheduleStatus.THROTTLED
              ? "its tasks ended soon after they started"
              : hindrance(state, instance, target, hindrances);
      add(found, new Common(Kind.PLACE, status, because), instance, since);
    } else if (status != ScheduleStatus.RUNNING) {
      add(found, new Common(Kind.RUN, status, null), instance, since);
    }
  }

  private String hindrance(
      State state,
      int instance,
      TaskConfig target,
      IdentityHashMap<TaskConfig, String> hindrances) {
    String agent = live.keptAgent(new InstanceKey(target.job(), instance));
    return agent == null
        ? hindrances.computeIfAbsent(target, config -> live.hindrance(state, config))
        : "agent " + agent + ", which is kept for it, has no room";
  }

  private static void add(Map<Common, Waiting> found, Common common, int instance, long at) {
    found.computeIfAbsent(common, unused -> new Waiting()).add(instance, at);
  }

  private static Wait wait(Common common, Waiting waiting, long nowMs) {
    ImmutableList<Integer> ids = waiting.ids();
    return switch (common.kind()) {
      case WATCH -> new Wait.Watch(ids, Math.max(0, waiting.earliest - nowMs));
      case PLACE -> new Wait.Place(ids, common.status(), waiting.earliest, common.because());
      case RUN -> new Wait.Running(ids, common.status(), waiting.earliest);
      case END -> new Wait.End(ids, common.status(), waiting.earliest);
      case SLA -> sla(ids, waiting.earliest, Objects.requireNonNull(waiting.sla));
    };
  }

  private static Wait sla(ImmutableList<Integer> ids, long sinceMs, SlaWait one) {
    return new Wait.Sla(ids, sinceMs, one.nextAttemptMs(), one.denial());
  }

  /** When the task came into its state. */
  private static long since(ScheduledTask task) {
    long since = 0;
    for (TaskEvent event : Lists.reverse(task.taskEvents())) {
      if (event.status() != task.status()) {
        break;
      }
      since = event.timestamp();
    }
    return since;
  }
}
