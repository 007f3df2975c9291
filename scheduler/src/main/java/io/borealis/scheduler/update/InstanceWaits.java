package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.InstanceRules.Step;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the instances under way of one rolling update wait for. For one look, and one thread. */
final class InstanceWaits {
  private final State state;
  private final UpdateRecord update;
  private final LiveView live;
  private final long nowMs;

  /** To hash a configuration is slow, but instances share theirs. */
  private final IdentityHashMap<TaskConfig, String> hindrances = new IdentityHashMap<>();

  private final Map<Common, Waiting> found = new LinkedHashMap<>();

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

  InstanceWaits(State state, UpdateRecord update, LiveView live, long nowMs) {
    this.state = state;
    this.update = update;
    this.live = live;
    this.nowMs = nowMs;
  }

  /** Those that wait for the same are told of together, in the order in which they are found. */
  ImmutableList<Wait> find() {
    JobKey job = Objects.requireNonNull(update.key().job());
    for (InstanceProgress progress : update.instances().values()) {
      if (progress.state() == InstanceProgressState.WORKING) {
        int instance = progress.instanceId();
        ScheduledTask task = state.tasks().activeOf(job, instance);
        if (task != null && !task.taskEvents().isEmpty()) {
          look(instance, task);
        }
      }
    }
    ImmutableList.Builder<Wait> waits = ImmutableList.builder();
    found.forEach((common, waiting) -> waits.add(wait(common, waiting)));
    return waits.build();
  }

  private void look(int instance, ScheduledTask task) {
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
      add(new Common(Kind.SLA, status, denial), instance, sla.sinceMs()).sla = sla;
    } else if (step instanceof Step.Watch watch) {
      add(new Common(Kind.WATCH, status, null), instance, watch.untilMs());
    } else if (!Objects.equals(target, task.assignedTask().task())) {
      add(new Common(Kind.END, status, null), instance, since);
    } else if (status == ScheduleStatus.PENDING || status == ScheduleStatus.THROTTLED) {
      String because =
          status == ScheduleStatus.THROTTLED
              ? "its tasks ended soon after they started"
              : hindrance(instance, target);
      add(new Common(Kind.PLACE, status, because), instance, since);
    } else if (status != ScheduleStatus.RUNNING) {
      add(new Common(Kind.RUN, status, null), instance, since);
    }
  }

  private String hindrance(int instance, TaskConfig target) {
    String agent = live.keptAgent(new InstanceKey(target.job(), instance));
    return agent == null
        ? hindrances.computeIfAbsent(target, config -> live.hindrance(state, config))
        : "agent " + agent + ", which is kept for it, has no room";
  }

  private Waiting add(Common common, int instance, long at) {
    Waiting waiting = found.computeIfAbsent(common, unused -> new Waiting());
    waiting.add(instance, at);
    return waiting;
  }

  private Wait wait(Common common, Waiting waiting) {
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
