package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ABORTED;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.SlaStories.CHECKING;
import static io.borealis.scheduler.update.SlaStories.FIRST_RETRY;
import static io.borealis.scheduler.update.SlaStories.MINUTE;
import static io.borealis.scheduler.update.SlaStories.PASSED;
import static io.borealis.scheduler.update.SlaStories.attempts;
import static io.borealis.scheduler.update.SlaStories.coordinator;
import static io.borealis.scheduler.update.SlaStories.counted;
import static io.borealis.scheduler.update.SlaStories.given;
import static io.borealis.scheduler.update.SlaStories.three;
import static io.borealis.scheduler.update.SlaStories.waitOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.store.Writer;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

/** Updates that ask a coordinator before they take a task down (update rules, section 7.5). */
public class SlaCoordinatorScenarioTest {
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
    assertThat(waitOf(s, 0).denial())
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
    assertThat(waitOf(s, 0).denial())
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

  /** A yes that waited for the journal longer than for the coordinator does not count any more. */
  @Test
  public void aYesThatIsTooOldIsAskedForAgain() {
    Op nothing = new Op.RemoveJobLock(new RemoveJobLock(new JobKey("www-data", "prod", "other")));
    for (boolean stale : new boolean[] {false, true}) {
      UpdateScenario s = given(null, coordinator(), 0).update(to("new"), slaAware()).start().hold();
      for (int i = 0; i < Writer.Limits.DEFAULT.appendsInFlight(); i++) {
        s.tamper(nothing).advance(Duration.ZERO);
      }
      s.says("{\"drain\": true}").advance(stale ? MINUTE.plusSeconds(5) : MINUTE.dividedBy(2));
      s.release().kills(stale ? 0 : 1);
      if (stale) {
        assertThat(waitOf(s, 0).denial().text()).startsWith("the coordinator said yes too long");
        s.advance(FIRST_RETRY).says("{\"drain\": true}").kills(1);
        s.coordinator(played -> assertThat(played.asked()).containsExactly("0", "0"));
      }
    }
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
}
