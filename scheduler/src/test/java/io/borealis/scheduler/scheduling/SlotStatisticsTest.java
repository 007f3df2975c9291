package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.Test;

/** The slots of usual sizes, by what is least of the offers that are held. */
public class SlotStatisticsTest {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final OfferBook offers = new OfferBook();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private SlotStatistics begin(boolean revocableRam) {
    SlotStatistics slots =
        new SlotStatistics(INTERVAL, runtimes.newLoop("scheduling"), offers, revocableRam, meters);
    slots.start();
    runtimes.runReady();
    return slots;
  }

  private void have(
      String host, ResourceVector firm, ResourceVector revocable, Attribute... attributes) {
    var unused =
        offers.add(
            new Offer(
                "offer-" + host,
                "agent-" + host,
                host,
                firm,
                revocable,
                ImmutableList.of(),
                ImmutableList.copyOf(attributes),
                null),
            Long.MAX_VALUE);
  }

  /** The slots there are, without the sizes of which there are none. */
  private Map<String, Integer> slots() {
    Map<String, Integer> slots = new TreeMap<>();
    for (Gauge gauge : gauges()) {
      if (gauge.value() != 0) {
        slots.put(gauge.getId().getName().replace("empty_slots_", ""), (int) gauge.value());
      }
    }
    return slots;
  }

  private ImmutableList<Gauge> gauges() {
    return meters.getMeters().stream()
        .filter(meter -> meter.getId().getName().startsWith("empty_slots_"))
        .map(Gauge.class::cast)
        .collect(ImmutableList.toImmutableList());
  }

  @Test
  public void thereIsAGaugeForEachSizeAndKindBeforeAnythingIsCounted() {
    SlotStatistics unused = begin(false);
    assertThat(gauges()).hasSize(16);
    assertThat(slots()).isEmpty();
  }

  @Test
  public void offersHaveRoomForAsManyAsTheScarcestOfTheirResourcesAllows() {
    SlotStatistics unused = begin(false);
    have("a", ResourceVector.of(16, 65536, 131072, 0), ResourceVector.ZERO);
    have("ram", ResourceVector.of(16, 2048, 131072, 0), ResourceVector.ZERO);
    have("disk", ResourceVector.of(16, 65536, 4095, 0), ResourceVector.ZERO);
    runtimes.advance(INTERVAL.minusMillis(1));
    assertThat(slots()).isEmpty();

    runtimes.advance(Duration.ofMillis(1));
    // Revocable tasks find no CPUs at all.
    assertThat(slots()).isEqualTo(Map.of("small", 18, "medium", 4, "large", 2, "xlarge", 1));
  }

  @Test
  public void dedicatedHostsAndRevocableResourcesAreCountedApart() {
    SlotStatistics unused = begin(false);
    have("r", ResourceVector.of(1, 65536, 131072, 0), ResourceVector.of(8, 0, 0, 0));
    have(
        "d",
        ResourceVector.of(4, 8192, 16384, 0),
        ResourceVector.ZERO,
        new Attribute("dedicated", ImmutableSet.of("shop/web")));
    runtimes.advance(INTERVAL);
    assertThat(slots())
        .isEqualTo(
            Map.of(
                "small", 1,
                "revocable_small", 8,
                "revocable_medium", 2,
                "revocable_large", 1,
                "dedicated_small", 4,
                "dedicated_medium", 1));
  }

  @Test
  public void ramThatIsGivenOutAsRevocableCountsInsteadOfTheOther() {
    SlotStatistics unused = begin(true);
    have("r", ResourceVector.of(0, 65536, 131072, 0), ResourceVector.of(8, 2048, 0, 0));
    runtimes.advance(INTERVAL);
    assertThat(slots()).isEqualTo(Map.of("revocable_small", 2));
  }

  @Test
  public void countingGoesOnUntilTheEndOfTheTerm() {
    SlotStatistics slots = begin(false);
    have("a", ResourceVector.of(1, 1024, 4096, 0), ResourceVector.ZERO);
    runtimes.advance(INTERVAL);
    assertThat(slots()).isEqualTo(Map.of("small", 1));
    assertThat(offers.remove("offer-a")).isTrue();
    runtimes.advance(INTERVAL);
    assertThat(slots()).isEmpty();

    slots.close();
    runtimes.runReady();
    assertThat(runtimes.pending()).isEmpty();
  }
}
