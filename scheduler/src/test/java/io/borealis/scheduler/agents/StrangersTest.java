package io.borealis.scheduler.agents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.Test;

public class StrangersTest {
  private final Strangers strangers = new Strangers();

  @Test
  public void anAddressIsNewsOnceUntilSomebodyThereIsLetIn() {
    assertThat(strangers.isNews("10.0.0.1")).isTrue();
    assertThat(strangers.isNews("10.0.0.1")).isFalse();
    assertThat(strangers.isNews("10.0.0.2")).isTrue();
    strangers.welcome("10.0.0.1");
    assertThat(strangers.isNews("10.0.0.2")).isFalse();
    assertThat(strangers.isNews("10.0.0.1")).isTrue();
  }

  @Test
  public void whoeverHasManyAddressesFillsNeitherLogNorMemory() {
    long news =
        IntStream.range(0, 5000)
            .filter(i -> strangers.isNews("10.0." + i / 250 + "." + i % 250))
            .count();
    assertThat(news).isEqualTo(1000);
  }
}
