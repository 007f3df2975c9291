package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.SlaStories.CHECKING;
import static io.borealis.scheduler.update.SlaStories.FIRST_RETRY;
import static io.borealis.scheduler.update.SlaStories.PASSED;
import static io.borealis.scheduler.update.SlaStories.beingKilled;
import static io.borealis.scheduler.update.SlaStories.count;
import static io.borealis.scheduler.update.SlaStories.counted;
import static io.borealis.scheduler.update.SlaStories.given;
import static io.borealis.scheduler.update.SlaStories.percentage;
import static io.borealis.scheduler.update.SlaStories.three;
import static io.borealis.scheduler.update.SlaStories.waiting;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.Test;

/** Updates that take down no more than was agreed (update rules, sections 7.4, 7.5 and 9.8). */
public class SlaScenarioTest {
  /** SLA-1. */
  @Test
  public void oneAtATimeWhenThePolicyToleratesOne() {
    UpdateScenario s =
        three(count(2, 0))
            .start()
            .history(
                "0 updating",
                "1 updating",
                "2 updating",
                "0 updating" + CHECKING,
                "1 updating" + CHECKING,
                "2 updating" + CHECKING,
                "0 updating" + PASSED)
            .tasks("0 old KILLING", "1 old RUNNING", "2 old RUNNING");
    for (int i = 0; i < 3; i++) {
      assertThat(beingKilled(s)).isEqualTo(1);
      s.replaced(i).advance(Duration.ofMinutes(10));
    }
    s.events("ROLLING_FORWARD by ann", "ROLLED_FORWARD").kills(3);
    for (int i = 0; i < 3; i++) {
      s.instance(i, "updating", "updating" + CHECKING, "updating" + PASSED, "updated");
    }
    assertThat(counted(s, "update_instance_transition_INSTANCE_UPDATING")).isEqualTo(3);
    assertThat(counted(s, "updates_sla_kill_success_www-data/prod/hello")).isEqualTo(3);
    assertThat(waiting(s)).isEqualTo(0);
  }

  @Test
  public void saysWhatThePolicyNeeds() {
    UpdateScenario s =
        three(count(2, 0))
            .start()
            .why(
                "waiting for the old task of instance 0 to end (KILLING since T+0s); SLA: 2 of 3"
                    + " needed RUNNING, 1 are (instances 1, 2 to go since T+0s)");
    assertThat(s.explanation().waits().get(1).reason()).isEqualTo("SLA");
  }

  /** Nobody waits longer than the policy says: another RUNNING task lets the next one go. */
  @Test
  public void theNextTaskGoesAsSoonAsAnotherHasRunForLongEnough() {
    three(count(2, 10))
        .start()
        .tasks("0 old KILLING", "1 old RUNNING", "2 old RUNNING")
        .killed(0)
        .runs(0)
        .advance(Duration.ofMillis(10_000))
        .tasks("0 new RUNNING", "1 old RUNNING", "2 old RUNNING")
        .advance(Duration.ofMillis(1))
        .tasks("0 new RUNNING", "1 old KILLING", "2 old RUNNING");
  }

  /** SLA-1 with a percentage: two of ten at a time. */
  @Test
  public void asManyAtATimeAsThePercentageLeaves() {
    Integer[] ten = IntStream.range(0, 10).boxed().toArray(Integer[]::new);
    UpdateScenario s =
        given(null, percentage(80), ten)
            .update(to("new"), group(10), watch(Duration.ZERO), slaAware())
            .start();
    for (int i = 0; i < 10; i += 2) {
      assertThat(beingKilled(s)).isEqualTo(2);
      s.replaced(i, i + 1).advance(Duration.ofMillis(1));
    }
    s.expect(ROLLED_FORWARD).kills(10);
  }

  /** SLA-2. */
  @Test
  public void nothingIsKilledWhilePausedAndNothingIsNotedTwice() {
    UpdateScenario s = three(count(2, 0)).start().pause().task(0, KILLED);
    s.advance(Duration.ofHours(1)).kills(1);
    assertThat(waiting(s)).isEqualTo(0);
    s.resume()
        .up(0)
        .advance(Duration.ofMillis(1))
        .replaced(1)
        .advance(Duration.ofMillis(1))
        .replaced(2)
        .events(
            "ROLLING_FORWARD by ann",
            "ROLL_FORWARD_PAUSED by ann",
            "ROLLING_FORWARD by ann",
            "ROLLED_FORWARD");
    for (int i = 0; i < 3; i++) {
      s.instance(i, "updating", "updating" + CHECKING, "updating" + PASSED, "updated");
    }
  }

  /** SLA-3. */
  @Test
  public void onTheWayBackTheOldVersionsPolicyHolds() {
    given(count(2, 0), count(2, 0), 0, 1, 2)
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware())
        .start()
        .replaced(0)
        .advance(Duration.ofMillis(1))
        .replaced(1)
        .rollback()
        .advance(Duration.ofMillis(1))
        .replaced(1)
        .advance(Duration.ofMillis(1))
        .replaced(0)
        .events("ROLLING_FORWARD by ann", "ROLLING_BACK by ann", "ROLLED_BACK")
        .instance(2, "updating", "updating" + CHECKING, "rolling back", "rolled back")
        .instance(
            0,
            "updating",
            "updating" + CHECKING,
            "updating" + PASSED,
            "updated",
            "rolling back",
            "rolling back" + CHECKING,
            "rolling back" + PASSED,
            "rolled back")
        .kills(4);
  }

  /** SLA-4: forward the new version's policy, which is the stricter one here. */
  @Test
  public void forwardTheNewVersionsPolicyHolds() {
    given(count(0, 0), count(2, 0), 0, 1, 2)
        .update(to("new"), group(3), slaAware())
        .start()
        .kills(1);
    given(count(2, 0), count(0, 0), 0, 1, 2)
        .update(to("new"), group(3), slaAware())
        .start()
        .kills(3);
  }

  /** SLA-5: also when the task itself has one. */
  @Test
  public void withoutAPolicyOnTheWayThereIsNoCheck() {
    given(count(2, 0), null, 0, 1, 2)
        .update(to("new"), group(3), slaAware())
        .start()
        .kills(3)
        .history("0 updating", "1 updating", "2 updating");
  }

  /** A policy alone protects from nothing. */
  @Test
  public void anUpdateThatIsNotAwareAsksNobody() {
    given(count(2, 0), count(2, 0), 0, 1, 2)
        .update(to("new"), group(3))
        .start()
        .kills(3)
        .history("0 updating", "1 updating", "2 updating");
  }

  /** SLA-6 and W-15: the running version decides where there is no other. */
  @Test
  public void removalsFollowThePolicyOfTheTask() {
    given(count(2, 0), null, 0, 1, 2)
        .update(to("old"), instances(1), group(3), slaAware())
        .start()
        .kills(1)
        .instance(1, "updating", "updating" + CHECKING, "updating" + PASSED)
        .instance(2, "updating", "updating" + CHECKING);
  }

  /** W-15: on the way back what was added is removed under its own policy. */
  @Test
  public void whatWasAddedIsRemovedUnderItsOwnPolicy() {
    given(count(2, 0), null, 0)
        .update(to("old"), instances(4), group(4), watch(Duration.ZERO), slaAware())
        .start()
        .runs(1, 2)
        .advance(Duration.ofMillis(1))
        .rollback()
        .tasks("0 old RUNNING", "1 old RUNNING", "2 old KILLING")
        .instance(1, "updating", "updated", "rolling back", "rolling back" + CHECKING);
  }

  /** SLA-14. */
  @Test
  public void tasksMustHaveRunForLongEnough() {
    scenario()
        .version("new", config -> config.slaPolicy(count(2, 60)))
        .job(running(0, 1), have("old", RUNNING, Duration.ofSeconds(30), 2))
        .update(to("new"), group(1), slaAware())
        .start()
        .kills(0)
        .advance(FIRST_RETRY)
        .kills(1);
  }

  /** H-3: a task that waited goes like any other. */
  @Test
  public void theTaskSaysWhoKilledIt() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(Iterables.getLast(s.active(0).taskEvents()).message())
        .isEqualTo("Killed for job update u1");
  }

  /** H-5: the agent is kept also when the task goes later. */
  @Test
  public void theAgentOfATaskThatWaitedIsKept() {
    given(null, count(2, 0), 0, 1, 2)
        .version("old", config -> config)
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware())
        .start()
        .keeps(0, "agent-0")
        .keeps(1, null)
        .replaced(0)
        .advance(Duration.ofMillis(1))
        .keeps(1, "agent-1")
        .expect(ROLLING_FORWARD);
  }
}
