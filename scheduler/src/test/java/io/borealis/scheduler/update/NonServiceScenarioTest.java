package io.borealis.scheduler.update;

import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.toleratedExits;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;

import io.borealis.api.CountSlaPolicy;
import io.borealis.api.SlaPolicy;
import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** W-17: tasks that end and are not rescheduled, because their version is no service. */
public class NonServiceScenarioTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Rule public final Failovers failovers = new Failovers();

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** Nothing would ever happen again otherwise. */
  @Test
  public void anOldTaskThatEndsAndDoesNotComeBackIsReplacedAtOnce() {
    scenario()
        .version("once", config -> config.isService(false))
        .job(have("once", KILLING, SECOND, 0))
        .update(to("new"))
        .start()
        .history("0 updating")
        .task(0, FINISHED)
        .tasks("0 new PENDING")
        .up(0)
        .history("0 updating", "0 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD");
  }

  /** D-18, but for the wait of the original until its timer runs (W-17). */
  @Test
  public void anOldTaskThatEndsBeforeItsTimeIsAddedAgainAsOftenAsIsTolerated() {
    scenario()
        .version("once", config -> config.isService(false))
        .job(running("once", 0))
        .update(to("new"), toleratedExits(1), watch(Duration.ofSeconds(10)))
        .start()
        .rollback()
        .killed(0)
        .runs(0)
        .advance(SECOND.multipliedBy(4))
        .task(0, FINISHED)
        .tasks("0 once PENDING")
        .history("0 updating", "0 rolling back")
        .runs(0)
        .advance(SECOND.multipliedBy(4))
        .task(0, FINISHED)
        .tasks()
        .history("0 updating", "0 rolling back", "0 rollback failed")
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK by ann",
            "FAILED: Latest failure: instance 0 exited.");
  }

  /** D-19. */
  @Test
  public void oldTasksThatEndWhileTheyWaitForAPolicyAreReplacedAtOnce() {
    SlaPolicy never = new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(2, Integer.MAX_VALUE));
    scenario()
        .version("once", config -> config.isService(false))
        .version("new", config -> config.slaPolicy(never))
        .job(running("once", 0, 1, 2))
        .update(to("new"), group(3), slaAware())
        .start()
        .tasks("0 once RUNNING", "1 once RUNNING", "2 once RUNNING")
        .task(0, FINISHED)
        .tasks("0 new PENDING", "1 once RUNNING", "2 once RUNNING")
        .task(1, FINISHED)
        .task(2, FINISHED)
        .tasks("0 new PENDING", "1 new PENDING", "2 new PENDING")
        .up(0, 1, 2)
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .instance(0, "updating", "updating: Checking SLA before continuing.", "updated")
        .instance(2, "updating", "updating: Checking SLA before continuing.", "updated")
        .kills(0);
  }
}
