package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import com.google.common.collect.Streams;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdatePlan;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold whatever happens to an update, judged by what is stored and what tasks do. Sees
 * one state after the other. For one thread.
 */
public final class UpdateInvariants {
  private final JobUpdateKey key;
  private final SlaPromises sla;
  private State before;

  /**
   * @param before the state in which the update is not there yet
   * @param letGo whether a coordinator let a task go
   */
  public UpdateInvariants(JobUpdateKey key, State before, Predicate<String> letGo) {
    this.key = key;
    this.sla = new SlaPromises(letGo);
    this.before = before;
  }

  /** Compares the state with the one seen last, from which one transaction led here. */
  public void check(State now) {
    UpdateRecord update = now.updates().get(key);
    assertThat(update).as("the update").isNotNull();
    UpdateRecord last = before.updates().get(key);
    if (update.equals(last)
        && now.tasks().ofJob(key.job()).equals(before.tasks().ofJob(key.job()))) {
      before = now;
      return;
    }
    oneActiveTaskAnInstance(now);
    onlyWhatWasAskedForIsTouched(now, last, update);
    statusesFollowTheTable(update);
    timesNeverRunBackwards(update);
    groupsAreNeverTooLarge(update);
    budgetsAreKept(update);
    instancesFailOnlyWhenTheirTasksDid(now, update);
    pausesComeBetweenGroups(update);
    sla.notesAreWrittenOnce(update);
    if (last != null) {
      historyIsOnlyAddedTo(last, update);
    }
    if (update.status() == JobUpdateStatus.ROLLED_FORWARD) {
      every(update, instance -> done(update, instance, false), "is done");
    } else if (update.status() == JobUpdateStatus.ROLLED_BACK) {
      every(update, instance -> done(update, instance, true), "went back if it was touched");
    }
    before = now;
  }

  /** The index of active tasks has room for one of each instance. */
  private static void oneActiveTaskAnInstance(State now) {
    int indexed = 0;
    for (JobTasks tasks : now.tasks().jobs().values()) {
      indexed += tasks.active().size() + tasks.ended().size();
    }
    assertThat(indexed).as("tasks, one active for each instance").isEqualTo(now.tasks().size());
  }

  private void onlyWhatWasAskedForIsTouched(
      State now, @Nullable UpdateRecord last, UpdateRecord update) {
    boolean mayAct = acts(last, update);
    // While it is active nobody else can add tasks.
    boolean mayOthers = last != null && !UpdateTransitions.isActive(last.status());
    JobTasks tasks = now.tasks().ofJob(key.job());
    for (ScheduledTask task : Iterables.concat(tasks.active().values(), tasks.ended().values())) {
      ScheduledTask old = before.tasks().get(task.assignedTask().taskId());
      if (old == null && task.ancestorId() == null) {
        assertThat(mayAct || mayOthers).as("%s may be added", task).isTrue();
        assertThat(mayOthers || wanted(last, update, task)).as("%s is wanted", task).isTrue();
      } else if (old != null && wasKilledByTheUpdate(old, task)) {
        assertThat(mayAct).as("%s may be killed", task).isTrue();
        assertThat(unwanted(last, update, task)).as("%s is unwanted", task).isTrue();
        sla.mayBeKilled(before, last, now, update, old);
      }
    }
  }

  /** Whether the update was rolling at some time since it was seen last. */
  private static boolean acts(@Nullable UpdateRecord last, UpdateRecord update) {
    int known = last == null ? 0 : last.events().size();
    return (last != null && UpdateTransitions.isRolling(last.status()))
        || Iterables.any(
            update.events().subList(known, update.events().size()),
            event -> UpdateTransitions.isRolling(event.status()));
  }

  private boolean wasKilledByTheUpdate(ScheduledTask old, ScheduledTask task) {
    TaskEvent event = Iterables.getLast(task.taskEvents());
    return old.status() != ScheduleStatus.KILLING
        && event.status() == ScheduleStatus.KILLING
        && ("Killed for job update " + key.id()).equals(event.message());
  }

  private static boolean wanted(
      @Nullable UpdateRecord last, UpdateRecord update, ScheduledTask task) {
    TaskConfig config = task.assignedTask().task();
    int instance = task.assignedTask().instanceId();
    return config.equals(target(update, instance))
        || (last != null && config.equals(target(last, instance)));
  }

  private static boolean unwanted(
      @Nullable UpdateRecord last, UpdateRecord update, ScheduledTask task) {
    TaskConfig config = task.assignedTask().task();
    int instance = task.assignedTask().instanceId();
    return update.plan().covers(instance)
        && (!config.equals(target(update, instance))
            || (last != null && !config.equals(target(last, instance))));
  }

  private static @Nullable TaskConfig target(UpdateRecord update, int instance) {
    return update.plan().targetOf(instance, update.progress().rollback());
  }

  private static void statusesFollowTheTable(UpdateRecord update) {
    List<JobUpdateEvent> events = update.events();
    for (int i = 1; i < events.size(); i++) {
      JobUpdateStatus from = events.get(i - 1).status();
      JobUpdateStatus to = events.get(i).status();
      assertThat(UpdateTransitions.allowed(from, to)).as("%s to %s", from, to).isTrue();
    }
  }

  private static void timesNeverRunBackwards(UpdateRecord update) {
    assertThat(update.events().stream().map(JobUpdateEvent::timestampMs)).isSorted();
    assertThat(update.instanceEvents().stream().map(event -> event.timestampMs())).isSorted();
  }

  private static void groupsAreNeverTooLarge(UpdateRecord update) {
    JobUpdateStrategy strategy = settings(update).updateStrategy();
    if (!update.progress().rollback()) {
      assertThat(underWay(update, false)).isLessThanOrEqualTo(UpdateScenario.widest(strategy));
    }
    assertThat(underWay(update, true)).isLessThanOrEqualTo(UpdateScenario.widest(strategy));
  }

  private static JobUpdateSettings settings(UpdateRecord update) {
    return update.update().instructions().settings();
  }

  private static long underWay(UpdateRecord update, boolean back) {
    return IntStream.of(update.plan().instances())
        .filter(instance -> begun(update, instance, back) && !ended(update, instance, back))
        .count();
  }

  private static boolean begun(UpdateRecord update, int instance, boolean back) {
    return update.hasAction(
        instance, back ? JobUpdateAction.INSTANCE_ROLLING_BACK : JobUpdateAction.INSTANCE_UPDATING);
  }

  private static boolean ended(UpdateRecord update, int instance, boolean back) {
    return update.hasAction(
            instance,
            back ? JobUpdateAction.INSTANCE_ROLLED_BACK : JobUpdateAction.INSTANCE_UPDATED)
        || failed(update, instance, back);
  }

  private static boolean failed(UpdateRecord update, int instance, boolean back) {
    return update.hasAction(
        instance,
        back ? JobUpdateAction.INSTANCE_ROLLBACK_FAILED : JobUpdateAction.INSTANCE_UPDATE_FAILED);
  }

  private static void budgetsAreKept(UpdateRecord update) {
    boolean back = update.progress().rollback();
    long failed =
        IntStream.of(update.plan().instances())
            .filter(instance -> failed(update, instance, back))
            .count();
    assertThat((long) update.failed()).as("failed instances").isEqualTo(failed);
    int tolerated = settings(update).maxFailedInstances();
    if (update.status() == JobUpdateStatus.FAILED) {
      assertThat(failed).isGreaterThan(tolerated);
    } else {
      assertThat(failed).isLessThanOrEqualTo(tolerated);
    }
  }

  private static void instancesFailOnlyWhenTheirTasksDid(State now, UpdateRecord update) {
    for (boolean back : new boolean[] {false, true}) {
      for (int instance : update.plan().instances()) {
        if (failed(update, instance, back)) {
          assertThat(exits(now, update, instance, back))
              .as("exits of instance %s", instance)
              .isGreaterThan(settings(update).maxPerInstanceFailures());
        }
      }
    }
  }

  /** Tasks the pass wanted that ended although nobody killed them. */
  private static long exits(State now, UpdateRecord update, int instance, boolean back) {
    TaskConfig config = update.plan().targetOf(instance, back);
    return Streams.stream(now.tasks().ofJob(update.key().job()).ended().values())
        .filter(task -> task.assignedTask().instanceId() == instance)
        .filter(task -> task.assignedTask().task().equals(config))
        .filter(
            task ->
                task.taskEvents().stream()
                    .noneMatch(event -> event.status() == ScheduleStatus.KILLING))
        .count();
  }

  /** Judged by the forward pass, in whose order each group lies at a fixed place. */
  private static void pausesComeBetweenGroups(UpdateRecord update) {
    JobUpdateStrategy strategy = settings(update).updateStrategy();
    if (!Groups.autoPauses(strategy)) {
      return;
    }
    UpdatePlan plan = update.plan();
    int groups = 0;
    for (int at = 0; at < plan.size(); ) {
      int size = Groups.next(strategy, plan.size(), at, 0, false);
      if (IntStream.range(at, at + size)
          .anyMatch(place -> begun(update, plan.instanceAt(place, false), false))) {
        groups++;
      }
      at += size;
    }
    long pauses =
        update.events().stream()
            .filter(event -> "Update auto paused".equals(event.message()))
            .count();
    assertThat((long) groups).as("groups with %s pauses", pauses).isLessThanOrEqualTo(pauses + 1);
    assertThat(pauses).as("pauses of %s", update.events()).isLessThan(plan.size());
  }

  private static void historyIsOnlyAddedTo(UpdateRecord last, UpdateRecord update) {
    assertThat(new ArrayList<>(update.events()).subList(0, last.events().size()))
        .isEqualTo(last.events());
    assertThat(new ArrayList<>(update.instanceEvents()).subList(0, last.instanceEvents().size()))
        .isEqualTo(last.instanceEvents());
    if (!UpdateTransitions.isActive(last.status())) {
      assertThat(update.events()).as("what has ended stays so").hasSameSizeAs(last.events());
      assertThat(update.instanceEvents()).hasSameSizeAs(last.instanceEvents());
    }
  }

  private static boolean done(UpdateRecord update, int instance, boolean back) {
    boolean mustEnd = begun(update, instance, back) || (back && begun(update, instance, false));
    return !mustEnd || ended(update, instance, back);
  }

  private static void every(
      UpdateRecord update, java.util.function.IntPredicate holds, String what) {
    for (int instance : update.plan().instances()) {
      assertThat(holds.test(instance)).as("instance %s %s", instance, what).isTrue();
    }
  }
}
