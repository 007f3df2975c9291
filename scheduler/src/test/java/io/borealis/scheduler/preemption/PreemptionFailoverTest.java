package io.borealis.scheduler.preemption;

import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.preemption.PreemptionStory.DELAY;
import static io.borealis.scheduler.preemption.PreemptionStory.fated;
import static io.borealis.scheduler.preemption.PreemptionStory.preemptible;
import static io.borealis.scheduler.preemption.PreemptionStory.preferred;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.TaskConfig;
import java.time.Duration;
import org.junit.Test;

/** What the next leader makes of room that was being made. */
public class PreemptionFailoverTest {
  private static final Duration MS = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final TaskConfig GUEST = preemptible("guest", 8);

  /**
   * It asks for no more than the victim had, so that the victim's successor wants the place too.
   */
  private static final TaskConfig SHOP = preferred("shop", 8);

  /** A leader dies at each moment from before the search until the task runs. */
  @Test
  public void whereverALeaderDiesOneTaskHasToLeaveAndTheOtherRuns() {
    boolean[] before = new boolean[2];
    for (int ms = 0; ms <= 200; ms += 5) {
      PreemptionStory story = PreemptionStory.of(2).job(GUEST, 4).insert(SHOP, 1);
      story.advance(DELAY.minusMillis(20)).advance(Duration.ofMillis(ms));
      before[story.displaced().isEmpty() ? 0 : 1] = true;

      PreemptionStory next = story.failover();
      next.advance(DELAY.multipliedBy(2));
      assertThat(next.displaced()).as("death after %s ms", ms).hasSize(1);
      next.has(SHOP, RUNNING, 1).has(GUEST, RUNNING, 3).has(GUEST, PENDING, 1);
    }
    assertThat(before).as("before and after it was told to leave").containsExactly(true, true);
  }

  @Test
  public void whatWasNotDurableDidNotHappen() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 2).insert(SHOP, 1);
    story.advance(DELAY.minus(SECOND));
    story.store.hold();
    story.advance(Duration.ofSeconds(2));
    PreemptionStory next = story.failover();
    next.displaced(0).has(GUEST, RUNNING, 2);
    next.advance(DELAY).displaced(1).has(SHOP, RUNNING, 1);
  }

  @Test
  public void theNextLeaderWaitsBeforeItsFirstSearch() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 2).insert(SHOP, 1);
    story.advance(DELAY.minus(SECOND));
    PreemptionStory next = story.failover(); // A second of which is over.
    next.advance(DELAY.minus(SECOND).minus(MS)).displaced(0);
    next.advance(MS.multipliedBy(2)).displaced(1);
  }

  @Test
  public void anAgentIsKeptForTheRestOfItsTime() {
    TaskConfig stubborn = fated(preemptible("stubborn", 8), "nokill");
    PreemptionStory story = PreemptionStory.of(1).job(stubborn, 2).insert(SHOP, 1);
    story.advance(DELAY.plusMillis(10)).displaced(1);
    story.advance(Duration.ofMinutes(1));
    story.store.change(tx -> tx.removeTask("nothing"));
    story.insert(preferred("something that is stored", 99), 1);
    PreemptionStory next = story.failover();
    assertThat(next.claims.all().keySet()).containsExactly("agent-1");
    assertThat(next.claims.hindrance(SHOP))
        .isEqualTo("other tasks are leaving host-1 in its favor");
    assertThat(next.claims.hindrance(GUEST)).isNull();

    next.advance(Duration.ofMinutes(2).minus(SECOND).minusMillis(20));
    assertThat(next.claims.all()).hasSize(1);
    next.advance(Duration.ofMillis(20));
    assertThat(next.claims.all()).isEmpty();
  }

  /** Small tasks would take what is freed bit by bit, and again, and again. */
  @Test
  public void theRoomThatWasBeingMadeIsNotTakenByOthersUnderTheNextLeader() {
    TaskConfig big = preferred("big", 16);
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 2);
    story.job(preemptible("crumbs", 1), 30).job(big, 1);
    while (story.displaced().isEmpty()) {
      story.advance(Duration.ofMillis(5));
    }
    PreemptionStory next = story.failover();
    next.advance(SECOND).has(big, RUNNING, 1);
    next.advance(Duration.ofHours(1)).displaced(2);
  }

  @Test
  public void nothingIsKeptForTasksThatHaveTheirPlaceOrAreGone() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 2).job(SHOP, 1);
    story.advance(DELAY).has(SHOP, RUNNING, 1);
    PreemptionStory next = story.failover();
    assertThat(next.claims.all()).isEmpty();
  }

  /** Another of the group has used the room; the one that was named waits on. */
  @Test
  public void nothingIsKeptWhereAnotherOfTheGroupHasGot() {
    PreemptionStory story = PreemptionStory.of(1).job(GUEST, 2).insert(SHOP, 1);
    story.advance(DELAY.plusMillis(10)).displaced(1);
    String named = story.tasks(SHOP, PENDING).get(0).assignedTask().taskId();
    story.advance(Duration.ofMillis(200)).has(SHOP, RUNNING, 1);
    // As if the room had gone to another instance.
    story.store.change(
        tx ->
            tx.save(
                tx.state().tasks().get(named).toBuilder()
                    .assignedTask(
                        tx.state().tasks().get(named).assignedTask().toBuilder()
                            .taskId("another")
                            .instanceId(7)
                            .build())
                    .build()));
    story.store.change(
        tx ->
            tx.save(
                tx.state().tasks().get(named).toBuilder()
                    .assignedTask(
                        tx.state().tasks().get(named).assignedTask().toBuilder()
                            .slaveHost(null)
                            .slaveId(null)
                            .build())
                    .status(PENDING)
                    .build()));
    assertThat(Takeover.claims(story.store.state(), Duration.ofMinutes(3))).isEmpty();
  }

  @Test
  public void theTimeOfAClaimIsNeverLongerThanItsSetting() {
    TaskConfig stubborn = fated(preemptible("stubborn", 8), "nokill");
    PreemptionStory story = PreemptionStory.of(1).job(stubborn, 2).insert(SHOP, 1);
    story.advance(DELAY.plusMillis(10)).displaced(1);
    story.store.runtimes().stepWallClock(Duration.ofDays(-1));
    PreemptionStory next = story.failover();
    assertThat(next.claims.all()).hasSize(1);
    next.advance(Duration.ofMinutes(3));
    assertThat(next.claims.all()).isEmpty();
  }
}
