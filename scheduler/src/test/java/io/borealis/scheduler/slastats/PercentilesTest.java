package io.borealis.scheduler.slastats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.junit.Test;

public class PercentilesTest {
  private static final ImmutableMap<Double, Double> CHECK_VALUES =
      ImmutableMap.<Double, Double>builder()
          .put(0.0, 90.0)
          .put(50.0, 65.0)
          .put(75.0, 52.5)
          .put(90.0, 39.0)
          .put(99.0, 30.9)
          .put(99.9, 30.09)
          .put(100.0, 30.0)
          .build();

  @Test
  public void soManyPercentAreAtLeastAsLarge() {
    double[] sorted = Percentiles.sorted(ImmutableList.of(90L, 30L, 70L, 60L));
    CHECK_VALUES.forEach(
        (percentage, value) ->
            assertThat(Percentiles.of(sorted, percentage))
                .as("%s", percentage)
                .isCloseTo(value, within(1e-9)));
  }

  @Test
  public void ofNothingItIsZeroAndOfOneValueThatValue() {
    assertThat(Percentiles.of(new double[0], 50)).isZero();
    for (double percentage : CHECK_VALUES.keySet()) {
      assertThat(Percentiles.of(new double[] {7}, percentage)).isEqualTo(7);
    }
  }
}
