package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

public class ReservationsTest {
  private static final JobKey JOB = new JobKey("www-data", "prod", "hello");
  private static final JobUpdateKey UPDATE = new JobUpdateKey(JOB, "u1");
  private static final JobUpdateKey OTHER = new JobUpdateKey(JOB, "u2");
  private static final Duration HOLD = Duration.ofMinutes(3);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final EventLoop loop = runtimes.newLoop("scheduling");
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> freed = new ArrayList<>();
  private final Reservations reservations = reservations(HOLD);

  private Reservations reservations(Duration hold) {
    Reservations made = new Reservations(hold, loop, runtimes.clock(), meters);
    made.whenFreed((instance, agent) -> freed.add(instance.instanceId() + " " + agent));
    return made;
  }

  private static InstanceKey instance(int id) {
    return new InstanceKey(JOB, id);
  }

  private void reserve(int id, String agent) {
    reservations.reserve(instance(id), agent, UPDATE);
    runtimes.runReady();
  }

  private double count(String name) {
    return meters.counter("update_affinity_cache_" + name).count();
  }

  @Test
  public void oneAgentMayBeKeptForSeveralInstances() {
    reserve(0, "a");
    reserve(1, "a");
    assertThat(reservations.agentFor(instance(0))).contains("a");
    assertThat(reservations.agentFor(instance(1))).contains("a");
    assertThat(reservations.agentFor(instance(2))).isEmpty();
    assertThat(meters.get("update_affinity_cache_size").gauge().value()).isEqualTo(2);

    reservations.placed(instance(0));
    assertThat(reservations.isReserved("a")).isTrue();
    reservations.placed(instance(1));
    assertThat(reservations.isReserved("a")).isFalse();
    assertThat(freed).containsExactly("0 a", "1 a");
    assertThat(count("explicit_removals")).isEqualTo(2);
    assertThat(count("removals")).isEqualTo(2);
  }

  @Test
  public void aNewerPlaceStandsForTheOlder() {
    reserve(0, "a");
    reserve(0, "b");
    assertThat(reservations.agentFor(instance(0))).contains("b");
    assertThat(reservations.isReserved("a")).isFalse();
    assertThat(freed).containsExactly("0 a");
  }

  @Test
  public void eachPlaceHasItsOwnEnd() {
    reserve(0, "a");
    runtimes.advance(Duration.ofMinutes(1));
    reserve(1, "b");
    runtimes.advance(Duration.ofMinutes(2).minusMillis(1));
    assertThat(freed).isEmpty();
    runtimes.advance(Duration.ofMillis(1));
    assertThat(freed).containsExactly("0 a");
    runtimes.advance(Duration.ofMinutes(1));
    assertThat(freed).containsExactly("0 a", "1 b");
    assertThat(count("expiration_removals")).isEqualTo(2);
    assertThat(meters.get("update_affinity_cache_size").gauge().value()).isZero();
  }

  @Test
  public void theEndOfAnUpdateFreesItsPlacesOnly() {
    reserve(0, "a");
    reservations.reserve(instance(1), "b", OTHER);
    reservations.release(UPDATE);
    runtimes.runReady();
    assertThat(freed).containsExactly("0 a");
    assertThat(reservations.isReserved("b")).isTrue();
  }

  /** H-6. */
  @Test
  public void whoKeepsNothingReservesNothing() {
    Reservations off = reservations(Duration.ZERO);
    off.reserve(instance(0), "a", UPDATE);
    runtimes.runReady();
    assertThat(off.agentFor(instance(0))).isEmpty();
    assertThat(off.isReserved("a")).isFalse();
    off.release(UPDATE);
    runtimes.advance(HOLD);
    assertThat(freed).isEmpty();
  }

  @Test
  public void nothingIsKeptAfterTheTerm() {
    reserve(0, "a");
    reservations.close();
    reserve(1, "b");
    assertThat(reservations.isReserved("a")).isFalse();
    assertThat(reservations.isReserved("b")).isFalse();
    runtimes.advance(HOLD);
    assertThat(freed).isEmpty();
  }

  @Test
  public void noPlaceIsKeptOnAnAgentThatIsLost() {
    reserve(0, "a");
    reserve(1, "b");
    reserve(2, "a");
    assertThat(reservations.keepsAny()).isTrue();
    reservations.lost("a");
    assertThat(freed).containsExactly("0 a", "2 a");
    assertThat(reservations.agentFor(instance(1))).contains("b");
    reservations.lost("c");
    reservations.lost("b");
    assertThat(freed).containsExactly("0 a", "2 a", "1 b");
    assertThat(reservations.keepsAny()).isFalse();
    runtimes.advance(HOLD);
    assertThat(count("expiration_removals")).isZero();
  }
}
