package io.borealis.scheduler.sla;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.common.math.LongMath;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.JobKey;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.TaskTable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether tasks may be taken down under their policies (update rules, section 7.5). One serves a
 * whole transaction: it looks at each job once, however many of its tasks are asked about, and sees
 * what the transaction has done so far. For one thread.
 */
public final class SlaCheck {
  private final SlaSettings settings;
  private final Predicate<TaskConfig> production;
  private final long nowMs;
  private final Map<Sight, Tally> tallies = new HashMap<>();

  /** What is looked at once. */
  private record Sight(JobKey job, long durationSecs) {}

  /** A task that will have been RUNNING for long enough in so many ms. */
  private record Young(int instance, long waitMs) {}

  /** The instances of a job that have been RUNNING for long enough. */
  private static final class Tally {
    JobTasks seen;
    final Set<Integer> up = new HashSet<>();

    /** Those that run, but not for long enough, soonest first; made when it is first asked for. */
    @Nullable ImmutableList<Young> young;

    Tally(JobTasks seen) {
      this.seen = seen;
    }
  }

  /**
   * @param production whether a task is of a production tier
   * @param nowMs the time of the transaction
   */
  public SlaCheck(SlaSettings settings, Predicate<TaskConfig> production, long nowMs) {
    this.settings = settings;
    this.production = production;
    this.nowMs = nowMs;
  }

  /**
   * Asks about an active task.
   *
   * @param tasks the tasks as they are now
   */
  public SlaAnswer check(SlaPolicy policy, ScheduledTask task, TaskTable tasks) {
    if (isUnplaced(task)) {
      return new SlaAnswer.Allowed();
    } else if (policy instanceof SlaPolicy.CoordinatorSlaPolicy coordinator) {
      return new SlaAnswer.AskCoordinator(coordinator.value());
    } else if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      return answer(
          total -> needed(count.value(), total), count.value().durationSecs(), task, tasks);
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      return answer(
          total -> needed(percentage.value(), total),
          percentage.value().durationSecs(),
          task,
          tasks);
    } else if (policy instanceof SlaPolicy.Unknown unknown) {
      return new SlaAnswer.Denied(new SlaDenial.UnknownPolicy(unknown.fieldId()));
    }
    throw new AssertionError(policy);
  }

  /** Nobody misses what has not been placed yet. */
  private static boolean isUnplaced(ScheduledTask task) {
    return task.status() == ScheduleStatus.PENDING || task.status() == ScheduleStatus.THROTTLED;
  }

  private boolean isExempt(ScheduledTask task, int total) {
    return total < settings.minInstances()
        || (!settings.nonProduction() && !production.test(configOf(task)));
  }

  private static int needed(CountSlaPolicy policy, int total) {
    // A policy that would let no task go protects all but one.
    return (int) Math.max(0, Math.min(policy.count(), total - 1L));
  }

  /** How many of the tasks make the percentage; one task may always go. */
  private static int needed(PercentageSlaPolicy policy, int total) {
    double percentage = policy.percentage();
    if (!(Math.floor((1 - percentage / 100) * total) >= 1)) {
      return total - 1;
    }
    int needed = (int) Math.max(0, Math.ceil(percentage * total / 100) - 1);
    while (100.0 * needed / total < percentage) {
      needed++;
    }
    return needed;
  }

  /**
   * @param neededOf how many must run of so many
   */
  private SlaAnswer answer(
      IntUnaryOperator neededOf, long durationSecs, ScheduledTask task, TaskTable tasks) {
    JobTasks job = tasks.ofJob(jobOf(task));
    int total = job.active().size();
    if (isExempt(task, total)) {
      return new SlaAnswer.Allowed();
    }
    int needed = neededOf.applyAsInt(total);
    Tally tally = tally(jobOf(task), durationSecs, job);
    int instance = task.assignedTask().instanceId();
    int running = tally.up.size() - (tally.up.contains(instance) ? 1 : 0);
    return running >= needed
        ? new SlaAnswer.Allowed()
        : new SlaAnswer.Denied(
            new SlaDenial.NotEnoughRunning(
                needed,
                running,
                total,
                Math.max(0, durationSecs),
                enoughInMs(tally, instance, needed - running, durationSecs)));
  }

  /** When so many others will have been RUNNING for long enough; negative when too few run. */
  private long enoughInMs(Tally tally, int instance, int missing, long durationSecs) {
    ImmutableList<Young> young = tally.young;
    if (young == null) {
      ImmutableList.Builder<Young> found = ImmutableList.builder();
      for (ScheduledTask task : tally.seen.active().values()) {
        long wait = waitMs(task, durationSecs);
        if (wait > 0) {
          found.add(new Young(task.assignedTask().instanceId(), wait));
        }
      }
      young = ImmutableList.sortedCopyOf(Comparator.comparingLong(Young::waitMs), found.build());
      tally.young = young;
    }
    int left = missing;
    for (Young each : young) {
      if (each.instance() != instance && --left == 0) {
        return each.waitMs();
      }
    }
    return -1;
  }

  /** To compare all tasks would cost more than to count them again. */
  @SuppressWarnings("ReferenceEquality")
  private Tally tally(JobKey job, long durationSecs, JobTasks now) {
    Sight sight = new Sight(job, durationSecs);
    Tally tally = tallies.get(sight);
    if (tally == null || tally.seen != now) {
      tally = new Tally(now);
      for (ScheduledTask task : now.active().values()) {
        if (waitMs(task, durationSecs) == 0) {
          tally.up.add(task.assignedTask().instanceId());
        }
      }
      tallies.put(sight, tally);
    }
    return tally;
  }

  /**
   * How long until the task will have been RUNNING strictly longer than the duration, since its
   * latest start; 0 when it has been, negative when it does not run.
   */
  private long waitMs(ScheduledTask task, long durationSecs) {
    if (task.status() == ScheduleStatus.RUNNING) {
      for (TaskEvent event : Lists.reverse(task.taskEvents())) {
        if (event.status() == ScheduleStatus.RUNNING) {
          long needed = TimeUnit.SECONDS.toMillis(durationSecs);
          long ran = nowMs - event.timestamp();
          return ran > needed
              ? 0
              : LongMath.saturatedAdd(LongMath.saturatedSubtract(needed, ran), 1);
        }
      }
    }
    return -1;
  }

  /**
   * Says that this task has just been taken down, and nothing else of its job was changed, so that
   * the job need not be looked at again as a whole.
   *
   * @param tasks the tasks as they are now
   */
  public void tookDown(ScheduledTask task, TaskTable tasks) {
    JobKey job = jobOf(task);
    tallies.forEach(
        (sight, tally) -> {
          if (sight.job().equals(job)) {
            tally.up.remove(task.assignedTask().instanceId());
            tally.young = null;
            tally.seen = tasks.ofJob(job);
          }
        });
  }

  private static TaskConfig configOf(ScheduledTask task) {
    return Objects.requireNonNull(task.assignedTask().task());
  }

  private static JobKey jobOf(ScheduledTask task) {
    return Objects.requireNonNull(configOf(task).job());
  }
}
