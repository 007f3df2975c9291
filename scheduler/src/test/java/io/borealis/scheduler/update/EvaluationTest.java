package io.borealis.scheduler.update;

import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.noRollback;
import static io.borealis.scheduler.update.Ask.pausingBatch;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedFailures;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.Decision.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.Test;

/** What is decided about an update, without a store, a clock or a cluster. */
public class EvaluationTest {
  private static final JobUpdateKey KEY = new JobUpdateKey(Fixtures.JOB, "u1");
  private static final TaskConfig OLD = config("old");
  private static final long NOW = 1_000_000;

  private final Map<Integer, ScheduledTask> tasks = new TreeMap<>();
  private final List<Integer> lookedAt = new ArrayList<>();
  private State state = State.EMPTY;

  private static TaskConfig config(String version) {
    return Fixtures.config(Fixtures.JOB, version);
  }

  private void task(int instance, String version, ScheduleStatus status, long sinceMs) {
    TaskEvent event = TaskEvent.builder().timestamp(sinceMs).status(status).build();
    tasks.put(
        instance,
        Fixtures.task("task-" + instance, config(version), instance, status).toBuilder()
            .taskEvents(ImmutableList.of(event))
            .build());
  }

  private void running(String version, int... instances) {
    for (int instance : instances) {
      task(instance, version, ScheduleStatus.RUNNING, 0);
    }
  }

  private void asked(Ask.Word... words) {
    Map<Integer, TaskConfig> active =
        Maps.transformValues(tasks, task -> task.assignedTask().task());
    state =
        State.EMPTY.apply(
            new Op.SaveJobUpdate(
                new SaveJobUpdate(
                    JobUpdate.builder()
                        .summary(JobUpdateSummary.builder().key(KEY).user("ann").build())
                        .instructions(Ask.of(words).instructions(active, EvaluationTest::config))
                        .build())));
  }

  private UpdateRecord update() {
    return state.updates().get(KEY);
  }

  private Decision decide(Integer... changed) {
    return Evaluation.decide(
        update(),
        instance -> {
          lookedAt.add(instance);
          return tasks.get(instance);
        },
        ImmutableList.copyOf(changed),
        NOW,
        NOW);
  }

  /** Decides and stores what was found, as the next evaluation sees it. */
  private Decision store(Integer... changed) {
    Decision decision = decide(changed);
    decision
        .events()
        .forEach(
            event ->
                apply(
                    new Op.SaveJobInstanceUpdateEvent(new SaveJobInstanceUpdateEvent(event, KEY))));
    apply(new Op.SaveInstanceProgress(new SaveInstanceProgress(KEY, decision.instances())));
    apply(new Op.SaveUpdateProgress(new SaveUpdateProgress(KEY, decision.progress(), false)));
    return decision;
  }

  private void apply(Op op) {
    state = state.apply(op);
  }

  private void turnAround() {
    UpdateProgress back = UpdateProgress.builder().rollback(true).build();
    apply(new Op.SaveUpdateProgress(new SaveUpdateProgress(KEY, back, true)));
  }

  private void exits(int instance, int times) {
    InstanceProgress progress =
        new InstanceProgress(instance, InstanceProgressState.WORKING, times, NOW);
    apply(new Op.SaveInstanceProgress(new SaveInstanceProgress(KEY, ImmutableList.of(progress))));
  }

  private static List<String> events(Decision decision) {
    return decision.events().stream()
        .map(event -> event.instanceId() + " " + event.action())
        .toList();
  }

  private static Verdict.GoOn goesOn(Decision decision) {
    assertThat(decision.verdict()).isInstanceOf(Verdict.GoOn.class);
    return (Verdict.GoOn) decision.verdict();
  }

  @Test
  public void theFirstGroupBegins() {
    running("old", 0, 1, 2);
    asked(to("new"), group(2));

    Decision decision = decide();

    assertThat(events(decision)).containsExactly("0 INSTANCE_UPDATING", "1 INSTANCE_UPDATING");
    assertThat(goesOn(decision).kills())
        .extracting(Decision.Kill::taskId)
        .containsExactly("task-0", "task-1");
    assertThat(goesOn(decision).adds().keySet()).isEmpty();
    assertThat(goesOn(decision).watches()).isEmpty();
    assertThat(decision.progress().started()).isEqualTo(2);
    assertThat(decision.instances())
        .containsExactly(
            new InstanceProgress(0, InstanceProgressState.WORKING, 0, NOW),
            new InstanceProgress(1, InstanceProgressState.WORKING, 0, NOW));
  }

  @Test
  public void theSameIsDecidedAgainAsLongAsNothingIsStored() {
    running("old", 0, 1, 2);
    asked(to("new"), group(2));

    assertThat(decide()).isEqualTo(decide());
  }

  @Test
  public void onlyTheInstancesConcernedAreLookedAt() {
    running("old", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    asked(to("new"), group(3));
    store();
    running("new", 1);
    lookedAt.clear();

    Decision decision = decide(1);

    assertThat(lookedAt).containsExactly(1, 3);
    assertThat(decision.instances()).hasSize(2);
    assertThat(events(decision)).containsExactly("1 INSTANCE_UPDATED", "3 INSTANCE_UPDATING");
    assertThat(goesOn(decision).kills())
        .extracting(Decision.Kill::taskId)
        .containsExactly("task-3");
  }

  @Test
  public void nothingIsDecidedAboutInstancesThatAreNotUnderWay() {
    running("old", 0, 1, 2);
    asked(to("new"));
    store();
    lookedAt.clear();

    Decision decision = decide(1, 2, 77);

    assertThat(lookedAt).isEmpty();
    assertThat(decision)
        .isEqualTo(
            new Decision(
                ImmutableList.of(),
                ImmutableList.of(),
                update().progress(),
                new Verdict.GoOn(
                    ImmutableListMultimap.of(), ImmutableList.of(), ImmutableMap.of())));
  }

  @Test
  public void whatRunsButNotForLongIsWatchedUntilThen() {
    asked(to("new"), instances(1));
    store();
    task(0, "new", ScheduleStatus.RUNNING, NOW - 500);

    assertThat(goesOn(decide(0)).watches()).containsExactly(Map.entry(0, NOW + 1_500));
  }

  @Test
  public void missingInstancesAreAddedByConfigurationOnTheWayBack() {
    running("old", 0, 2);
    running("older", 1, 3);
    asked(to("new"), instances(4), group(4));
    store();
    tasks.clear();
    turnAround();

    assertThat(goesOn(decide()).adds())
        .isEqualTo(
            ImmutableListMultimap.<TaskConfig, Integer>builder()
                .putAll(config("older"), 3, 1)
                .putAll(OLD, 2, 0)
                .build());
  }

  @Test
  public void anUpdateWhoseInstancesAreAllAsWantedIsOverInSilence() {
    running("new", 0, 1, 2);
    asked(to("new"), listing(0, 1, 2));

    Decision decision = decide();

    assertThat(events(decision)).isEmpty();
    assertThat(decision.instances())
        .extracting(InstanceProgress::state)
        .containsOnly(InstanceProgressState.SUCCEEDED);
    assertThat(decision.verdict())
        .isEqualTo(new Verdict.MoveTo(JobUpdateStatus.ROLLED_FORWARD, null));
  }

  /** ST-12. */
  @Test
  public void aLongRowOfGroupsWithNothingToDoIsWalkedOnce() {
    Integer[] all = new Integer[4_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
      running("new", i);
    }
    asked(to("new"), listing(all), instances(all.length + 1), pausingBatch(1));

    Decision decision = store();
    assertThat(goesOn(decision).adds().values()).containsExactly(4_000);
    assertThat(lookedAt).containsExactly(4_000);
    running("new", 4_000);
    lookedAt.clear();

    assertThat(decide(4_000).verdict())
        .isEqualTo(new Verdict.MoveTo(JobUpdateStatus.ROLLED_FORWARD, null));
    assertThat(lookedAt.size()).isLessThanOrEqualTo(2 * all.length + 1);
  }

  @Test
  public void tooManyFailedInstancesTurnTheUpdateAroundAndNothingElseBegins() {
    running("old", 0, 1, 2);
    asked(to("new"));
    store();
    exits(0, 1);

    Decision decision = decide(0);

    assertThat(events(decision)).containsExactly("0 INSTANCE_UPDATE_FAILED");
    assertThat(decision.verdict())
        .isEqualTo(
            new Verdict.MoveTo(JobUpdateStatus.ROLLING_BACK, "Latest failure: instance 0 exited."));
    assertThat(decision.progress().started()).isEqualTo(1);
  }

  @Test
  public void tooManyFailedInstancesEndAnUpdateThatMayNotTurnAround() {
    running("old", 0, 1);
    asked(to("new"), noRollback());
    store();
    exits(0, 1);

    assertThat(decide(0).verdict())
        .isEqualTo(
            new Verdict.MoveTo(JobUpdateStatus.FAILED, "Latest failure: instance 0 exited."));
  }

  @Test
  public void tooManyFailedInstancesEndTheWayBack() {
    running("old", 0, 1);
    asked(to("new"), group(2));
    store();
    turnAround();
    store();
    exits(1, 1);

    Decision decision = decide(1);

    assertThat(events(decision)).containsExactly("1 INSTANCE_ROLLBACK_FAILED");
    assertThat(decision.verdict())
        .isEqualTo(
            new Verdict.MoveTo(JobUpdateStatus.FAILED, "Latest failure: instance 1 exited."));
  }

  @Test
  public void aToleratedFailureMakesRoomForTheNextInstance() {
    running("old", 0, 1);
    asked(to("new"), toleratedFailures(1));
    store();
    exits(0, 1);

    Decision decision = store(0);

    assertThat(events(decision)).containsExactly("0 INSTANCE_UPDATE_FAILED", "1 INSTANCE_UPDATING");
    assertThat(goesOn(decision).kills())
        .extracting(Decision.Kill::taskId)
        .containsExactly("task-1");
    assertThat(update().failed()).isEqualTo(1);
    running("new", 1);
    assertThat(decide(1).verdict())
        .isEqualTo(new Verdict.MoveTo(JobUpdateStatus.ROLLED_FORWARD, null));
  }

  @Test
  public void aGroupThatIsDoneLetsAPausingUpdateWaitBeforeTheNext() {
    running("old", 0, 1, 2);
    asked(to("new"), pausingBatch(2));
    store();
    running("new", 0);
    assertThat(goesOn(store(0)).kills()).extracting(Decision.Kill::taskId).isEmpty();
    running("new", 1);

    Decision decision = store(1);

    assertThat(events(decision)).containsExactly("1 INSTANCE_UPDATED");
    assertThat(decision.verdict()).isEqualTo(new Verdict.Pause());
    assertThat(decision.progress().started()).isEqualTo(2);
    assertThat(goesOn(decide()).kills())
        .extracting(Decision.Kill::taskId)
        .containsExactly("task-2");
  }

  @Test
  public void instancesTheUpdateNeverTouchedAreDoneAtOnceOnTheWayBack() {
    running("old", 0);
    task(1, "old", ScheduleStatus.RUNNING, NOW);
    asked(to("new"));
    store();
    running("old", 0);
    turnAround();

    Decision decision = decide();

    assertThat(events(decision))
        .containsExactly("0 INSTANCE_ROLLING_BACK", "0 INSTANCE_ROLLED_BACK");
    assertThat(decision.verdict()).isEqualTo(new Verdict.MoveTo(JobUpdateStatus.ROLLED_BACK, null));
  }

  @Test
  public void aGroupSizeOfNoUseIsSaidSo() {
    running("old", 0);
    asked(to("new"), group(0));

    assertThatThrownBy(this::decide)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Update group size(s) must be positive.");
  }
}
