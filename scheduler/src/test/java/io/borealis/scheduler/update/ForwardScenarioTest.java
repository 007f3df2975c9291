package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.listing;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;

import java.time.Duration;
import org.junit.Test;

/** Updates on their way forward (update rules, section 9.2). */
public class ForwardScenarioTest {
  @Test
  public void instancesAreReplacedOneAfterTheOther() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(2))
        .start()
        .events("ROLLING_FORWARD by ann")
        .history("0 updating")
        .tasks("0 old KILLING", "1 old RUNNING")
        .killed(0)
        .tasks("0 new PENDING", "1 old RUNNING")
        .runs(0)
        .advance(Duration.ofMillis(1999))
        .history("0 updating")
        .advance(Duration.ofMillis(1))
        .history("0 updating", "0 updated", "1 updating")
        .expect(ROLLING_FORWARD)
        .replaced(1)
        .history("0 updating", "0 updated", "1 updating", "1 updated")
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .tasks("0 new RUNNING", "1 new RUNNING")
        .expect(ROLLED_FORWARD);
  }

  @Test
  public void whatIsAlreadyRightIsLeftAlone() {
    scenario()
        .job(running("new", 0, 1, 2))
        .update(to("new"), listing(0, 1, 2))
        .start()
        .events("ROLLING_FORWARD by ann", "ROLLED_FORWARD")
        .history()
        .kills(0);
  }
}
