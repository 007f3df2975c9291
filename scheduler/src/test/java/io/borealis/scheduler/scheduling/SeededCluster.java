package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.PortRange;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hosts of all sorts that insist on never being given more than they have. For one thread. */
final class SeededCluster implements ClusterDriver {
  private final Random random;
  private final Demands demands;
  private final List<Host> hosts = new ArrayList<>();
  private final Map<String, Host> hostsByOffer = new HashMap<>();
  private final Map<String, Host> hostsByTask = new HashMap<>();
  private @Nullable ClusterListener listener;
  private int offers;

  /** What was launched for an offer that was gone. */
  final Set<String> dropped = new HashSet<>();

  /** One host and what is on it. */
  final class Host {
    final String name;
    final String agentId;
    final Capacity all;
    final PortRange ports;
    final ImmutableList<Attribute> attributes;
    final Map<String, ScheduledTask> tasks = new HashMap<>();
    @Nullable String offerId;

    Host(int number) {
      name = "h" + number;
      agentId = "agent-" + number;
      ports = new PortRange(31000, 31000 + random.nextInt(6));
      all =
          new Capacity(
              new ResourceVector(
                  1000L * random.nextInt(9),
                  512L * random.nextInt(9),
                  1024L * random.nextInt(5),
                  ports.size(),
                  random.nextInt(2),
                  0),
              ResourceVector.of(random.nextInt(5), 0, 0, 0));
      ImmutableList.Builder<Attribute> given = ImmutableList.builder();
      given.add(attribute("host", name));
      if (random.nextInt(5) > 0) {
        given.add(attribute("rack", "r" + random.nextInt(3)));
      }
      if (random.nextInt(5) == 0) {
        given.add(attribute("dedicated", "www-data/db"));
      }
      given.add(new Attribute("empty", ImmutableSet.of()));
      attributes = given.build();
    }

    /** What is free; fails if that is less than nothing. */
    Capacity free() {
      Capacity free = all;
      Set<Integer> used = new HashSet<>();
      for (ScheduledTask task : tasks.values()) {
        free = free.minus(demands.of(task.assignedTask().task()));
        for (int port : task.assignedTask().assignedPorts().values()) {
          if (!used.add(port) || port < ports.first() || port > ports.last()) {
            throw new AssertionError("port " + port + " of " + name + " is not free");
          }
        }
      }
      if (!ResourceVector.ZERO.fitsIn(free.firm())
          || !ResourceVector.ZERO.fitsIn(free.revocable())) {
        throw new AssertionError(name + " is overcommitted: " + free);
      }
      return free;
    }

    void offer() {
      if (offerId != null || listener == null) {
        return;
      }
      Set<Integer> used = new HashSet<>();
      tasks.values().forEach(task -> used.addAll(task.assignedTask().assignedPorts().values()));
      ImmutableList.Builder<PortRange> free = ImmutableList.builder();
      for (int port = ports.first(); port <= ports.last(); port++) {
        if (!used.contains(port)) {
          free.add(new PortRange(port, port));
        }
      }
      Capacity left = free();
      offerId = "offer-" + ++offers;
      hostsByOffer.put(offerId, this);
      listener.onOffer(
          new Offer(
              offerId,
              agentId,
              name,
              left.firm(),
              left.revocable(),
              free.build(),
              attributes,
              null));
    }

    void withdraw() {
      if (offerId != null) {
        hostsByOffer.remove(offerId);
        offerId = null;
      }
    }

    private Attribute attribute(String name, String value) {
      return new Attribute(name, ImmutableSet.of(value));
    }
  }

  SeededCluster(Random random, Demands demands, int count) {
    this.random = random;
    this.demands = demands;
    for (int i = 0; i < count; i++) {
      hosts.add(new Host(i));
    }
  }

  List<Host> hosts() {
    return hosts;
  }

  void begin(ClusterListener newListener) {
    listener = newListener;
    hosts.forEach(Host::offer);
  }

  /** Takes an offer back. */
  void rescind(Host host) {
    String id = host.offerId;
    if (id != null && listener != null) {
      host.withdraw();
      listener.onOfferRescinded(id);
    }
  }

  /** Makes another offer of a host, with nothing in it; both come back to be merged. */
  void offerTwice(Host host) {
    if (listener != null) {
      listener.onOffer(
          new Offer(
              "offer-" + ++offers,
              host.agentId,
              host.name,
              ResourceVector.ZERO,
              ImmutableList.of(),
              host.attributes,
              null));
    }
  }

  /** Ends a task and offers what it had. */
  void end(String taskId) {
    Host host = hostsByTask.remove(taskId);
    if (host != null) {
      host.tasks.remove(taskId);
      rescind(host);
      host.offer();
    }
  }

  @Override
  public void start(ClusterListener newListener, long epoch, Iterable<ScheduledTask> known) {
    begin(newListener);
  }

  @Override
  public void launch(String offerId, ImmutableList<ScheduledTask> assigned) {
    Host host = hostsByOffer.get(offerId);
    if (host == null) {
      assigned.forEach(task -> dropped.add(task.assignedTask().taskId()));
      return;
    }
    host.withdraw();
    for (ScheduledTask task : assigned) {
      host.tasks.put(task.assignedTask().taskId(), task);
      hostsByTask.put(task.assignedTask().taskId(), host);
    }
    host.offer();
  }

  @Override
  public void decline(String offerId, Duration refuse) {
    Host host = hostsByOffer.get(offerId);
    if (host != null) {
      host.withdraw();
      host.offer();
    }
  }

  @Override
  public void kill(String taskId) {
    end(taskId);
  }

  @Override
  public void acknowledge(StatusUpdate update) {}

  @Override
  public void reconcile(Iterable<TaskRef> tasks) {}

  @Override
  public void close() {
    listener = null;
  }
}
