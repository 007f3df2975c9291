package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.noRollback;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
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

  /** SM-6. */
  @Test
  public void whatHasEndedCannotBeSteered() {
    List<UpdateScenario> ended =
        List.of(
            scenario().job(running(0)).update(to("new")).start().replaced(0),
            scenario().job(running(0)).update(to("new")).start().rollback().killed(0).up(0),
            scenario().update(to("new"), instances(1), noRollback()).start().fails(0));
    List<String> statuses = List.of("ROLLED_FORWARD", "ROLLED_BACK", "FAILED");
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
