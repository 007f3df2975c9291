package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLING_BACK;
import static io.borealis.api.JobUpdateStatus.ROLLING_FORWARD;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_BACK_PAUSED;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE;
import static io.borealis.api.JobUpdateStatus.ROLL_FORWARD_PAUSED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.JobUpdateStatus;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.Test;

/** Every pair of statuses (update rules, sections 2.1 to 2.4). */
public class UpdateTransitionsTest {
  private static final Set<JobUpdateStatus> ACTIVE =
      EnumSet.of(
          ROLLING_FORWARD,
          ROLLING_BACK,
          ROLL_FORWARD_PAUSED,
          ROLL_BACK_PAUSED,
          ROLL_FORWARD_AWAITING_PULSE,
          ROLL_BACK_AWAITING_PULSE);

  private static final ImmutableMap<String, JobUpdateStatus> SHORT =
      ImmutableMap.<String, JobUpdateStatus>builder()
          .put("RF", ROLLING_FORWARD)
          .put("RB", ROLLING_BACK)
          .put("RFP", ROLL_FORWARD_PAUSED)
          .put("RBP", ROLL_BACK_PAUSED)
          .put("RFA", ROLL_FORWARD_AWAITING_PULSE)
          .put("RBA", ROLL_BACK_AWAITING_PULSE)
          .put("RDF", JobUpdateStatus.ROLLED_FORWARD)
          .put("RDB", JobUpdateStatus.ROLLED_BACK)
          .put("AB", JobUpdateStatus.ABORTED)
          .put("FL", JobUpdateStatus.FAILED)
          .put("ER", JobUpdateStatus.ERROR)
          .buildOrThrow();

  /** What may follow each status; nothing follows those that are not here. */
  private static final ImmutableMap<String, String> FOLLOWING =
      ImmutableMap.of(
          "RF", "RB RFP RFA RDF AB FL ER",
          "RB", "RBP RBA RDB AB FL ER",
          "RFP", "RF RB RFA AB ER",
          "RBP", "RB RBA AB ER",
          "RFA", "RF RB RFP AB ER",
          "RBA", "RB RBP AB ER");

  private static List<String> words(String text) {
    return Splitter.on(' ').omitEmptyStrings().splitToList(text);
  }

  /** SM-1. */
  @Test
  public void exactlyTheListedTransitionsAreAllowed() {
    SHORT.forEach(
        (from, status) ->
            assertThat(
                    SHORT.keySet().stream()
                        .filter(to -> UpdateTransitions.allowed(status, SHORT.get(to))))
                .as("after %s", from)
                .containsExactlyInAnyOrderElementsOf(words(FOLLOWING.getOrDefault(from, ""))));
  }

  /** SM-2. */
  @Test
  public void sixStatusesAreActiveTwoRollAndTwoWaitForPulses() {
    for (JobUpdateStatus status : SHORT.values()) {
      assertThat(UpdateTransitions.isActive(status)).isEqualTo(ACTIVE.contains(status));
      assertThat(UpdateTransitions.isRolling(status))
          .isEqualTo(status == ROLLING_FORWARD || status == ROLLING_BACK);
      assertThat(UpdateTransitions.isAwaitingPulse(status))
          .isEqualTo(status == ROLL_FORWARD_AWAITING_PULSE || status == ROLL_BACK_AWAITING_PULSE);
    }
    assertThat(UpdateTransitions.isActive(null)).isFalse();
    assertThat(UpdateTransitions.isAwaitingPulse(null)).isFalse();
  }

  @Test
  public void whereControlsLeadDependsOnWhereTheyAreUsed() {
    // from: paused, resumed with pulses, resumed without pulses
    ImmutableMap<String, String> table =
        ImmutableMap.of(
            "RF", "RFP RF RFA",
            "RB", "RBP RB RBA",
            "RFP", "RFP RF RFA",
            "RBP", "RBP RB RBA",
            "RFA", "RFP null RFA",
            "RBA", "RBP null RBA");
    SHORT.forEach(
        (from, status) -> {
          List<String> row = words(table.getOrDefault(from, "null null null"));
          assertThat(UpdateTransitions.paused(status)).as(from).isEqualTo(SHORT.get(row.get(0)));
          assertThat(UpdateTransitions.resumed(status, false))
              .as(from)
              .isEqualTo(SHORT.get(row.get(1)));
          assertThat(UpdateTransitions.resumed(status, true))
              .as(from)
              .isEqualTo(SHORT.get(row.get(2)));
        });
    assertThat(UpdateTransitions.blocked(ROLLING_FORWARD)).isEqualTo(ROLL_FORWARD_AWAITING_PULSE);
    assertThat(UpdateTransitions.blocked(ROLLING_BACK)).isEqualTo(ROLL_BACK_AWAITING_PULSE);
    assertThat(UpdateTransitions.unblocked(ROLL_FORWARD_AWAITING_PULSE)).isEqualTo(ROLLING_FORWARD);
    assertThat(UpdateTransitions.unblocked(ROLL_BACK_AWAITING_PULSE)).isEqualTo(ROLLING_BACK);
  }
}
