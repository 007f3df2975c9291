package io.borealis.scheduler.update;

import static io.borealis.scheduler.update.Ask.batch;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;

import java.time.Duration;
import org.junit.Rule;
import org.junit.Test;

/** Updates that users turn around, and what they do to them then (update rules, section 9.3). */
public class RollbackControlScenarioTest {
  @Rule public final Failovers failovers = new Failovers();

  private static final Duration DAY = Duration.ofDays(1);

  private UpdateScenario scenario() {
    return failovers.scenario();
  }

  /** */
  @Test
  public void aUserTurnsAnUpdateAroundInTheMiddleOfABatch() {
    scenario()
        .job(running(0, 1, 2))
        .update(to("new"), batch(2))
        .start()
        .killed(0, 1)
        .up(0, 1)
        .tasks("0 new RUNNING", "1 new RUNNING", "2 old KILLING")
        .rollback()
        .tasks("0 new RUNNING", "1 new KILLING", "2 old KILLING")
        .killed(1, 2)
        .up(1, 2)
        .tasks("0 new KILLING", "1 old RUNNING", "2 old RUNNING")
        .replaced(0)
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK")
        .instance(0, "updating", "updated", "rolling back", "rolled back")
        .instance(1, "updating", "updated", "rolling back", "rolled back")
        .instance(2, "updating", "rolling back", "rolled back")
        .tasks("0 old RUNNING", "1 old RUNNING", "2 old RUNNING");
  }

  /** */
  @Test
  public void aPausedUpdateCanBeTurnedAround() {
    scenario()
        .job(running("new", 0), running(1, 2))
        .update(to("new"), listing(0))
        .start()
        .killed(1)
        .pause()
        .up(1)
        .rollback()
        .replaced(1)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLLED_BACK")
        .history("1 updating", "1 rolling back", "1 rolled back")
        .tasks("0 new RUNNING", "1 old RUNNING", "2 old RUNNING");
  }

  /** R-5, where the original takes the beginning of its clock for a pulse; here only one counts. */
  @Test
  public void anUpdateThatTouchedNothingIsBackAtOnceWhenItHadAPulse() {
    UpdateScenario.scenario() // The next leader does not know of a pulse of the last second.
        .job(running(0, 1))
        .update(to("new"), pulsed(Duration.ofMinutes(1)))
        .start()
        .pause()
        .pulse()
        .rollback()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLLED_BACK")
        .history()
        .tasks("0 old RUNNING", "1 old RUNNING")
        .kills(0);
  }

  /** */
  @Test
  public void anUpdateThatNeverHadAPulseWaitsForOneToGoBack() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(Duration.ofMinutes(1)))
        .start()
        .rollback()
        .pulse()
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_BACK by ann",
            "ROLL_BACK_AWAITING_PULSE: Pulses from external service have timed out.",
            "ROLLING_BACK",
            "ROLLED_BACK")
        .history()
        .kills(0);
  }

  /** */
  @Test
  public void aRollbackCanBePaused() {
    scenario()
        .job(running(0, 1))
        .update(to("new"))
        .start()
        .replaced(0)
        .rollback()
        .killed(1)
        .pause()
        .advance(DAY)
        .resume()
        .up(1)
        .replaced(0)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK by ann",
            "ROLL_BACK_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLLED_BACK")
        .instance(1, "updating", "rolling back", "rolled back")
        .instance(0, "updating", "updated", "rolling back", "rolled back");
  }

  /** */
  @Test
  public void turningAroundTwiceIsTurningAroundOnce() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .rollback()
        .rollback()
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann");
  }

  /** */
  @Test
  public void turningAPausedRollbackAroundResumesIt() {
    scenario()
        .job(running(0))
        .update(to("new"))
        .start()
        .rollback()
        .pause()
        .rollback()
        .replaced(0)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLLING_BACK by ann",
            "ROLL_BACK_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLLED_BACK");
    Duration timeout = Duration.ofMinutes(1);
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(timeout))
        .start()
        .pulse()
        .rollback()
        .pause()
        .advance(timeout)
        .rollback()
        .pulse()
        .replaced(0)
        .events(
            "ROLL_FORWARD_AWAITING_PULSE by ann",
            "ROLLING_FORWARD",
            "ROLLING_BACK by ann",
            "ROLL_BACK_PAUSED by ann",
            "ROLLING_BACK by ann",
            "ROLL_BACK_AWAITING_PULSE: Pulses from external service have timed out.",
            "ROLLING_BACK",
            "ROLLED_BACK")
        .history("0 updating", "0 rolling back", "0 rolled back");
  }
}
