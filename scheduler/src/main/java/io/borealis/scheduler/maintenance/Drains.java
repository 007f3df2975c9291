package io.borealis.scheduler.maintenance;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaAttempts;
import io.borealis.scheduler.sla.SlaAttempts.Attempt;
import io.borealis.scheduler.sla.SlaCheck;
import io.borealis.scheduler.sla.SlaOutcome;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the hosts that are in DRAINING (task rules, sections 13.3 and 13.4). A change of a host's
 * mode or of a task on it, the end of its time, the answer of a policy and the retry interval each
 * cause the work they need and no more; the sweep only finds what went wrong. When the last active
 * task leaves, the same transaction makes the host DRAINED. Confined to the writer's loop, except
 * for {@link #waits}.
 */
public final class Drains implements Reaction, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Drains.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** Hosts the log tells of at each sweep. */
  private static final int TOLD = 20;

  private final Duration interval;
  private final TaskDrain taskDrain;
  private final BackgroundWrites background;
  private final SlaAttempts<TaskDrain.Victim> attempts;
  private final EventLoop loop;
  private final Clock clock;
  private final Supplier<State> durable;
  private final Waits waits;
  private final Map<String, Drain> drains = new TreeMap<>();
  private final Map<JobKey, Map<String, Attempt<TaskDrain.Victim>>> byJob = new HashMap<>();
  private EventLoop.@Nullable Timer sweep;

  /**
   * @param interval time between two attempts to take a task off a host, and between two sweeps
   * @param loop the writer's
   * @param durable the newest durable State
   */
  public Drains(
      Duration interval,
      TaskDrain taskDrain,
      Sla sla,
      Writes writes,
      EventLoop loop,
      Clock clock,
      Supplier<State> durable,
      MeterRegistry meters) {
    this.interval = interval;
    this.taskDrain = taskDrain;
    this.background = new BackgroundWrites(writes, loop, clock, RETRY);
    this.attempts = new SlaAttempts<>(sla, new Rules(), background, loop, clock);
    this.loop = loop;
    this.clock = clock;
    this.durable = durable;
    this.waits = new Waits(clock, meters);
    Gauges.replace(
        meters, "maintenance_draining_hosts", durable, state -> state.get().maintenance().size());
  }

  /** The tasks that may not leave their hosts yet, by id; for any thread. */
  public ImmutableList<DrainWait> waits() {
    return waits.all();
  }

  /** Goes on with every host of a State just taken over. */
  public void start(State state) {
    for (HostAttributes host : state.hosts().values()) {
      if (HostMode.of(host) == MaintenanceMode.DRAINING) {
        look(host.host());
      }
    }
    sweepLater();
  }

  // ---- What changes ----------------------------------------------------------------------------

  @Override
  public void onTaskChange(WriteTransaction tx, TaskChange change) {
    if (!change.changesStatus()) {
      return;
    }
    ScheduledTask task = change.task();
    ScheduleStatus status = change.after() == null ? null : change.after().status();
    String host = task.assignedTask().slaveHost();
    if (host != null && HostModes.isDraining(tx.state(), host)) {
      if (!TaskStates.isActive(status)) {
        endIfEmpty(tx, host);
      }
      tx.afterCommit(() -> look(host));
    }
    if (status == ScheduleStatus.RUNNING) {
      JobKey job = jobOf(task);
      tx.afterCommit(() -> attempts.oneMoreRuns(byJob.getOrDefault(job, Map.of()).values()));
    }
  }

  @Override
  public void onFailure(WriteTransaction tx, TaskChange change, RuntimeException failure) {
    LOG.error("A drain missed {}", change.task().assignedTask().taskId(), failure);
  }

  private static void endIfEmpty(WriteTransaction tx, String host) {
    HostAttributes attributes = tx.state().hosts().get(host);
    if (attributes != null
        && HostModes.isDraining(tx.state(), host)
        && HostModes.isEmpty(tx.state(), host)) {
      HostModes.set(tx, attributes, MaintenanceMode.DRAINED);
      HostModes.forget(tx, host);
      tx.afterCommit(() -> LOG.atInfo().addKeyValue("host", host).log("A host is drained"));
    }
  }

  /** Does whatever follows from what is stored about the host; however often, the same. */
  void look(String host) {
    if (background.isClosed()) {
      return;
    }
    State state = durable.get();
    if (!HostModes.isDraining(state, host)) {
      end(host);
      return;
    }
    Drain drain = drainOf(host, state);
    boolean isEmpty = true;
    Set<String> there = new HashSet<>();
    for (ScheduledTask task : state.tasks().onHost(host)) {
      isEmpty &= !TaskStates.isActive(task.status());
      if (TaskDrain.isDrainable(task)) {
        there.add(task.assignedTask().taskId());
        begin(drain, task);
      }
    }
    for (Attempt<TaskDrain.Victim> attempt : ImmutableList.copyOf(drain.attempts.values())) {
      if (!there.contains(attempt.victim().taskId())) {
        attempts.end(attempt);
      }
    }
    if (isEmpty) {
      background.submit(
          "the end of the drain of " + host,
          tx -> {
            endIfEmpty(tx, host);
            tx.afterCommit(() -> look(host));
          });
    }
  }

  private Drain drainOf(String host, State state) {
    HostMaintenanceRequest request = state.maintenance().get(host);
    Drain known = drains.get(host);
    if (known != null && Objects.equals(known.request, request)) {
      return known;
    }
    end(host);
    long nowMs = Math.max(clock.wallMillis(), state.stampMs());
    Drain drain = new Drain(host, request, nowMs, clock);
    drains.put(host, drain);
    if (request != null && drain.remainingNanos() > 0) {
      drain.timer =
          loop.schedule(
              Duration.ofNanos(drain.remainingNanos()),
              () -> ImmutableList.copyOf(drain.attempts.values()).forEach(attempts::tryNow));
    }
    LOG.atInfo()
        .addKeyValue("host", host)
        .addKeyValue("forcedInMs", request == null ? "never" : drain.remainingMs())
        .log("A host is being drained");
    return drain;
  }

  private void begin(Drain drain, ScheduledTask task) {
    String id = task.assignedTask().taskId();
    if (!drain.attempts.containsKey(id)) {
      JobKey job = jobOf(task);
      Attempt<TaskDrain.Victim> attempt =
          attempts.begin(
              new TaskDrain.Victim(
                  drain.host, drain.request, id, job, task.assignedTask().instanceId()));
      drain.attempts.put(id, attempt);
      byJob.computeIfAbsent(job, key -> new LinkedHashMap<>()).put(id, attempt);
      waits.begin(drain, attempt);
    }
  }

  private static JobKey jobOf(ScheduledTask task) {
    return Objects.requireNonNull(Objects.requireNonNull(task.assignedTask().task()).job());
  }

  private void end(String host) {
    Drain drain = drains.remove(host);
    if (drain != null) {
      if (drain.timer != null) {
        drain.timer.cancel();
      }
      ImmutableList.copyOf(drain.attempts.values()).forEach(attempts::end);
    }
  }

  // ---- The sweep -------------------------------------------------------------------------------

  private void sweepLater() {
    sweep =
        loop.schedule(
            interval,
            () -> {
              ImmutableSet.copyOf(
                      Iterables.concat(durable.get().maintenance().keys(), drains.keySet()))
                  .forEach(this::look);
              tell();
              sweepLater();
            });
  }

  private void tell() {
    Map<String, DrainWait> first = new TreeMap<>();
    Map<String, Integer> count = new HashMap<>();
    for (DrainWait wait : waits.all()) {
      first.putIfAbsent(wait.host(), wait);
      count.merge(wait.host(), 1, Integer::sum);
    }
    first.values().stream()
        .limit(TOLD)
        .forEach(
            wait ->
                LOG.atInfo()
                    .addKeyValue("host", wait.host())
                    .addKeyValue("tasks", count.get(wait.host()))
                    .addKeyValue("task", wait.taskId())
                    .addKeyValue("reason", wait.reason())
                    .log("A host waits for tasks that may not leave it yet"));
    if (first.size() > TOLD) {
      LOG.info("{} more hosts wait for tasks that may not leave them yet", first.size() - TOLD);
    }
  }

  /** Stops everything; the next leader goes on. */
  @Override
  public void close() {
    background.close();
    ImmutableList.copyOf(drains.keySet()).forEach(this::end);
    attempts.close();
    if (sweep != null) {
      sweep.cancel();
    }
  }

  // ---- Attempts --------------------------------------------------------------------------------

  private final class Rules implements SlaAttempts.Rules<TaskDrain.Victim> {
    @Override
    public SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, TaskDrain.Victim victim) {
      Drain drain = drains.get(victim.host());
      return drain == null
          ? new SlaOutcome.Ended()
          : taskDrain.ifAllowed(tx, check, victim, drain.remainingMs());
    }

    @Override
    public SlaOutcome now(WriteTransaction tx, TaskDrain.Victim victim) {
      return taskDrain.now(tx, victim);
    }

    @Override
    public long delayMs(TaskDrain.Victim victim, long lastMs) {
      return interval.toMillis();
    }

    @Override
    public void onDenied(Attempt<TaskDrain.Victim> attempt) {
      waits.show(attempt);
    }

    @Override
    public void onSooner(Attempt<TaskDrain.Victim> attempt) {
      waits.show(attempt);
    }

    @Override
    public void onEnded(Attempt<TaskDrain.Victim> attempt) {
      TaskDrain.Victim victim = attempt.victim();
      Drain drain = drains.get(victim.host());
      if (drain != null) {
        drain.attempts.remove(victim.taskId(), attempt);
      }
      waits.end(victim);
      Map<String, Attempt<TaskDrain.Victim>> ofJob = byJob.get(victim.job());
      if (ofJob != null && ofJob.remove(victim.taskId(), attempt) && ofJob.isEmpty()) {
        byJob.remove(victim.job());
      }
    }

    @Override
    public boolean asksNext() {
      return true;
    }

    @Override
    public String name(TaskDrain.Victim victim) {
      return victim.taskId();
    }
  }
}
