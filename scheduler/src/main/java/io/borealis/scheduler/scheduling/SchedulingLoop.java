package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.borealis.api.AuroraConstants;
import io.borealis.api.HostAttributes;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.OfferUse.Assignment;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places pending tasks for the time of one leader. Offers and starts come from any thread, task
 * changes from the writer's; everything is handed to this component's own loop, where it searches
 * against a State of its own time. A short transaction then checks what it found once more, and
 * tasks are launched when that is durable.
 *
 * <p>One such transaction is in flight at a time, so that each search knows of all earlier
 * placements.
 */
public final class SchedulingLoop implements Reaction, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchedulingLoop.class);
  private static final Duration WRITE_DEADLINE = Duration.ofSeconds(30);

  private final SchedulingSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Supplier<State> durable;
  private final Writes writes;
  private final Placements placements;
  private final Affinity affinity;
  private final Claims claims;
  private final Matcher matcher;
  private final OfferBook offers;

  private final SchedulingMeters meters;

  // Confined to the loop.
  private final TaskGroups groups;
  private final SpreadCache spreads = new SpreadCache();
  private final HostSaver hosts;
  private final OfferIntake intake;

  /** Pending tasks for which an agent is kept. */
  private final Set<String> kept = new LinkedHashSet<>();

  private boolean placing;
  private boolean closed;
  private EventLoop.@Nullable Timer timer;
  private long timerNanos;

  /**
   * @param loop of this component alone
   * @param durable the newest durable State
   * @param meters where attempts and offers are counted
   */
  public SchedulingLoop(
      SchedulingSettings settings,
      EventLoop loop,
      Clock clock,
      Supplier<State> durable,
      Writes writes,
      ClusterDriver driver,
      Assigner assigner,
      Affinity affinity,
      Claims claims,
      Matcher matcher,
      OfferBook offers,
      MeterRegistry meters) {
    this.settings = settings;
    this.loop = loop;
    this.clock = clock;
    this.durable = durable;
    this.writes = writes;
    this.affinity = affinity;
    this.claims = claims;
    this.matcher = matcher;
    this.offers = offers;
    this.groups = new TaskGroups(matcher, settings);
    this.meters = new SchedulingMeters(meters, offers);
    this.placements = new Placements(offers, assigner, driver, this.meters);
    this.hosts = new HostSaver(loop, clock, durable, writes);
    this.intake = new OfferIntake(settings, loop, clock, durable, driver, offers, this.meters);
    affinity.whenFreed(this::freed);
    claims.whenOpened(this::opened);
    offers.whenBack(() -> loop.execute(this::cameBack));
  }

  /** Begins with the tasks that are pending in State. */
  public void start() {
    loop.execute(
        () -> {
          for (ScheduledTask task : durable.get().tasks().pending().values()) {
            add(task);
          }
          intake.sweep();
        });
  }

  /** Stops placing; what is in flight ends by itself. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          if (timer != null) {
            timer.cancel();
          }
          intake.close();
        });
  }

  /** An offer came. */
  public void onOffer(Offer offer) {
    loop.execute(
        () -> {
          intake.add(offer);
          hosts.save(offer);
          wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
        });
  }

  /** An offer went. */
  public void onOfferRescinded(String offerId) {
    intake.rescind(offerId);
  }

  /** An agent went. */
  public void onAgentLost(String agentId) {
    // If it is back already, and this is old news, it has to offer anew.
    ImmutableList<String> held = offers.removeAgent(agentId);
    loop.execute(
        () -> {
          intake.giveBack(held);
          intake.giveBack(offers.removeAgent(agentId)); // An offer may have been on its way.
          nothingThere(agentId);
        });
  }

  /** Nothing is to be placed on an agent any more, so that nothing need be kept there. */
  private void nothingThere(String agentId) {
    affinity.lost(agentId);
    claims.lost(agentId);
  }

  @Override
  public void onTaskChange(WriteTransaction transaction, TaskChange change) {
    boolean wasPending = isPending(change.before());
    boolean isPending = isPending(change.after());
    ScheduledTask task = change.task();
    String taskId = task.assignedTask().taskId();
    if (isPending && !wasPending) {
      transaction.afterCommit(() -> loop.execute(() -> add(task)));
    } else if (wasPending && !isPending) {
      transaction.afterCommit(() -> loop.execute(() -> remove(taskId)));
    } else if (isPlaced(change.before()) && !isPlaced(change.after())) {
      transaction.afterCommit(() -> loop.execute(() -> relieve(task)));
    }
  }

  @Override
  public void onHostChange(
      WriteTransaction transaction, @Nullable HostAttributes before, HostAttributes after) {
    MaintenanceMode mode = HostMode.of(after);
    if (HostMode.of(before) != mode) {
      transaction.afterCommit(() -> loop.execute(() -> rehost(after, mode)));
    }
    if (before != null && !before.attributes().equals(after.attributes())) {
      transaction.afterCommit(() -> loop.execute(this::relieveAll));
    }
  }

  /** A host went out of service, or may be used again. */
  private void rehost(HostAttributes host, MaintenanceMode mode) {
    offers.onHost(host.host(), mode);
    if (HostMode.isClosed(mode)) {
      Set<String> agents = new TreeSet<>(offers.agentsOf(host.host()));
      if (host.slaveId() != null) {
        agents.add(host.slaveId());
      }
      agents.forEach(this::nothingThere);
    }
    wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
  }

  /** A host has other values than before, so that limits may be satisfied elsewhere. */
  private void relieveAll() {
    groups.relieveAll();
    wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
  }

  /** Offers that were reserved are free again. */
  private void cameBack() {
    intake.giveBack(offers.takeUnwanted());
    wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
  }

  @Override
  public void onFailure(WriteTransaction transaction, TaskChange change, RuntimeException failure) {
    LOG.error("Scheduling missed a change of {}", change.task().assignedTask().taskId(), failure);
  }

  private static boolean isPending(@Nullable ScheduledTask task) {
    return task != null && task.status() == ScheduleStatus.PENDING;
  }

  private static boolean isPlaced(@Nullable ScheduledTask task) {
    return task != null && AuroraConstants.SLAVE_ASSIGNED_STATES.contains(task.status());
  }

  private void add(ScheduledTask task) {
    long now = clock.nanoTime();
    String taskId = task.assignedTask().taskId();
    try {
      groups.add(taskId, task.assignedTask().task(), now);
    } catch (RuntimeException failure) {
      LOG.error("Task {} cannot be scheduled", taskId, failure);
      meters.failed.increment();
      return;
    }
    Group group = groups.of(taskId);
    if (group == null) {
      return;
    }
    JobKey job = group.request.config().job();
    if (affinity.keepsAny()
        && affinity.agentFor(new InstanceKey(job, task.assignedTask().instanceId())).isPresent()) {
      kept.add(taskId);
    }
    if (group.isWaiting) {
      wakeAt(group.dueNanos);
    } else {
      groups.keepReady(group);
      wakeAt(now + settings.firstDelay().toNanos());
    }
  }

  private void remove(String taskId) {
    kept.remove(taskId);
    Group ended = groups.remove(taskId);
    if (ended != null) {
      spreads.forget(ended.request.config().job());
      claims.ended(ended.request.config());
    }
  }

  /** A task of the job gave up its place, so that a limit may be satisfied again. */
  private void relieve(ScheduledTask task) {
    groups.relieve(task.assignedTask().task().job());
    wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
  }

  /** A place is not kept any longer: its instance may look elsewhere, and others at its agent. */
  private void freed(InstanceKey instance, String agentId) {
    ScheduledTask task = durable.get().tasks().activeOf(instance.jobKey(), instance.instanceId());
    Group group = task == null ? null : groups.of(task.assignedTask().taskId());
    if (task != null && group != null) {
      kept.remove(task.assignedTask().taskId());
      groups.reopen(group);
    }
    opened(agentId);
  }

  /** An agent may be used by everybody again. */
  private void opened(String agentId) {
    offers.arriveAgain(agentId);
    wakeAt(clock.nanoTime() + settings.firstDelay().toNanos());
  }

  private void wakeAt(long nanos) {
    if (closed) {
      return;
    }
    if (timer != null && timerNanos - nanos <= 0) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerNanos = nanos;
    timer =
        loop.schedule(
            Duration.ofNanos(Math.max(0, nanos - clock.nanoTime())),
            () -> {
              timer = null;
              pass();
            });
  }

  private void pass() {
    if (closed || placing) {
      return;
    }
    long now = clock.nanoTime();
    long arrivals = offers.arrivals();
    Search search =
        new Search(
            matcher,
            affinity,
            claims,
            durable.get(),
            spreads,
            offers,
            meters::vetoed,
            clock.wallMillis());
    Round round =
        new Round(groups, search, meters, arrivals, now, settings.assignmentsPerTransaction());
    round.run(kept, affinity);
    round.stale().forEach(this::remove);
    if (round.tried().isEmpty()) {
      groups.nextDue().ifPresent(this::wakeAt);
    } else {
      meters.fired.increment(round.tried().size());
      submit(search.result(), round.tried());
    }
  }

  private void submit(ImmutableList<OfferUse> uses, Map<String, Group> tried) {
    placing = true;
    var unused =
        writes
            .submit(
                WriteClass.SCHEDULING,
                clock.nanoTime() + WRITE_DEADLINE.toNanos(),
                transaction -> placements.make(transaction, uses))
            .whenComplete(
                (assigned, failure) -> loop.execute(() -> placed(assigned, failure, uses, tried)));
  }

  /** Runs after the assigned tasks have left their groups. */
  private void placed(
      @Nullable ImmutableSet<String> assigned,
      @Nullable Throwable failure,
      ImmutableList<OfferUse> uses,
      Map<String, Group> tried) {
    placing = false;
    if (failure != null) {
      meters.failed.increment();
      LOG.warn("Assignments on {} offers were not made: {}", uses.size(), failure.toString());
    }
    long now = clock.nanoTime();
    Set<Group> lucky = new HashSet<>();
    Set<Group> unlucky = new HashSet<>();
    for (OfferUse use : uses) {
      boolean isSpoilt = false;
      for (Assignment assignment : use.assignments()) {
        Group group = tried.get(assignment.taskId());
        if (group != null && assigned != null && assigned.contains(assignment.taskId())) {
          lucky.add(group);
          affinity.placed(assignment.instance());
          claims.placed(use.offer().agentId(), group.request.config());
        } else if (group != null) {
          isSpoilt = true;
          unlucky.add(group);
          group.putLast(assignment.taskId());
        }
      }
      if (isSpoilt) {
        // Others took it for used up.
        offers.arriveAgain(use.offer().agentId());
      }
    }
    for (Group group : Sets.difference(unlucky, lucky)) {
      if (failure == null) {
        groups.suspend(group, now);
      } else {
        groups.postpone(group, now);
      }
      meters.penalized(group.penaltyNanos);
    }
    for (Group group : lucky) {
      groups.reward(group, group.wasCut, now);
    }
    // Offers and tasks may have come meanwhile, which the pass finds out for itself.
    wakeAt(now);
  }
}
