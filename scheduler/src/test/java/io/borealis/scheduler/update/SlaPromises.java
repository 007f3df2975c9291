package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an update that cares must keep to when it takes down a task, computed anew from what is
 * stored (update rules, sections 7.4 and 7.5), where every job is protected. Looks at one
 * transaction at a time. Stateless.
 */
final class SlaPromises {
  private static final String CHECKING = "Checking SLA before continuing.";
  private static final String PASSED = "SLA check passed, continuing.";

  private final Predicate<String> letGo;

  /**
   * @param letGo whether a coordinator let a task go
   */
  SlaPromises(Predicate<String> letGo) {
    this.letGo = letGo;
  }

  /** Each note is there once for each instance and way, and in this order. */
  void notesAreWrittenOnce(UpdateRecord update) {
    Set<Map.Entry<Integer, JobUpdateAction>> checking = new HashSet<>();
    Set<Map.Entry<Integer, JobUpdateAction>> passed = new HashSet<>();
    for (JobInstanceUpdateEvent event : update.instanceEvents()) {
      Map.Entry<Integer, JobUpdateAction> place = Map.entry(event.instanceId(), event.action());
      if (CHECKING.equals(event.message())) {
        assertThat(checking.add(place)).as("one note of %s: %s", place, CHECKING).isTrue();
      } else if (PASSED.equals(event.message())) {
        assertThat(passed.add(place)).as("one note of %s: %s", place, PASSED).isTrue();
        assertThat(checking).as("checked before it passed").contains(place);
      }
    }
  }

  /** The update has taken down a task that somebody may miss. */
  void mayBeKilled(
      State before,
      @Nullable UpdateRecord last,
      State now,
      UpdateRecord update,
      ScheduledTask old) {
    SlaPolicy policy = policyOf(update, old);
    if (policy == null || isUnplaced(old)) {
      return;
    }
    boolean back = update.progress().rollback();
    assertThat(last != null && UpdateTransitions.isRolling(last.status()))
        .as("%s is killed while the update rolls", old)
        .isTrue();
    assertThat(last.progress().rollback()).isEqualTo(back);
    int instance = old.assignedTask().instanceId();
    assertThat(hasNote(last, instance, back, CHECKING)).as("%s is checked", old).isTrue();
    assertThat(hasNote(update, instance, back, PASSED)).as("%s has passed", old).isTrue();
    if (policy instanceof SlaPolicy.CoordinatorSlaPolicy) {
      String id = old.assignedTask().taskId();
      assertThat(letGo.test(id)).as("the coordinator let %s go", id).isTrue();
    } else {
      assertThat(isMet(policy, before, now, update)).as("%s when %s goes", policy, old).isTrue();
    }
  }

  private static boolean isUnplaced(ScheduledTask task) {
    return task.status() == ScheduleStatus.PENDING || task.status() == ScheduleStatus.THROTTLED;
  }

  private static @Nullable SlaPolicy policyOf(UpdateRecord update, ScheduledTask task) {
    JobUpdateInstructions asked = update.update().instructions();
    if (!Boolean.TRUE.equals(asked.settings().slaAware())) {
      return null;
    }
    TaskConfig target =
        update.progress().rollback()
            ? update.plan().targetOf(task.assignedTask().instanceId(), true)
            : asked.desiredState() == null ? null : asked.desiredState().task();
    return Objects.requireNonNullElse(target, task.assignedTask().task()).slaPolicy();
  }

  private static boolean hasNote(UpdateRecord update, int instance, boolean back, String note) {
    JobUpdateAction action =
        back ? JobUpdateAction.INSTANCE_ROLLING_BACK : JobUpdateAction.INSTANCE_UPDATING;
    return Iterables.any(
        update.instanceEvents(),
        event ->
            event.instanceId() == instance
                && event.action() == action
                && note.equals(event.message()));
  }

  /** Judged by what is left when all that the transaction takes down under this policy is down. */
  private static boolean isMet(SlaPolicy policy, State before, State now, UpdateRecord update) {
    List<ScheduledTask> left = new ArrayList<>();
    for (ScheduledTask task : now.tasks().ofJob(update.key().job()).active().values()) {
      ScheduledTask old = before.tasks().get(task.assignedTask().taskId());
      // One that waited may have gone, and have a successor already.
      if (old != null) {
        left.add(policy.equals(policyOf(update, old)) ? task : old);
      }
    }
    double total = left.size();
    if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      double asked = count.value().count();
      double required = total - asked < 1 ? total - 1 : asked;
      return up(left, count.value().durationSecs(), now) >= required;
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      double asked = percentage.value().percentage();
      double required =
          Math.floor((1 - asked / 100) * total) < 1 ? (total - 1) / total * 100 : asked;
      return up(left, percentage.value().durationSecs(), now) / total * 100 >= required - 1e-9;
    }
    return false;
  }

  private static double up(List<ScheduledTask> tasks, long seconds, State now) {
    int up = 0;
    for (ScheduledTask task : tasks) {
      if (task.status() == ScheduleStatus.RUNNING
          && now.stampMs() - runningSince(task) > seconds * 1000) {
        up++;
      }
    }
    return up;
  }

  private static long runningSince(ScheduledTask task) {
    TaskEvent latest =
        Iterables.find(
            Lists.reverse(task.taskEvents()), event -> event.status() == ScheduleStatus.RUNNING);
    return latest.timestamp();
  }
}
