package io.borealis.scheduler.tier;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.TaskConfig;
import org.junit.Test;

public class TierRegistryTest {
  private static boolean isProduction(String tier, Boolean stored) {
    return TierRegistry.stock()
        .isProduction(TaskConfig.builder().tier(tier).production(stored).build());
  }

  /** SLA-15. */
  @Test
  public void theTierSaysWhetherATaskIsProduction() {
    assertThat(isProduction("preferred", false)).isTrue();
    assertThat(isProduction("preemptible", true)).isFalse();
    assertThat(isProduction("revocable", true)).isFalse();
  }

  /** A task from a time with other tiers keeps what it was then. */
  @Test
  public void aTaskOfATierThatIsGoneStaysWhatItWas() {
    assertThat(isProduction("gone", true)).isTrue();
    assertThat(isProduction("gone", false)).isFalse();
    assertThat(isProduction(null, true)).isTrue();
    assertThat(isProduction(null, null)).isFalse();
  }
}
