package io.borealis.scheduler.scheduling;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Multiset;
import com.google.common.collect.SetMultimap;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.Gauges;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the agents of instances that updates replace, each until its instance is placed again, its
 * time is over or its update has ended (update rules, section 7.6). In memory only; the next leader
 * places such instances anywhere. Any thread may reserve and release; all else is for the
 * scheduling loop.
 *
 * <p>Reserving takes effect in order with the offers of the same loop: the resources of a task that
 * is killed are offered only after its end is durable, so nobody gets them first.
 */
public final class Reservations implements Affinity {
  private record Reservation(String agentId, JobUpdateKey owner, long untilNanos) {}

  private final Duration hold;
  private final EventLoop loop;
  private final Clock clock;
  private final Counter removals;
  private final Counter expirations;
  private final Counter releases;

  /** By the time of their end, as all are kept equally long. */
  private final Map<InstanceKey, Reservation> byInstance = new LinkedHashMap<>();

  private final Multiset<String> agents = HashMultiset.create();
  private final SetMultimap<JobUpdateKey, InstanceKey> byOwner = HashMultimap.create();

  /** The agents by instance, for any thread. */
  private final Map<InstanceKey, String> view = new ConcurrentHashMap<>();

  private Freed listener = (instance, agentId) -> {};
  private EventLoop.@Nullable Timer timer;
  private boolean closed;

  /**
   * @param hold how long a place is kept; zero keeps none
   * @param loop the scheduling loop
   */
  public Reservations(Duration hold, EventLoop loop, Clock clock, MeterRegistry meters) {
    this.hold = hold;
    this.loop = loop;
    this.clock = clock;
    this.removals = meters.counter("update_affinity_cache_removals");
    this.expirations = meters.counter("update_affinity_cache_expiration_removals");
    this.releases = meters.counter("update_affinity_cache_explicit_removals");
    Gauges.replace(meters, "update_affinity_cache_size", view, Map::size);
  }

  /** Whether any place is ever kept; for any thread. */
  public boolean areMade() {
    return !hold.isZero();
  }

  /** Keeps the agent for the instance, instead of one that was kept for it before. */
  public void reserve(InstanceKey instance, String agentId, JobUpdateKey owner) {
    if (areMade()) {
      long until = clock.nanoTime() + hold.toNanos();
      loop.execute(() -> add(instance, new Reservation(agentId, owner, until)));
    }
  }

  /** The agent kept for the instance, null for none; for any thread. */
  public @Nullable String keptFor(InstanceKey instance) {
    return view.get(instance);
  }

  /** All agents that are kept, by instance; for any thread. */
  public ImmutableMap<InstanceKey, String> kept() {
    return ImmutableMap.copyOf(view);
  }

  /** Keeps nothing for the update any longer. */
  public void release(JobUpdateKey owner) {
    if (areMade()) {
      loop.execute(
          () -> {
            ImmutableSet.copyOf(byOwner.get(owner)).forEach(instance -> remove(instance, releases));
            arm();
          });
    }
  }

  private void add(InstanceKey instance, Reservation reservation) {
    if (closed) {
      return;
    }
    remove(instance, releases);
    byInstance.put(instance, reservation);
    agents.add(reservation.agentId());
    byOwner.put(reservation.owner(), instance);
    view.put(instance, reservation.agentId());
    arm();
  }

  private void remove(InstanceKey instance, Counter cause) {
    Reservation ended = byInstance.remove(instance);
    if (ended == null) {
      return;
    }
    agents.remove(ended.agentId());
    byOwner.remove(ended.owner(), instance);
    view.remove(instance);
    removals.increment();
    cause.increment();
    if (byInstance.isEmpty()) {
      arm(); // Nothing is waited for any more.
    }
    listener.onFreed(instance, ended.agentId());
  }

  private void arm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    Iterator<Reservation> kept = byInstance.values().iterator();
    if (kept.hasNext()) {
      long left = Math.max(0, kept.next().untilNanos() - clock.nanoTime());
      timer = loop.schedule(Duration.ofNanos(left), this::expire);
    }
  }

  private void expire() {
    long now = clock.nanoTime();
    for (Map.Entry<InstanceKey, Reservation> entry : ImmutableSet.copyOf(byInstance.entrySet())) {
      if (now - entry.getValue().untilNanos() < 0) {
        break;
      }
      remove(entry.getKey(), expirations);
    }
    arm();
  }

  @Override
  public Optional<String> agentFor(InstanceKey instance) {
    Reservation reservation = byInstance.get(instance);
    return reservation == null ? Optional.empty() : Optional.of(reservation.agentId());
  }

  @Override
  public boolean isReserved(String agentId) {
    return agents.contains(agentId);
  }

  @Override
  public boolean keepsAny() {
    return !byInstance.isEmpty();
  }

  @Override
  public void lost(String agentId) {
    if (isReserved(agentId)) {
      for (Map.Entry<InstanceKey, Reservation> entry : ImmutableSet.copyOf(byInstance.entrySet())) {
        if (entry.getValue().agentId().equals(agentId)) {
          remove(entry.getKey(), releases);
        }
      }
      arm();
    }
  }

  @Override
  public void placed(InstanceKey instance) {
    if (byInstance.containsKey(instance)) {
      remove(instance, releases);
      arm();
    }
  }

  @Override
  public void whenFreed(Freed newListener) {
    this.listener = newListener;
  }

  /** Forgets everything; for any thread. */
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          byInstance.clear();
          agents.clear();
          byOwner.clear();
          view.clear();
          arm();
        });
  }
}
