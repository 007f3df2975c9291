package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Attribute;
import io.borealis.api.agent.AgentOrder;
import io.borealis.api.agent.KillTask;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One agent as a term of a leader knows it. Confined to the loop. */
final class FleetAgent {
  /** Whether an agent is there. */
  enum Presence {
    /** State has tasks on it, and it has not registered with this leader. */
    AWAITED,
    /** It has a session. */
    REGISTERED,
    /** It was silent for too long. */
    LOST
  }

  final String id;
  final String host;
  final CommandQueue queue = new CommandQueue();
  final Map<String, FleetTask> tasks = new LinkedHashMap<>();

  /** Tasks that are to be killed once the agent is there. */
  final Set<String> kills = new LinkedHashSet<>();

  final Map<String, Offer> offers = new LinkedHashMap<>();

  Presence presence = Presence.AWAITED;

  /** The last one; empty before the first. */
  String session = "";

  long number;

  /** Which process of the agent registered last; empty when it did not say so. */
  String process = "";

  /** Those before it, which must be dead by now. */
  private final Set<String> formerProcesses = new HashSet<>();

  long lastReport;
  long heardNanos;
  boolean checked;
  Share total = Share.NOTHING;
  ImmutableList<Attribute> attributes = ImmutableList.of();
  @Nullable String observer;
  String version = "";

  boolean offerScheduled;
  boolean refused;

  /** Monotonic time until which nothing is offered, when {@link #refused} is set. */
  long refusedUntilNanos;

  FleetAgent(String id, String host) {
    this.id = id;
    this.host = host;
  }

  /** Takes what the agent says of itself, and begins another session. */
  void register(RegisterRequest request, ImmutableList<Attribute> given, String newSession) {
    presence = Presence.REGISTERED;
    session = newSession;
    number = request.number();
    String speaking = request.process() == null ? "" : request.process();
    if (!speaking.equals(process)) {
      formerProcesses.add(process);
      process = speaking;
    }
    lastReport = 0;
    total = Share.of(request.resources());
    attributes = given;
    observer = request.observer();
    version = request.version() == null ? "" : request.version();
  }

  /** Whether another process of the agent has registered after this one. */
  boolean isFormer(@Nullable String speaking) {
    return speaking != null && formerProcesses.contains(speaking);
  }

  boolean isRegistered() {
    return presence == Presence.REGISTERED;
  }

  /** What is neither used nor on offer. */
  Share free() {
    List<Share> taken = new ArrayList<>();
    tasks.values().forEach(task -> taken.add(task.share));
    offers.values().forEach(offer -> taken.add(shareOf(offer)));
    return total.without(taken);
  }

  /** Whether what is on offer is still there beside what is used. */
  boolean offersStand() {
    List<Share> used = new ArrayList<>();
    tasks.values().forEach(task -> used.add(task.share));
    Share left = total.without(used);
    for (Offer offer : offers.values()) {
      if (!offer.attributes().equals(attributes) || !left.holds(shareOf(offer))) {
        return false;
      }
      left = left.without(List.of(shareOf(offer)));
    }
    return true;
  }

  static Share shareOf(Offer offer) {
    return new Share(offer.resources(), offer.ports());
  }

  /** An offer of all that is free; null when no task can be made of it. */
  @Nullable Offer offer(String offerId) {
    Share free = free();
    if (!isRegistered() || !new Capacity(free.amounts(), ResourceVector.ZERO).isUsable()) {
      return null;
    }
    Offer offer = new Offer(offerId, id, host, free.amounts(), free.ports(), attributes, null);
    offers.put(offerId, offer);
    return offer;
  }

  /** Passes the kill on unless it is on its way, or keeps it until the agent is there. */
  void kill(String taskId, long nowNanos) {
    AgentOrder order = new AgentOrder.Kill(new KillTask(taskId));
    if (!isRegistered()) {
      kills.add(taskId);
    } else if (!queue.contains(order::equals)) {
      queue.add(order, nowNanos);
    }
  }
}
