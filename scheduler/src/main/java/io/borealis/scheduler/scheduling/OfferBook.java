package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The offers a leader holds, at most one for each agent. Thread-safe by its own lock; nothing in it
 * survives the leader.
 */
public final class OfferBook {
  /**
   * An offer with the number of its arrival. Immutable.
   *
   * @param arrival larger than that of all offers that came before
   * @param expiresNanos monotonic time after which it should be given back
   */
  public record Held(Offer offer, long arrival, long expiresNanos) {}

  private final TreeMap<String, Held> byHost = new TreeMap<>();
  private final Map<String, String> hostByOffer = new HashMap<>();
  private final Map<String, Held> taken = new HashMap<>();

  /** What was last known to be free on each agent, offered at this moment or not. */
  private final Map<String, Offer> known = new HashMap<>();

  private long arrivals;
  private @Nullable ImmutableList<Held> view;

  /**
   * Holds an offer. A second one for the same agent sends both away, so that the cluster merges
   * them.
   *
   * @return the ids of the offers to be declined
   */
  public synchronized ImmutableList<String> add(Offer offer, long expiresNanos) {
    String key = key(offer);
    Held other = byHost.get(key);
    if (other != null) {
      drop(other.offer().id());
      return ImmutableList.of(other.offer().id(), offer.id());
    }
    put(new Held(offer, ++arrivals, expiresNanos));
    known.put(offer.agentId(), offer);
    return ImmutableList.of();
  }

  /** Reserves the offer for use; false when it is not held. */
  public synchronized boolean take(String offerId) {
    Held held = drop(offerId);
    if (held == null) {
      return false;
    }
    taken.put(offerId, held);
    return true;
  }

  /** Gives a reserved offer back for others; nothing happens if it was rescinded meanwhile. */
  public synchronized void putBack(String offerId) {
    Held held = taken.remove(offerId);
    if (held != null && !byHost.containsKey(key(held.offer()))) {
      put(new Held(held.offer(), ++arrivals, held.expiresNanos()));
    }
  }

  /** Lets the agent's offer, if it is held, be news to those who looked at it before. */
  public synchronized void arriveAgain(String agentId) {
    Offer offer = known.get(agentId);
    Held held = offer == null ? null : byHost.get(key(offer));
    if (held != null) {
      put(new Held(held.offer(), ++arrivals, held.expiresNanos()));
    }
  }

  /** Ends the reservation of an offer by its use, after which so much is left. */
  public synchronized void used(String offerId, ResourceVector left) {
    Held held = taken.remove(offerId);
    if (held == null) {
      return;
    }
    Offer offer = held.offer();
    if (offer.equals(known.get(offer.agentId()))) {
      known.put(
          offer.agentId(),
          new Offer(
              offer.id(),
              offer.agentId(),
              offer.host(),
              left,
              offer.ports(),
              offer.attributes(),
              offer.unavailableFromMs()));
    }
  }

  /** Forgets an offer that the cluster took back, reserved or not. */
  public synchronized void remove(String offerId) {
    Held held = drop(offerId);
    if (held == null) {
      held = taken.remove(offerId);
    }
    if (held != null) {
      known.remove(held.offer().agentId(), held.offer());
    }
  }

  /** Forgets an agent and its offers. */
  public synchronized void removeAgent(String agentId) {
    known.remove(agentId);
    List<String> gone = new ArrayList<>();
    for (Held held : byHost.values()) {
      if (held.offer().agentId().equals(agentId)) {
        gone.add(held.offer().id());
      }
    }
    gone.forEach(this::drop);
    taken.values().removeIf(held -> held.offer().agentId().equals(agentId));
  }

  /** Takes out the offers held for long enough and returns their ids. */
  public synchronized ImmutableList<String> expire(long nowNanos) {
    ImmutableList.Builder<String> expired = ImmutableList.builder();
    for (Held held : held()) {
      if (nowNanos - held.expiresNanos() >= 0) {
        drop(held.offer().id());
        expired.add(held.offer().id());
      }
    }
    return expired.build();
  }

  /** The held offers, always in the same order of hosts. */
  public synchronized ImmutableList<Held> held() {
    ImmutableList<Held> current = view;
    if (current == null) {
      current = ImmutableList.copyOf(byHost.values());
      view = current;
    }
    return current;
  }

  /** What was last known to be free on each agent, to explain why a task is pending. */
  synchronized ImmutableList<Offer> known() {
    return ImmutableList.copyOf(known.values());
  }

  /** The number of the latest arrival. */
  synchronized long arrivals() {
    return arrivals;
  }

  private void put(Held held) {
    byHost.put(key(held.offer()), held);
    hostByOffer.put(held.offer().id(), key(held.offer()));
    view = null;
  }

  private @Nullable Held drop(String offerId) {
    String key = hostByOffer.remove(offerId);
    if (key == null) {
      return null;
    }
    view = null;
    return byHost.remove(key);
  }

  /** Two agents may share a host; the order is by host. */
  private static String key(Offer offer) {
    return offer.host() + "\n" + offer.agentId();
  }
}
