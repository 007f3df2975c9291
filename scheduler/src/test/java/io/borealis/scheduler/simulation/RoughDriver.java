package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.store.TaskTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The wire between a leader and its cluster: commands are lost or late, reports are lost, late,
 * repeated and in another order. Each thing said to the cluster must follow from what is durable.
 * The process may die instead of saying it. For one thread.
 */
final class RoughDriver implements ClusterDriver {
  private static final ImmutableSet<ScheduleStatus> TO_BE_KILLED =
      ImmutableSet.of(
          ScheduleStatus.KILLING,
          ScheduleStatus.RESTARTING,
          ScheduleStatus.PREEMPTING,
          ScheduleStatus.DRAINING);

  private final ClusterDriver cluster;
  private final MortalRuntimes process;
  private final EventLoop network;
  private final Random random;
  private final BooleanSupplier rough;
  private final Truth truth;
  private final AtomicLong newestEpoch;
  private final Map<String, Offer> offers = new HashMap<>();

  /** Offers that are gone, which a leader may learn too late. */
  private final Set<String> rescinded = new HashSet<>();

  private @Nullable ClusterListener listener;
  private long epoch;
  private long busyUntilNanos;

  /**
   * @param rough whether things go wrong at present
   * @param newestEpoch of the leaders the cluster knows of; it obeys no older one
   */
  RoughDriver(
      ClusterDriver cluster,
      MortalRuntimes process,
      EventLoop network,
      Random random,
      BooleanSupplier rough,
      Truth truth,
      AtomicLong newestEpoch) {
    this.cluster = cluster;
    this.process = process;
    this.network = network;
    this.random = random;
    this.rough = rough;
    this.truth = truth;
    this.newestEpoch = newestEpoch;
  }

  /** What the leader holds, as far as can be seen from here. */
  Iterable<Offer> offers() {
    return ImmutableList.copyOf(
        Iterables.filter(offers.values(), offer -> !rescinded.contains(offer.id())));
  }

  private boolean badLuck(int ofThousand) {
    return rough.getAsBoolean() && random.nextInt(1000) < ofThousand;
  }

  // ---- What the leader says --------------------------------------------------------------------

  /** Commands arrive in order. */
  private void say(Runnable command) {
    long now = process.clock().nanoTime();
    busyUntilNanos = Math.max(busyUntilNanos, now + random.nextInt(3_000_000));
    var unused = network.schedule(Duration.ofNanos(busyUntilNanos - now), command);
  }

  @Override
  public void start(ClusterListener newListener, long newEpoch, Iterable<ScheduledTask> known) {
    if (process.acts()) {
      listener = newListener;
      epoch = newEpoch;
      ImmutableList<ScheduledTask> copy = ImmutableList.copyOf(known);
      say(
          () -> {
            newestEpoch.accumulateAndGet(newEpoch, Math::max);
            cluster.start(new Reports(), newEpoch, copy);
          });
    }
  }

  @Override
  public void launch(String offerId, ImmutableList<ScheduledTask> tasks) {
    if (!process.acts()) {
      return;
    }
    Offer offer = offers.remove(offerId);
    truth.require(offer != null, "offer " + offerId + " is used twice");
    Room room = offer == null ? null : new Room(offer);
    for (ScheduledTask task : tasks) {
      ScheduledTask stored = truth.now().tasks().get(task.assignedTask().taskId());
      truth.require(
          stored != null && stored.assignedTask().slaveId() != null,
          "launched before it is durable: " + task);
      truth.require(
          room == null || room.take(task.assignedTask().task()),
          "more is launched than offered: " + tasks + " on " + offer);
    }
    if (offer != null) {
      portsAreOffered(offer, tasks);
    }
    if (badLuck(10)) {
      // The cluster gives the offer to somebody else in the end.
      var unused =
          network.schedule(Duration.ofSeconds(5), () -> cluster.decline(offerId, Duration.ZERO));
    } else {
      say(() -> cluster.launch(offerId, tasks));
    }
  }

  private void portsAreOffered(Offer offer, ImmutableList<ScheduledTask> tasks) {
    Set<Integer> given = new HashSet<>();
    for (ScheduledTask task : tasks) {
      ImmutableMap<String, Integer> ports = task.assignedTask().assignedPorts();
      truth.require(
          ports.keySet().equals(portNames(task.assignedTask().task())),
          "not the ports that were asked for: " + task);
      for (int port : ports.values()) {
        truth.require(
            given.add(port)
                && offer.ports().stream()
                    .anyMatch(range -> port >= range.first() && port <= range.last()),
            "port " + port + " is given twice or not offered: " + tasks);
      }
    }
  }

  private static Set<String> portNames(TaskConfig config) {
    Set<String> names = new HashSet<>();
    for (Resource resource : config.resources()) {
      if (resource instanceof Resource.NamedPort port) {
        names.add(port.value());
      }
    }
    return names;
  }

  @Override
  public void decline(String offerId, Duration refuse) {
    if (process.acts()) {
      offers.remove(offerId);
      say(() -> cluster.decline(offerId, refuse));
    }
  }

  @Override
  public void kill(String taskId) {
    if (!process.acts()) {
      return;
    }
    ScheduledTask task = truth.now().tasks().get(taskId);
    truth.require(
        epoch < newestEpoch.get()
            || task == null
            || !TaskTable.isActive(task.status())
            || TO_BE_KILLED.contains(task.status()),
        "killed before that is durable: " + task);
    if (!badLuck(50)) {
      say(() -> cluster.kill(taskId));
    }
  }

  @Override
  public void acknowledge(StatusUpdate update) {
    if (process.acts()) {
      truth.require(
          epoch < newestEpoch.get() || isStored(update),
          "acknowledged before it is durable: " + update);
      if (!badLuck(50)) {
        say(() -> cluster.acknowledge(update));
      }
    }
  }

  /** Whether the stored task has got as far as was reported. */
  private boolean isStored(StatusUpdate update) {
    ScheduledTask task = truth.now().tasks().get(update.taskId());
    if (task == null || !TaskTable.isActive(task.status())) {
      return true;
    } else if (update.state().isTerminal()) {
      return task.assignedTask().slaveId() == null;
    }
    ScheduleStatus reported =
        update.state() == ClusterTaskState.TASK_RUNNING
            ? ScheduleStatus.RUNNING
            : ScheduleStatus.STARTING;
    boolean behind =
        task.status() == ScheduleStatus.ASSIGNED
            || (task.status() == ScheduleStatus.STARTING && reported == ScheduleStatus.RUNNING);
    return !behind || has(task, reported);
  }

  private static boolean has(ScheduledTask task, ScheduleStatus status) {
    for (TaskEvent event : task.taskEvents()) {
      if (event.status() == status) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void reconcile(Iterable<TaskRef> tasks) {
    if (process.acts()) {
      ImmutableList<TaskRef> copy = ImmutableList.copyOf(tasks);
      say(() -> cluster.reconcile(copy));
    }
  }

  @Override
  public void close() {
    if (process.acts()) {
      listener = null;
      say(cluster::close);
    }
  }

  // ---- What the cluster says -------------------------------------------------------------------

  /** Delivers, at some time. */
  private void deliver(Runnable report) {
    int most = badLuck(30) ? 3_000 : badLuck(200) ? 100 : 3;
    var unused =
        network.schedule(
            Duration.ofMillis(random.nextInt(most)),
            () -> {
              if (listener != null && process.acts()) {
                report.run();
              }
            });
  }

  /** The cluster says this of a task, without being asked. */
  void report(String taskId, ClusterTaskState state) {
    long now = process.clock().wallMillis();
    deliver(
        () -> listener().onStatus(new StatusUpdate(taskId, null, state, null, null, null, now)));
  }

  private ClusterListener listener() {
    ClusterListener current = listener;
    if (current == null) {
      throw new IllegalStateException("nobody listens");
    }
    return current;
  }

  private final class Reports implements ClusterListener {
    @Override
    public void onOffer(Offer offer) {
      deliver(
          () -> {
            offers.put(offer.id(), offer);
            listener().onOffer(offer);
          });
    }

    @Override
    public void onOfferRescinded(String offerId) {
      if (!badLuck(20)) {
        deliver(
            () -> {
              rescinded.add(offerId);
              listener().onOfferRescinded(offerId);
            });
      }
    }

    @Override
    public void onStatus(StatusUpdate update) {
      if (!badLuck(40)) {
        deliver(() -> listener().onStatus(update));
      }
      if (badLuck(40)) {
        deliver(() -> listener().onStatus(update));
      }
    }

    @Override
    public void onAgentLost(String agentId) {
      deliver(() -> listener().onAgentLost(agentId));
    }
  }
}
