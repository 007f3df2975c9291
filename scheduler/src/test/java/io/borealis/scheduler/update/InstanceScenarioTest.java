package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static io.borealis.api.ScheduleStatus.THROTTLED;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import io.borealis.api.storage.RemoveTasks;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Single instances on their way (update rules, sections 7, 9.7 and 9.8). */
public class InstanceScenarioTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  @Rule public final Failovers failovers = new Failovers();

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** D-1. */
  @Test
  public void nothingIsDoneTwiceOnTheWayOfATask() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .tasks("0 old KILLING")
        .task(0, FINISHED)
        .tasks("0 new PENDING")
        .task(0, ASSIGNED)
        .tasks("0 new ASSIGNED")
        .task(0, STARTING)
        .task(0, RUNNING)
        .tasks("0 new RUNNING")
        .history("0 updating")
        .advance(SECOND.multipliedBy(2))
        .history("0 updating", "0 updated")
        .kills(1)
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** D-6. */
  @Test
  public void aTaskThatIsAlreadyNewButYoungIsWatched() {
    scenario()
        .job(have("new", RUNNING, SECOND, 0))
        .update(to("new"), listing(0))
        .start()
        .history("0 updating")
        .advance(SECOND)
        .history("0 updating", "0 updated")
        .kills(0)
        .expect(ROLLED_FORWARD);
  }

  /** D-8. */
  @Test
  public void anInstanceThatIsCreatedIsFollowedUntilItHasRunForLongEnough() {
    UpdateScenario story =
        scenario().update(to("new"), instances(1)).start().tasks("0 new PENDING");
    for (ScheduleStatus status : new ScheduleStatus[] {ASSIGNED, STARTING, RUNNING}) {
      story.task(0, status).tasks("0 new " + status).history("0 updating");
    }
    story
        .advance(SECOND.multipliedBy(2).minusMillis(1))
        .history("0 updating")
        .advance(Duration.ofMillis(1))
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .kills(0);
  }

  /** D-9. */
  @Test
  public void aTaskThatIsBeingKilledAlreadyIsOnlyWaitedFor() {
    for (String target : new String[] {"new", "old"}) {
      scenario()
          .job(have("old", KILLING, SECOND, 0))
          .update(to(target), instances(target.equals("new") ? 1 : 0))
          .start()
          .history("0 updating")
          .kills(0)
          .killed(0)
          .tasks(target.equals("new") ? new String[] {"0 new PENDING"} : new String[0])
          .expect(target.equals("new") ? ROLLING_FORWARD : ROLLED_FORWARD);
    }
  }

  /** D-10 and D-16. */
  @Test
  public void aNewTaskThatIsNotRunningIsWaitedForForEver() {
    for (ScheduleStatus status : new ScheduleStatus[] {PENDING, THROTTLED, ASSIGNED, STARTING}) {
      scenario()
          .job(have("new", status, SECOND, 0))
          .update(to("new"), listing(0))
          .start()
          .advance(DAY)
          .tasks("0 new " + status)
          .history("0 updating")
          .expect(ROLLING_FORWARD);
    }
  }

  /** D-12. */
  @Test
  public void aNewTaskThatDoesNotDieIsWaitedForForEver() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .runs(0)
        .task(0, KILLING)
        .advance(DAY)
        .history("0 updating")
        .tasks("0 new KILLING")
        .replaced(0)
        .expect(ROLLED_FORWARD);
  }

  /** H-1; AURORA-1507: somebody else was faster. */
  @Test
  public void anInstanceThatGotATaskMeanwhileGetsNoOther() {
    UpdateScenario story =
        scenario().job(running(0)).update(to("new")).start().pause().killed(0).tasks();
    story
        .job(have("new", PENDING, SECOND, 0))
        .resume()
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .expect(ROLLED_FORWARD);
  }

  /** H-4; AURORA-1506: what has gone meanwhile is not killed. */
  @Test
  public void anInstanceThatLostItsTaskMeanwhileIsJustAdded() {
    UpdateScenario story = scenario().job(running(0, 1)).update(to("new")).start();
    String gone = story.active(1).assignedTask().taskId();
    story
        .tamper(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.of(gone))))
        .replaced(0)
        .tasks("0 new RUNNING", "1 new PENDING")
        .up(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .kills(1)
        .expect(ROLLED_FORWARD);
  }

  /** H-3. */
  @Test
  public void aKilledTaskSaysWhichUpdateKilledIt() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start();

    assertThat(Iterables.getLast(story.active(0).taskEvents()).message())
        .isEqualTo("Killed for job update u1");
  }

  /** ST-11. */
  @Test
  public void instancesWithNothingToDoTakeNoPlaceInTheQueue() {
    scenario()
        .job(running("new", 1, 2, 4), running(0, 3, 5, 6))
        .update(to("new"), listing(1, 2, 4), group(3))
        .start()
        .history("0 updating", "3 updating", "5 updating")
        .replaced(3)
        .history("0 updating", "3 updating", "5 updating", "3 updated", "6 updating");
  }

  /** An ended task that is forgotten says nothing new. */
  @Test
  public void tasksThatAreForgottenDoNotMoveTheUpdate() {
    scenario()
        .update(to("new"), instances(1), toleratedExits(1))
        .start()
        .fails(0)
        .prunedTasksOf(0)
        .runs(0)
        .history("0 updating")
        .task(0, FAILED)
        .expect(ROLLED_BACK)
        .prunedTasksOf(0)
        .tasks();
  }

  /** PR-4, W-2. */
  @Test
  public void theTimersOfAnUpdateThatIsForgottenDoNothing() {
    UpdateScenario story = scenario().update(to("new"), instances(1)).start().runs(0).abort();
    story
        .tamper(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(story.key()))))
        .advance(DAY)
        .tasks("0 new RUNNING");
    UpdateScenario active = scenario().update(to("new"), instances(1)).start().runs(0);
    active
        .tamper(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(active.key()))))
        .advance(DAY)
        .tasks("0 new RUNNING");
  }

  @Test
  public void everyRecordedEventIsCounted() {
    UpdateScenario story =
        UpdateScenario.scenario()
            .job(running(0, 1))
            .update(to("new"))
            .start()
            .replaced(0)
            .replaced(1);
    assertThat(counter(story, "update_instance_transition_INSTANCE_UPDATING")).isEqualTo(2);
    assertThat(counter(story, "update_instance_transition_INSTANCE_UPDATED")).isEqualTo(2);
    assertThat(counter(story, "update_transition_ROLLING_FORWARD")).isEqualTo(1);
    assertThat(counter(story, "update_transition_ROLLED_FORWARD")).isEqualTo(1);
  }

  private static double counter(UpdateScenario story, String name) {
    return story.meters().counter(name).count();
  }
}
