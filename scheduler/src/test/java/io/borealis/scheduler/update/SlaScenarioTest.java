package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ERROR;
import static io.borealis.api.JobUpdateStatus.ROLLED_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.Test;

/** Updates that take down no more than was agreed (update rules, sections 7.4, 7.5 and 9.8). */
public class SlaScenarioTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(90);
  private static final String CHECKING = ": Checking SLA before continuing.";
  private static final String PASSED = ": SLA check passed, continuing.";
  private static final String URL = "http://coordinator/";

  private static SlaPolicy count(long count, long seconds) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, seconds));
  }

  private static SlaPolicy percentage(double percentage) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, 0));
  }

  private static SlaPolicy coordinator() {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy(URL, "drain"));
  }

  /** A job whose old and new versions have these policies, null for none. */
  private static UpdateScenario given(SlaPolicy before, SlaPolicy after, Integer... instances) {
    return scenario()
        .version("old", config -> config.slaPolicy(before))
        .version("new", config -> config.slaPolicy(after))
        .job(running(instances));
  }

  /** Three instances that are updated at once, but for the policy of the new version. */
  private static UpdateScenario three(SlaPolicy policy) {
    return given(null, policy, 0, 1, 2)
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware());
  }

  private static long beingKilled(UpdateScenario s) {
    return s.activeTasks().stream().filter(text -> text.endsWith(KILLING.name())).count();
  }

  private static double counted(UpdateScenario s, String meter) {
    return s.meters().counter(meter).count();
  }

  private static double attempts(UpdateScenario s) {
    return counted(s, "updates_sla_kill_attempt_www-data/prod/hello");
  }

  private static double waiting(UpdateScenario s) {
    return s.meters().get("updates_sla_waiting").gauge().value();
  }

  private static SlaWait wait(UpdateScenario s, int instance) {
    return s.updates().slaWait(s.key(), instance);
  }

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
        .expect(ROLLED_FORWARD);
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
        .expect(ROLLED_BACK)
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

  /** SLA-7: what waits for a check does nothing in any other status. */
  @Test
  public void anUpdateThatEndedKillsNothing() {
    UpdateScenario s = three(count(2, 0)).start().abort().task(0, KILLED);
    s.advance(Duration.ofHours(1)).expect(ABORTED).kills(1);
    assertThat(waiting(s)).isEqualTo(0);
    assertThat(wait(s, 1)).isNull();
  }

  /** SLA-8. */
  @Test
  public void attemptsBackOff() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(attempts(s)).isEqualTo(3);
    s.advance(FIRST_RETRY.minusMillis(1));
    assertThat(attempts(s)).isEqualTo(3);
    s.advance(Duration.ofMillis(1));
    assertThat(attempts(s)).isEqualTo(5);
    s.advance(Duration.ofMillis(134_999));
    assertThat(attempts(s)).isEqualTo(5);
    s.advance(Duration.ofMillis(1));
    assertThat(attempts(s)).isEqualTo(7);
    s.advance(Duration.ofMillis(202_500));
    assertThat(attempts(s)).isEqualTo(9);
    // From here on the longest pause.
    s.advance(Duration.ofMinutes(5));
    assertThat(attempts(s)).isEqualTo(11);
    s.advance(Duration.ofMinutes(5));
    assertThat(attempts(s)).isEqualTo(13);
    assertThat(counted(s, "updates_sla_denials")).isEqualTo(12);
  }

  /** SLA-9. */
  @Test
  public void whatWasNotPlacedGoesAtOnce() {
    scenario()
        .version("new", config -> config.slaPolicy(count(2, 0)))
        .job(running(0, 1), have("old", PENDING, MINUTE, 2))
        .update(to("new"), group(3), slaAware())
        .start()
        .tasks("0 old RUNNING", "1 old RUNNING", "2 new PENDING")
        .instance(2, "updating", "updating" + CHECKING, "updating" + PASSED);
  }

  /** SLA-10. */
  @Test
  public void aTaskThatCameInsteadIsTriedAnew() {
    UpdateScenario s = three(count(2, 0)).start();
    String first = wait(s, 1).taskId();
    s.task(1, FAILED);
    // The replacement is not placed yet.
    s.tasks("0 old KILLING", "1 new PENDING", "2 old RUNNING")
        .instance(1, "updating", "updating" + CHECKING, "updating" + PASSED);
    assertThat(first).isNotEqualTo(s.active(1).assignedTask().taskId());
    assertThat(wait(s, 1)).isNull();
    assertThat(waiting(s)).isEqualTo(1);
  }

  /** SLA-10: a task that somebody else kills needs no check any more. */
  @Test
  public void aTaskThatIsGoneIsNotWaitedFor() {
    UpdateScenario s = three(count(2, 0)).start().task(1, KILLING);
    assertThat(waiting(s)).isEqualTo(1);
    s.task(1, KILLED).tasks("0 old KILLING", "1 new PENDING", "2 old RUNNING");
    s.instance(1, "updating", "updating" + CHECKING);
  }

  /** SLA-11 and W-12: the loops do not multiply. */
  @Test
  public void howeverOftenItIsAskedForThereIsOneLoop() {
    UpdateScenario calm = impatient().start().advance(Duration.ofSeconds(12));
    UpdateScenario busy = impatient().start();
    for (int i = 0; i < 4; i++) {
      busy.pause().resume();
    }
    busy.advance(Duration.ofSeconds(12));
    assertThat(attempts(busy)).isEqualTo(attempts(calm)).isEqualTo(3 + 12 * 2);
    assertThat(waiting(busy)).isEqualTo(2);
  }

  private static UpdateScenario impatient() {
    return given(null, count(2, 0), 0, 1, 2)
        .coordinator(played -> played.retries(Duration.ofSeconds(1), Duration.ofSeconds(2), 300, 0))
        .failover()
        .update(to("new"), group(3), slaAware());
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

  /** FO-18, at every step of SLA-1. */
  @Test
  public void anotherLeaderTriesOnWithoutAnotherNote() {
    UpdateScenario whole = story(scenario());
    for (int at = 1; at <= whole.steps(); at++) {
      int step = at;
      UpdateScenario interrupted = story(scenario(n -> n == step));
      assertThat(interrupted.ending()).as("failover after step %s", at).isEqualTo(whole.ending());
    }
  }

  private static UpdateScenario story(UpdateScenario s) {
    s.version("new", config -> config.slaPolicy(count(2, 0)))
        .job(running(0, 1, 2))
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware())
        .start();
    for (int i = 0; i < 3; i++) {
      s.replaced(i).advance(Duration.ofMinutes(5));
    }
    return s.expect(ROLLED_FORWARD).kills(3);
  }

  /** Each batch is a transaction, and what one takes down the next one sees. */
  @Test
  public void attemptsThatAreDueTogetherAreOneTransaction() {
    UpdateScenario s =
        three(count(2, 0))
            .coordinator(played -> played.retries(MINUTE, Duration.ofMinutes(5), 2, 0))
            .failover();
    int before = s.start().store().entries();
    assertThat(s.store().entries() - before).isEqualTo(0);
    assertThat(beingKilled(s)).isEqualTo(1);
    assertThat(attempts(s)).isEqualTo(3);
  }

  /** W-13: who waits, since when, why, and when it is tried again. */
  @Test
  public void whoWaitsSaysWhy() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(wait(s, 0)).isNull();
    ScheduledTask task = s.active(1);
    long now = s.store().clock().wallMillis();
    assertThat(wait(s, 1))
        .isEqualTo(
            new SlaWait(
                task.assignedTask().taskId(),
                now,
                1,
                now + FIRST_RETRY.toMillis(),
                new SlaDenial.NotEnoughRunning(2, 1, 3)));
    assertThat(waiting(s)).isEqualTo(2);
    s.failover();
    assertThat(waiting(s)).isEqualTo(2);
    assertThat(counted(s, "updates_sla_denials")).isEqualTo(4);
  }

  // ---- Coordinators ----------------------------------------------------------------------------

  /** SLA-16. */
  @Test
  public void aCoordinatorDecides() {
    UpdateScenario s =
        given(null, coordinator(), 0)
            .update(to("new"), watch(Duration.ZERO), slaAware())
            .start()
            .kills(0)
            .says("{\"drain\": false}")
            .kills(0)
            .advance(FIRST_RETRY)
            .says("{}")
            .advance(Duration.ofSeconds(135))
            .kills(0);
    assertThat(wait(s, 0).denial())
        .isEqualTo(new SlaDenial.Coordinator("answered without the member 'drain'"));
    assertThat(counted(s, "sla_coordinator_user_errors")).isEqualTo(1);
    s.says("{\"drain\": true}")
        .kills(1)
        .replaced(0)
        .instance(0, "updating", "updating" + CHECKING, "updating" + PASSED, "updated")
        .expect(ROLLED_FORWARD);
    assertThat(attempts(s)).isEqualTo(3);
    assertThat(counted(s, "sla_coordinator_attempts")).isEqualTo(3);
    assertThat(counted(s, "sla_coordinator_success")).isEqualTo(2);
  }

  /** A coordinator that is silent is asked again. */
  @Test
  public void silenceIsANo() {
    UpdateScenario s =
        given(null, coordinator(), 0).update(to("new"), slaAware()).start().advance(MINUTE);
    assertThat(counted(s, "sla_coordinator_errors")).isEqualTo(1);
    assertThat(wait(s, 0).denial())
        .isEqualTo(new SlaDenial.Coordinator("did not answer within 60000 ms"));
    s.advance(FIRST_RETRY)
        .coordinator(played -> assertThat(played.asked()).containsExactly("0", "0"))
        .coordinator(played -> played.says("{\"drain\": true}")) // The first, too late.
        .kills(0)
        .says("{\"drain\": true}")
        .kills(1);
  }

  /** SLA-17. */
  @Test
  public void anAddressIsAskedOneQuestionAtATime() {
    UpdateScenario s =
        three(coordinator())
            .start()
            .coordinator(played -> assertThat(played.asked()).containsExactly("0"));
    assertThat(counted(s, "sla_coordinator_lock_starvation")).isEqualTo(2);
    s.says("{\"drain\": true}").kills(1).replaced(0).advance(FIRST_RETRY);
    s.coordinator(played -> assertThat(played.asked()).containsExactly("0", "1"));
  }

  /** W-14: a yes does not count for what is not to be killed any more. */
  @Test
  public void aYesThatComesTooLateKillsNothing() {
    UpdateScenario paused =
        given(null, coordinator(), 0).update(to("new"), slaAware()).start().pause();
    paused.says("{\"drain\": true}").kills(0).history("0 updating", "0 updating" + CHECKING);
    // The coordinator can be asked again.
    paused.resume().says("{\"drain\": true}").kills(1);

    UpdateScenario gone =
        given(null, coordinator(), 0).update(to("new"), slaAware()).start().task(0, KILLING);
    gone.says("{\"drain\": true}").killed(0).tasks("0 new PENDING").kills(1);
    gone.instance(0, "updating", "updating" + CHECKING);

    given(null, coordinator(), 0)
        .update(to("new"), slaAware())
        .start()
        .abort()
        .says("{\"drain\": true}")
        .expect(ABORTED)
        .kills(0);
  }

  /** A yes that cannot become durable yet kills nothing, and is not asked for twice. */
  @Test
  public void aYesWaitsForTheJournal() {
    UpdateScenario s =
        given(null, coordinator(), 0)
            .update(to("new"), slaAware())
            .start()
            .hold()
            .says("{\"drain\": true}")
            .kills(0)
            .advance(Duration.ofSeconds(30))
            .kills(0)
            .release()
            .kills(1);
    s.coordinator(played -> assertThat(played.asked()).containsExactly("0"));
  }

  /** FO-18: the next leader asks again. */
  @Test
  public void anotherLeaderAsksAgain() {
    given(null, coordinator(), 0)
        .update(to("new"), slaAware())
        .start()
        .failover()
        .says("{\"drain\": true}")
        .kills(1)
        .coordinator(played -> assertThat(played.asked()).isEqualTo(List.of("0", "0")))
        .instance(0, "updating", "updating" + CHECKING, "updating" + PASSED);
  }

  /** H-3: a task that waited goes like any other. */
  @Test
  public void theTaskSaysWhoKilledIt() {
    UpdateScenario s = three(count(2, 0)).start();
    assertThat(Iterables.getLast(s.active(0).taskEvents()).message())
        .isEqualTo("Killed for job update u1");
  }

  /** H-4: the task has ended before it is tried again, and its instance with it. */
  @Test
  public void nothingIsKilledWhereNothingIs() {
    UpdateScenario s =
        given(count(2, 0), null, 0, 1, 2)
            .update(to("old"), instances(1), group(3), watch(Duration.ZERO), slaAware())
            .start()
            .killed(1)
            .task(2, KILLING, KILLED)
            .expect(ROLLED_FORWARD);
    s.advance(Duration.ofHours(1)).kills(2);
    assertThat(waiting(s)).isEqualTo(0);
  }

  /** The status of an update whose lock is gone is no reason to kill for it. */
  @Test
  public void anUpdateWithoutItsLockKillsNothing() {
    three(count(2, 0))
        .start()
        .tamper(new Op.RemoveJobLock(new RemoveJobLock(Fixtures.JOB)))
        .advance(FIRST_RETRY)
        .expect(ERROR)
        .kills(1);
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
