package io.borealis.scheduler.scheduling;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.SetMultimap;
import io.borealis.api.MaintenanceMode;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Offer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The offers a leader holds, at most one for each agent, in the order in which they are tried.
 * Thread-safe by its own lock; nothing in it survives the leader.
 */
public final class OfferBook {
  /**
   * An offer with the number of its arrival. Immutable.
   *
   * @param arrival larger than that of all offers that came before, or became better before
   * @param expiresNanos monotonic time after which it should be given back
   * @param mode of its host
   * @param attributes of its host, by name
   */
  public record Held(
      Offer offer,
      long arrival,
      long expiresNanos,
      MaintenanceMode mode,
      ImmutableSetMultimap<String, String> attributes) {
    private Held as(long newArrival, MaintenanceMode newMode) {
      return new Held(offer, newArrival, expiresNanos, newMode, attributes);
    }
  }

  private final TreeSet<Held> inOrder;
  private final TreeMap<Long, Held> byArrival = new TreeMap<>();
  private final Map<String, Held> byAgent = new HashMap<>();
  private final Map<String, Held> byOffer = new HashMap<>();
  private final Map<String, Held> taken = new HashMap<>();

  /** All agents that made offers, by host: mostly one. */
  private final SetMultimap<String, String> agents = HashMultimap.create();

  private final Map<String, String> hostOf = new HashMap<>();

  /** Offers that nobody holds any more, though the cluster thinks so. */
  private final List<String> unwanted = new ArrayList<>();

  /** Offers that were taken back before they were seen here. */
  private final Set<String> banned = new HashSet<>();

  /** What was last known to be free on each agent, offered at this moment or not. */
  private final Map<String, Offer> known = new HashMap<>();

  private long arrivals;
  private @Nullable ImmutableList<Held> view;
  private volatile Runnable cameBack = () -> {};

  /** A book in the order of hosts. */
  public OfferBook() {
    this(OfferOrder.BY_HOST);
  }

  public OfferBook(OfferOrder order) {
    inOrder = new TreeSet<>(order.comparator());
  }

  /** Holds an offer of a host in service. */
  public ImmutableList<String> add(Offer offer, long expiresNanos) {
    return add(offer, expiresNanos, MaintenanceMode.NONE);
  }

  /**
   * Holds an offer. A second one for the same agent sends both away, so that the cluster merges
   * them; one that was rescinded already is forgotten.
   *
   * @return the ids of the offers to be declined
   */
  public synchronized ImmutableList<String> add(
      Offer offer, long expiresNanos, MaintenanceMode mode) {
    if (banned.remove(offer.id())) {
      return ImmutableList.of();
    }
    Held other = byAgent.get(offer.agentId());
    if (other != null) {
      drop(other.offer().id());
      return ImmutableList.of(other.offer().id(), offer.id());
    }
    if (hostOf.putIfAbsent(offer.agentId(), offer.host()) == null) {
      agents.put(offer.host(), offer.agentId());
    }
    put(new Held(offer, ++arrivals, expiresNanos, mode, HostView.attributesOf(offer.attributes())));
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

  /** Names who wants to know that reserved offers came back; called on any thread. */
  void whenBack(Runnable listener) {
    cameBack = listener;
  }

  /**
   * Gives a reserved offer back for others; nothing happens if it was rescinded meanwhile. If
   * another offer of its agent came since, both are {@link #takeUnwanted unwanted}.
   */
  public void putBack(String offerId) {
    if (isBack(offerId)) {
      cameBack.run();
    }
  }

  private synchronized boolean isBack(String offerId) {
    Held held = taken.remove(offerId);
    if (held == null) {
      return false;
    }
    Held other = byAgent.get(held.offer().agentId());
    if (other == null) {
      put(held.as(++arrivals, held.mode()));
    } else {
      drop(other.offer().id());
      unwanted.add(other.offer().id());
      unwanted.add(offerId);
    }
    return true;
  }

  /** The offers to be declined, so that the cluster merges them, each once. */
  synchronized ImmutableList<String> takeUnwanted() {
    ImmutableList<String> all = ImmutableList.copyOf(unwanted);
    unwanted.clear();
    return all;
  }

  /** Lets the agent's offer, if it is held, be news to those who looked at it before. */
  public synchronized void arriveAgain(String agentId) {
    Held held = byAgent.get(agentId);
    if (held != null) {
      replace(held, held.mode());
    }
  }

  /** The agents of a host, as far as they made offers. */
  synchronized ImmutableSet<String> agentsOf(String host) {
    return ImmutableSet.copyOf(agents.get(host));
  }

  /**
   * Puts the offers of a host where they belong in its mode, if that is new as news to everybody.
   */
  public synchronized void onHost(String host, MaintenanceMode mode) {
    for (String agentId : agents.get(host)) {
      Held held = byAgent.get(agentId);
      if (held != null && held.mode() != mode) {
        replace(held, mode);
      }
    }
    taken.replaceAll(
        (id, held) -> held.offer().host().equals(host) ? held.as(held.arrival(), mode) : held);
  }

  private void replace(Held held, MaintenanceMode mode) {
    drop(held.offer().id());
    put(held.as(++arrivals, mode));
  }

  /** Ends the reservation of an offer by its use, after which so much is left. */
  public synchronized void used(String offerId, Capacity left) {
    Held held = taken.remove(offerId);
    if (held == null) {
      return;
    }
    Offer offer = held.offer();
    if (offer.equals(known.get(offer.agentId()))) {
      known.put(offer.agentId(), offer.with(left));
    }
  }

  /**
   * Forgets an offer that the cluster took back, reserved or not. One that is not here is kept out
   * until {@link #unban}, as it may be on its way.
   */
  public synchronized void rescind(String offerId) {
    if (!remove(offerId)) {
      banned.add(offerId);
    }
  }

  /** All offers sent before the rescinding have arrived; false if it concerned none of them. */
  public synchronized boolean unban(String offerId) {
    return !banned.remove(offerId);
  }

  /** Forgets an offer, reserved or not. */
  public synchronized boolean remove(String offerId) {
    Held held = drop(offerId);
    if (held == null) {
      held = taken.remove(offerId);
    }
    if (held == null) {
      return false;
    }
    known.remove(held.offer().agentId(), held.offer());
    return true;
  }

  /**
   * Forgets an agent and its offers.
   *
   * @return the ids of those that were held
   */
  public synchronized ImmutableList<String> removeAgent(String agentId) {
    known.remove(agentId);
    agents.remove(hostOf.remove(agentId), agentId);
    taken.values().removeIf(each -> each.offer().agentId().equals(agentId));
    Held held = byAgent.get(agentId);
    if (held == null) {
      return ImmutableList.of();
    }
    drop(held.offer().id());
    return ImmutableList.of(held.offer().id());
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

  /** The held offers in the order in which they are tried. */
  public synchronized ImmutableList<Held> held() {
    ImmutableList<Held> current = view;
    if (current == null) {
      current = ImmutableList.copyOf(inOrder);
      view = current;
    }
    return current;
  }

  /** Those that arrived after the given number, in the order in which they are tried. */
  synchronized ImmutableList<Held> since(long arrival) {
    return byArrival.isEmpty() || byArrival.firstKey() > arrival
        ? held()
        : ImmutableList.sortedCopyOf(
            inOrder.comparator(), byArrival.tailMap(arrival, false).values());
  }

  /** The agent's offer, if it is held. */
  public synchronized @Nullable Held ofAgent(String agentId) {
    return byAgent.get(agentId);
  }

  /** What was last known to be free on each agent, to explain why a task is pending. */
  public synchronized ImmutableList<Offer> known() {
    return ImmutableList.copyOf(known.values());
  }

  /** What was last known to be free on an agent, offered at this moment or not. */
  public synchronized @Nullable Offer known(String agentId) {
    return known.get(agentId);
  }

  /** The number of the latest arrival. */
  synchronized long arrivals() {
    return arrivals;
  }

  /** How many offers are held. */
  public synchronized int size() {
    return byOffer.size();
  }

  /** How many offers are kept out. */
  synchronized int bans() {
    return banned.size();
  }

  private void put(Held held) {
    inOrder.add(held);
    byArrival.put(held.arrival(), held);
    byAgent.put(held.offer().agentId(), held);
    byOffer.put(held.offer().id(), held);
    view = null;
  }

  private @Nullable Held drop(String offerId) {
    Held held = byOffer.remove(offerId);
    if (held == null) {
      return null;
    }
    inOrder.remove(held);
    byArrival.remove(held.arrival());
    byAgent.remove(held.offer().agentId());
    view = null;
    return held;
  }
}
