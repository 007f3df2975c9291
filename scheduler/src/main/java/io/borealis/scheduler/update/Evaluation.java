package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.Decision.Verdict;
import io.borealis.scheduler.update.InstanceRules.Step;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One look at an update that rolls: what has become of instances under way, and which begin next.
 * Nothing but its arguments decides, and nothing comes of it but the decision. For one thread.
 */
final class Evaluation {
  private final UpdateRecord update;
  private final IntFunction<@Nullable ScheduledTask> tasks;
  private final long nowMs;
  private final long asOfMs;
  private final JobUpdateSettings settings;
  private final JobUpdateStrategy strategy;
  private final boolean rollback;
  private final int size;
  private int started;
  private int pausedAt;
  private int working;
  private int failed;
  private int firstFailed = -1;
  private final Map<Integer, InstanceProgress> moved = new LinkedHashMap<>();
  private final ImmutableList.Builder<JobInstanceUpdateEvent> events = ImmutableList.builder();
  private boolean hasEvents;

  /** The pause before the next group was had already, under a scheduler that did not store it. */
  private boolean hadPause;

  /** When each instance was begun in this direction; made when first needed, which is seldom. */
  private @Nullable Map<Integer, Long> begunBefore;

  private final ImmutableListMultimap.Builder<TaskConfig, Integer> adds =
      ImmutableListMultimap.builder();
  private final ImmutableList.Builder<Decision.Kill> kills = ImmutableList.builder();
  private final ImmutableMap.Builder<Integer, Long> watches = ImmutableMap.builder();

  private Evaluation(
      UpdateRecord update, IntFunction<@Nullable ScheduledTask> tasks, long nowMs, long asOfMs) {
    this.update = update;
    this.tasks = tasks;
    this.nowMs = nowMs;
    this.asOfMs = asOfMs;
    this.settings = update.update().instructions().settings();
    this.strategy = settings.updateStrategy();
    this.rollback = update.progress().rollback();
    this.size = update.plan().size();
    this.started = update.progress().started();
    this.pausedAt = update.progress().pausedAt();
    this.working = update.working();
    this.failed = update.failed();
    this.hadPause = started == 0 && !rollback && hasJustAutoPaused();
  }

  /** Whether the last pause was one of its own, and nothing was begun since. */
  private boolean hasJustAutoPaused() {
    for (JobUpdateEvent event : Lists.reverse(update.events())) {
      if (event.status() == JobUpdateStatus.ROLL_FORWARD_PAUSED) {
        return UpdateRunner.AUTO_PAUSED.equals(event.message()) && !hasBegunSince(event);
      }
    }
    return false;
  }

  private boolean hasBegunSince(JobUpdateEvent pause) {
    for (JobInstanceUpdateEvent event : update.instanceEvents()) {
      if (event.action() == JobUpdateAction.INSTANCE_UPDATING
          && event.timestampMs() > pause.timestampMs()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Decides what to do about an update.
   *
   * @param tasks the active task of an instance of the job, null when it has none
   * @param changed instances to look at again, each once; those not under way are ignored
   * @param nowMs the time of what is recorded
   * @param asOfMs the time it is for what must have been RUNNING for some time
   * @throws IllegalArgumentException when the update cannot go on: its group sizes are of no use,
   *     or a task has no history
   */
  static Decision decide(
      UpdateRecord update,
      IntFunction<@Nullable ScheduledTask> tasks,
      Iterable<Integer> changed,
      long nowMs,
      long asOfMs) {
    Evaluation evaluation = new Evaluation(update, tasks, nowMs, asOfMs);
    for (int instance : changed) {
      InstanceProgress progress = update.instances().get(instance);
      if (progress != null && progress.state() == InstanceProgressState.WORKING) {
        evaluation.look(instance, progress, false);
      }
    }
    boolean pauses = evaluation.beginGroups();
    return evaluation.decision(pauses);
  }

  private Decision decision(boolean pauses) {
    UpdateProgress progress =
        update.progress().toBuilder().started(started).groupEnd(started).pausedAt(pausedAt).build();
    return new Decision(
        events.build(), ImmutableList.copyOf(moved.values()), progress, verdict(pauses));
  }

  private Verdict verdict(boolean pauses) {
    if (pauses) {
      return new Verdict.Pause();
    } else if (tooManyFailed()) {
      return new Verdict.MoveTo(
          !rollback && settings.rollbackOnFailure()
              ? JobUpdateStatus.ROLLING_BACK
              : JobUpdateStatus.FAILED,
          firstFailed < 0 ? null : "Latest failure: instance " + firstFailed + " exited.");
    } else if (started == size && working == 0) {
      return new Verdict.MoveTo(
          rollback ? JobUpdateStatus.ROLLED_BACK : JobUpdateStatus.ROLLED_FORWARD, null);
    }
    return new Verdict.GoOn(adds.build(), kills.build(), watches.buildOrThrow());
  }

  private boolean tooManyFailed() {
    return failed > settings.maxFailedInstances();
  }

  /** Begins what the strategy allows; true when the update shall pause instead. */
  private boolean beginGroups() {
    while (!tooManyFailed() && started < size) {
      int group = Groups.next(strategy, size, started, working, rollback);
      if (group == 0) {
        return false;
      } else if (mustPauseBefore(group)) {
        pausedAt = started;
        return true;
      }
      for (int i = 0; i < group; i++) {
        begin(update.plan().instanceAt(started++, rollback));
      }
    }
    return false;
  }

  /** Whether the update shall wait for somebody to say that the next group may begin. */
  private boolean mustPauseBefore(int group) {
    if (rollback
        || !Groups.autoPauses(strategy)
        || started == 0
        || pausedAt == started
        || (update.actions().isEmpty() && !hasEvents)) {
      return false;
    }
    boolean needsWork = false;
    for (int i = 0; i < group; i++) {
      int instance = update.plan().instanceAt(started + i, rollback);
      if (update.hasAction(instance)) {
        return false; // Begun by a scheduler that did not store its groups.
      }
      needsWork |= !(stepOf(instance) instanceof Step.Done);
    }
    if (needsWork && hadPause) {
      hadPause = false;
      pausedAt = started;
      return false;
    }
    return needsWork;
  }

  private void begin(int instance) {
    InstanceProgress fresh =
        new InstanceProgress(instance, InstanceProgressState.WORKING, 0, begunMs(instance));
    working++;
    moved.put(instance, fresh);
    if (!rollback && update.hasAction(instance, JobUpdateAction.INSTANCE_UPDATE_FAILED)) {
      // Under a scheduler that stored nothing else; it counts, but is not tried again.
      finish(fresh, InstanceProgressState.FAILED);
    } else {
      look(instance, fresh, true);
    }
  }

  /** Since when tasks of the instance count: another scheduler may have begun it, storing less. */
  private long begunMs(int instance) {
    JobUpdateAction action =
        rollback ? JobUpdateAction.INSTANCE_ROLLING_BACK : JobUpdateAction.INSTANCE_UPDATING;
    if (!update.hasAction(instance, action)) {
      return nowMs;
    }
    if (begunBefore == null) {
      begunBefore = new HashMap<>();
      for (JobInstanceUpdateEvent event : update.instanceEvents()) {
        if (event.action() == action) {
          begunBefore.putIfAbsent(event.instanceId(), event.timestampMs());
        }
      }
    }
    return begunBefore.getOrDefault(instance, nowMs);
  }

  private void look(int instance, InstanceProgress progress, boolean fresh) {
    if (progress.failures() > settings.maxPerInstanceFailures()) {
      finish(progress, InstanceProgressState.FAILED);
      if (firstFailed < 0) {
        firstFailed = instance;
      }
      event(
          instance,
          JobUpdateAction.INSTANCE_UPDATE_FAILED,
          JobUpdateAction.INSTANCE_ROLLBACK_FAILED);
      return;
    }
    Step step = stepOf(instance);
    boolean silent = fresh && step instanceof Step.Done && !update.hasAction(instance);
    if (fresh && !silent) {
      event(instance, JobUpdateAction.INSTANCE_UPDATING, JobUpdateAction.INSTANCE_ROLLING_BACK);
    }
    if (step instanceof Step.Done) {
      finish(progress, InstanceProgressState.SUCCEEDED);
      if (!silent) {
        event(instance, JobUpdateAction.INSTANCE_UPDATED, JobUpdateAction.INSTANCE_ROLLED_BACK);
      }
    } else if (step instanceof Step.Add add) {
      adds.put(add.config(), instance);
    } else if (step instanceof Step.Kill kill) {
      kills.add(new Decision.Kill(kill.taskId(), instance));
    } else if (step instanceof Step.Watch watch) {
      watches.put(instance, watch.untilMs());
    }
  }

  private Step stepOf(int instance) {
    TaskConfig target = update.plan().targetOf(instance, rollback);
    ScheduledTask task = tasks.apply(instance);
    // On the way back, what was never touched needs no watching (W-29).
    if (rollback && !update.hasAction(instance) && InstanceRules.isThere(target, task)) {
      return new Step.Done();
    }
    return InstanceRules.decide(target, task, settings.minWaitInInstanceRunningMs(), asOfMs);
  }

  private void finish(InstanceProgress progress, InstanceProgressState state) {
    working--;
    if (state == InstanceProgressState.FAILED) {
      failed++;
    }
    moved.put(progress.instanceId(), progress.toBuilder().state(state).build());
  }

  /** Each action is recorded once for each instance. */
  private void event(int instance, JobUpdateAction forward, JobUpdateAction back) {
    JobUpdateAction action = rollback ? back : forward;
    if (!update.hasAction(instance, action)) {
      events.add(new JobInstanceUpdateEvent(instance, nowMs, action, null));
      hasEvents = true;
    }
  }
}
