package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import io.borealis.api.MaintenanceMode;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes offers into the book and gives back those that were held for long. Confined to the
 * scheduling loop, but for {@link #rescind}.
 */
final class OfferIntake {
  private static final Duration SHORTEST_SWEEP = Duration.ofSeconds(1);

  private final SchedulingSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Supplier<State> durable;
  private final ClusterDriver driver;
  private final OfferBook offers;
  private final SchedulingMeters meters;
  private EventLoop.@Nullable Timer sweep;
  private boolean closed;

  OfferIntake(
      SchedulingSettings settings,
      EventLoop loop,
      Clock clock,
      Supplier<State> durable,
      ClusterDriver driver,
      OfferBook offers,
      SchedulingMeters meters) {
    this.settings = settings;
    this.loop = loop;
    this.clock = clock;
    this.durable = durable;
    this.driver = driver;
    this.offers = offers;
    this.meters = meters;
  }

  /** Holds an offer, or declines it with the other one of its agent. */
  void add(Offer offer) {
    long spread = Math.max(1, settings.offerHoldJitter().toMillis());
    Duration hold = settings.offerHold().plusMillis(Math.floorMod(offer.id().hashCode(), spread));
    meters.received.increment();
    MaintenanceMode mode = HostMode.of(durable.get(), offer.host());
    giveBack(offers.add(offer, clock.nanoTime() + hold.toNanos(), mode));
  }

  /** Gives offers of one agent back, which come again as one. */
  void giveBack(ImmutableList<String> parts) {
    parts.forEach(id -> driver.decline(id, Duration.ZERO));
  }

  /** An offer went, at once; one that is still on its way is not let in. For any thread. */
  void rescind(String offerId) {
    meters.rescinded.increment();
    offers.rescind(offerId);
    loop.execute(
        () -> {
          if (!offers.unban(offerId)) {
            meters.unknownRescinded.increment();
          }
        });
  }

  /** Gives back what was held for long, so that others may use it or the cluster merges it. */
  void sweep() {
    if (closed || settings.holdForever()) {
      return;
    }
    for (String id : offers.expire(clock.nanoTime())) {
      driver.decline(id, settings.offerRefusal());
    }
    Duration period = settings.offerHold().dividedBy(10);
    sweep =
        loop.schedule(period.compareTo(SHORTEST_SWEEP) < 0 ? SHORTEST_SWEEP : period, this::sweep);
  }

  void close() {
    closed = true;
    if (sweep != null) {
      sweep.cancel();
    }
  }
}
