package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_PAUSED;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.noRollback;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateStatus;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;

/** Start, pause, resume, abort, rollback by users (update rules, sections 2.3 and 9.1). */
public class ControlScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** SM-3. */
  @Test
  public void aJobIsUpdatedByOneUpdateAtATime() {
    UpdateScenario story = scenario().job(running(0, 1)).update(to("new")).start();
    List<String> before = story.activeTasks();

    story
        .update(to("newest"))
        .refuses(
            UpdateScenario::start,
            "The job is locked by ann; an administrator can release the lock with: borealis lock"
                + " release www-data/prod/hello");

    assertThat(story.store().state().updates().get(story.key())).isNull();
    assertThat(story.activeTasks()).isEqualTo(before);
  }

  /** SM-4. */
  @Test
  public void afterTheEndOfOneUpdateAnotherCanStart() {
    UpdateScenario story = scenario().job(running(0)).update(to("new")).start().replaced(0);
    var first = story.expect(ROLLED_FORWARD).record();

    story
        .update(to("newest"))
        .start()
        .replaced(0)
        .tasks("0 newest RUNNING")
        .history("0 updating", "0 updated")
        .expect(ROLLED_FORWARD);

    assertThat(story.store().state().updates().get(first.key()).details())
        .isEqualTo(first.details());
  }

  /** SM-1 and SM-6. */
  @Test
  public void whatHasEndedCannotBeSteered() {
    List<UpdateScenario> ended =
        List.of(
            scenario().job(running(0)).update(to("new")).start().replaced(0),
            scenario().job(running(0)).update(to("new")).start().rollback().killed(0).up(0),
            scenario().update(to("new"), instances(1), noRollback()).start().fails(0),
            scenario().job(running(0)).update(to("new")).start().releaseLock(true));
    List<String> statuses = List.of("ROLLED_FORWARD", "ROLLED_BACK", "FAILED", "ERROR");
    for (int i = 0; i < ended.size(); i++) {
      String text = "Cannot transition update from " + statuses.get(i) + " to ";
      ended
          .get(i)
          .refuses(UpdateScenario::abort, text + "ABORTED")
          .refuses(UpdateScenario::pause, text + "null")
          .refuses(UpdateScenario::resume, text + "null")
          .refuses(UpdateScenario::rollback, text + "ROLLING_BACK");
    }
  }

  /** SM-2: nothing is done about an instance in any status but two. */
  @Test
  public void onlyWhatRollsActs() {
    Duration timeout = Duration.ofMinutes(1);
    killing().killed(0).expect(ROLLING_FORWARD).tasks("0 new PENDING", "1 old RUNNING");
    killing().rollback().killed(0).expect(ROLLING_BACK).tasks("0 old PENDING", "1 old RUNNING");
    List<UpdateScenario> still =
        List.of(
            killing().pause().killed(0).expect(ROLL_FORWARD_PAUSED),
            killing().rollback().pause().killed(0).expect(ROLL_BACK_PAUSED),
            killing(pulsed(timeout))
                .pulse()
                .advance(timeout)
                .killed(0)
                .expect(ROLL_FORWARD_AWAITING_PULSE),
            killing(pulsed(timeout))
                .pulse()
                .advance(timeout)
                .rollback()
                .killed(0)
                .expect(ROLL_BACK_AWAITING_PULSE),
            killing().abort().killed(0).expect(ABORTED),
            killing().releaseLock(true).killed(0).expect(ERROR),
            killing(group(2), noRollback())
                .killed(1)
                .fails(1)
                .killed(0)
                .expect(JobUpdateStatus.FAILED));
    for (UpdateScenario story : still) {
      assertThat(story.advance(Duration.ofDays(1)).activeTasks())
          .as("%s", story.updateEvents())
          .noneMatch(task -> task.startsWith("0 "));
    }
  }

  /** An update that kills the task of instance 0 as soon as it rolls. */
  private UpdateScenario killing(Ask.Word... words) {
    Ask.Word[] all = Stream.concat(Stream.of(to("new")), Stream.of(words)).toArray(Ask.Word[]::new);
    return scenario().job(running(0, 1)).update(all).start();
  }

  /** SM-7. */
  @Test
  public void whatIsSaidTwiceIsDoneOnce() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .pause("first")
        .pause("second")
        .resume()
        .resume()
        .abort()
        .abort()
        .refuses(UpdateScenario::pause, "Cannot transition update from ABORTED to null")
        .refuses(UpdateScenario::resume, "Cannot transition update from ABORTED to null")
        .refuses(UpdateScenario::rollback, "Cannot transition update from ABORTED to ROLLING_BACK")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLL_FORWARD_PAUSED by ann: first",
            "ROLLING_FORWARD by ann",
            "ABORTED by ann");
  }

  /** SM-8. */
  @Test
  public void anUpdateThatIsNotThereCannotBeSteered() {
    scenario()
        .update(to("new"), instances(1))
        .refuses(UpdateScenario::pause, "Update does not exist www-data/prod/hello u1")
        .refuses(UpdateScenario::abort, "Update does not exist www-data/prod/hello u1")
        .refuses(UpdateScenario::rollback, "Update does not exist www-data/prod/hello u1")
        .refuses(UpdateScenario::resume, "Update does not exist: www-data/prod/hello u1");
  }

  @Test
  public void anInstanceThatBecameReadyDuringAPauseIsDoneOnResume() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .killed(0)
        .pause()
        .tasks("0 new PENDING", "1 old RUNNING")
        .up(0)
        .history("0 updating")
        .resume()
        .history("0 updating", "0 updated", "1 updating")
        .replaced(1)
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void anInstanceWhoseTaskEndedDuringAPauseIsAddedOnResume() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .pause()
        .killed(0)
        .advance(Duration.ofDays(1))
        .tasks()
        .resume()
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void theWaitForATaskIsNotBegunAgainByAPause() {
    scenario()
        .update(to("new"), instances(1))
        .start()
        .runs(0)
        .advance(Duration.ofMillis(1500))
        .pause()
        .resume()
        .advance(Duration.ofMillis(499))
        .expect(ROLLING_FORWARD)
        .advance(Duration.ofMillis(1))
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void instancesThatAreDoneStaySilentAfterAPause() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), group(2))
        .start()
        .killed(0, 1)
        .up(0)
        .pause()
        .resume()
        .history("0 updating", "1 updating", "0 updated", "2 updating")
        .up(1)
        .replaced(2)
        .history("0 updating", "1 updating", "0 updated", "2 updating", "1 updated", "2 updated");
  }

  /** W-32: what was done stays, as in the original. */
  @Test
  public void aPausedUpdateCanBeAborted() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .pause()
        .abort()
        .killed(0)
        .tasks("1 old RUNNING")
        .expect(ABORTED);
  }
}
