package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Offer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is on offer during one term. Confined to the loop. */
final class FleetOffers {
  private final ClusterListener listener;
  private final long epoch;
  private final Duration delay;
  private final EventLoop loop;
  private final Clock clock;
  private final Map<String, FleetAgent> agentsByOffer = new HashMap<>();
  private long count;
  private boolean closed;

  /**
   * @param delay how long freed resources gather
   */
  FleetOffers(ClusterListener listener, long epoch, Duration delay, EventLoop loop, Clock clock) {
    this.listener = listener;
    this.epoch = epoch;
    this.delay = delay;
    this.loop = loop;
    this.clock = clock;
  }

  /** An offer that is to be used, and whose it is. */
  record Taken(FleetAgent agent, Offer offer) {}

  /** Takes an offer back from the leader; null when it is gone. */
  @Nullable Taken take(String offerId) {
    FleetAgent agent = agentsByOffer.remove(offerId);
    Offer offer = agent == null ? null : agent.offers.remove(offerId);
    return agent == null || offer == null ? null : new Taken(agent, offer);
  }

  /** Takes an offer back that was not wanted. */
  void decline(String offerId, Duration refuse) {
    Taken taken = take(offerId);
    if (taken == null) {
      return;
    }
    FleetAgent agent = taken.agent();
    if (refuse.isZero() || refuse.isNegative()) {
      soon(agent);
    } else {
      agent.refused = true;
      agent.refusedUntilNanos = clock.nanoTime() + refuse.toNanos();
      var unused = loop.schedule(refuse, () -> soon(agent));
    }
  }

  /** Takes all offers of the agent back, and says so. */
  void rescind(FleetAgent agent) {
    for (String id : ImmutableList.copyOf(agent.offers.keySet())) {
      agent.offers.remove(id);
      agentsByOffer.remove(id);
      listener.onOfferRescinded(id);
    }
  }

  /** Something ended on the agent: what is free now was not refused before. */
  void freed(FleetAgent agent) {
    agent.refused = false;
    soon(agent);
  }

  /**
   * Offers what is free on the agent a little later, so that what is freed at once goes at once.
   */
  void soon(FleetAgent agent) {
    if (agent.offerScheduled || !agent.isRegistered()) {
      return;
    }
    agent.offerScheduled = true;
    var unused =
        loop.schedule(
            delay,
            () -> {
              agent.offerScheduled = false;
              now(agent);
            });
  }

  private void now(FleetAgent agent) {
    boolean refused = agent.refused && clock.nanoTime() - agent.refusedUntilNanos < 0;
    if (closed || refused) {
      return;
    }
    agent.refused = false;
    Offer offer = agent.offer("offer-" + epoch + "-" + (count + 1));
    if (offer != null) {
      count++;
      agentsByOffer.put(offer.id(), agent);
      listener.onOffer(offer);
    }
  }

  void close() {
    closed = true;
  }
}
