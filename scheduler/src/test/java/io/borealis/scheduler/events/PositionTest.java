package io.borealis.scheduler.events;

import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATED;
import static io.borealis.api.JobUpdateAction.INSTANCE_UPDATING;
import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.scheduler.events.Position.Step;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** Two lists of events told as one, from anywhere. */
public class PositionTest {
  private static UpdateRecord record(Histories history) {
    return history.replica(history.size()).durable().updates().get(Histories.KEY);
  }

  /** What comes after a position, such as {@code 1.0 ROLLING_FORWARD}. */
  private static List<String> told(Position from, UpdateRecord record) {
    List<String> told = new ArrayList<>();
    Position at = from;
    for (Step step = at.next(record); step != null; step = at.next(record)) {
      told.add(
          step.after().id()
              + " "
              + (step instanceof Step.OfUpdate update
                  ? update.event().status()
                  : ((Step.OfInstance) step).event().action()));
      at = step.after();
    }
    return told;
  }

  @Test
  public void eventsAreToldByTimeThoseOfTheUpdateFirstAndTheEndLast() {
    Histories history = new Histories().begin();
    history.add(history.event(0, INSTANCE_UPDATING)).later(5);
    history.add(history.event(ROLL_FORWARD_PAUSED, "wait")).later(5);
    history.add(history.event(0, INSTANCE_UPDATED));
    history.add(history.event(ROLLING_FORWARD, null));
    history.add(history.event(1, INSTANCE_UPDATING)).later(5);
    history.add(history.event(ROLLED_FORWARD, null), history.event(1, INSTANCE_UPDATED));
    assertThat(told(Position.START, record(history)))
        .containsExactly(
            "1.0 ROLLING_FORWARD",
            "1.1 INSTANCE_UPDATING",
            "2.1 ROLL_FORWARD_PAUSED",
            "3.1 ROLLING_FORWARD",
            "3.2 INSTANCE_UPDATED",
            "3.3 INSTANCE_UPDATING",
            "3.4 INSTANCE_UPDATED",
            "4.4 ROLLED_FORWARD");
  }

  @Test
  public void theEndIsLastEvenWhenItIsEarlierThanAnEventOfAnInstance() {
    Histories history = new Histories().begin();
    history.add(history.event(ROLLED_FORWARD, null)).later(5);
    history.add(history.event(0, INSTANCE_UPDATED));
    assertThat(told(Position.START, record(history)))
        .containsExactly("1.0 ROLLING_FORWARD", "1.1 INSTANCE_UPDATED", "2.1 ROLLED_FORWARD");
  }

  @Test
  public void fromEveryIdTheRestFollowsWithoutGapOrDouble() {
    UpdateRecord record = record(Histories.whole());
    List<String> all = told(Position.START, record);
    assertThat(all).hasSize(10).doesNotHaveDuplicates();
    for (int i = 0; i < all.size(); i++) {
      String id = all.get(i).substring(0, all.get(i).indexOf(' '));
      Position seen = Position.parse(id).orElseThrow();
      assertThat(seen.id()).isEqualTo(id);
      assertThat(told(seen, record)).isEqualTo(all.subList(i + 1, all.size()));
      assertThat(seen.isEnd(record)).isEqualTo(i == all.size() - 1);
    }
  }

  @Test
  public void whoKnowsMoreThanTheRecordIsToldWhatIsNewInTheOtherListOnly() {
    Histories history = new Histories().begin();
    history.add(history.event(0, INSTANCE_UPDATING)).later(5);
    assertThat(told(new Position(3, 0), record(history))).containsExactly("3.1 INSTANCE_UPDATING");
    assertThat(told(new Position(1, 7), record(history))).isEmpty();
    assertThat(new Position(9, 9).isEnd(record(history))).isFalse();
  }

  @Test
  public void onlyTwoCountsAreAPosition() {
    assertThat(Position.parse("0.0")).contains(Position.START);
    assertThat(Position.parse("12.345")).contains(new Position(12, 345));
    for (String not :
        new String[] {"", "1", "1.", ".1", "1.2.3", "-1.2", "1.x", " 1.2", "1,2", "9999999999.1"}) {
      assertThat(Position.parse(not)).as(not).isEmpty();
    }
  }
}
