package io.borealis.scheduler.preemption;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Metadata;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.scheduling.SchedulingLoop;
import io.borealis.scheduler.scheduling.SchedulingSettings;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.task.StatusUpdateHandler;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.task.TaskTimers;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A leader with the product's own scheduling, preemption and task life over a simulated cluster of
 * hosts with 16 CPUs, on virtual time.
 */
final class PreemptionStory implements ClusterListener {
  static final Duration DELAY = PreemptionSettings.DEFAULT.delay();

  final TestStore store;
  final SimulatedCluster cluster;
  final MeterRegistry meters = new SimpleMeterRegistry();
  final OfferBook offers = new OfferBook();
  final ClaimedAgents claims;
  final Reservations kept;
  final Preemptor preemptor;
  private final SimulatedClusterSettings hosts;
  private final PreemptionSettings settings;
  private final SchedulingLoop scheduling;
  private final StatusUpdateHandler statusUpdates;
  private final TaskTimers timers;
  private final TaskLifecycle lifecycle;
  private final long epoch;
  private int ids;

  private PreemptionStory(
      TestStore store,
      SimulatedClusterSettings hosts,
      PreemptionSettings settings,
      long epoch,
      int ids) {
    this.store = store;
    this.hosts = hosts;
    this.settings = settings;
    this.epoch = epoch;
    this.ids = ids;
    this.cluster = new SimulatedCluster(hosts, store.runtimes().newLoop("cluster"), store.clock());
    this.lifecycle =
        new TaskLifecycle(
            TaskPolicy.DEFAULT,
            cluster::kill,
            "scheduler.example",
            () -> new UUID(0, ++this.ids),
            () -> 0.5,
            meters);
    EventLoop loop = store.runtimes().newLoop("scheduling");
    this.kept = new Reservations(Duration.ofHours(1), loop, store.clock(), meters);
    this.claims = new ClaimedAgents(settings.reservation(), loop, store.clock(), meters);
    Matcher matcher = new Matcher(PreemptionStory::demand, Duration.ofMinutes(6));
    this.scheduling =
        new SchedulingLoop(
            SchedulingSettings.DEFAULT,
            loop,
            store.clock(),
            store::state,
            store.writer(),
            cluster,
            lifecycle::assign,
            kept,
            claims,
            matcher,
            offers,
            meters);
    this.preemptor =
        Preemptor.create(
            settings,
            loop,
            store.runtimes().newPool("background", 1),
            store.clock(),
            store::state,
            store.writer(),
            lifecycle,
            matcher,
            TierRegistry.stock(),
            PreemptionStory::demand,
            offers,
            kept,
            claims,
            meters);
    this.statusUpdates =
        new StatusUpdateHandler(
            store.writer(), store::state, lifecycle, cluster, store.clock(), meters);
    this.timers =
        new TaskTimers(
            TaskPolicy.DEFAULT,
            store.writer(),
            lifecycle,
            cluster::kill,
            store.loop(),
            store.clock(),
            store::state,
            () -> 0.5,
            meters);
    store.react(timers);
    store.react(scheduling);
  }

  private static Demand demand(TaskConfig config) {
    return Demand.firm(ResourceVector.of(config));
  }

  static PreemptionStory of(int hosts) {
    return of(hosts, PreemptionSettings.DEFAULT);
  }

  static PreemptionStory of(int hosts, PreemptionSettings settings) {
    PreemptionStory story =
        new PreemptionStory(
            TestStore.create(),
            SimulatedClusterSettings.DEFAULT.withDedicatedHost(false).withHosts(hosts),
            settings,
            1,
            0);
    story.begin();
    return story;
  }

  /** The next leader after the death of this one, which knows what was durable. */
  PreemptionStory failover() {
    PreemptionStory next = new PreemptionStory(store.failover(), hosts, settings, epoch + 1, ids);
    next.begin();
    return next;
  }

  private void begin() {
    List<ScheduledTask> known = new ArrayList<>();
    for (ScheduledTask task : store.state().tasks().all()) {
      if (task.assignedTask().slaveId() != null && isActive(task)) {
        known.add(task);
      }
    }
    cluster.start(this, epoch, known);
    store.loop().execute(() -> timers.resume(store.state()));
    for (ScheduledTask task : known) {
      if (task.status() == ScheduleStatus.PREEMPTING || task.status() == ScheduleStatus.KILLING) {
        cluster.kill(task.assignedTask().taskId());
      }
    }
    preemptor.start(store.state());
    scheduling.start();
    advance(Duration.ofSeconds(1));
  }

  /** A configuration of the tier {@code preferred}. */
  static TaskConfig preferred(String job, double cpus) {
    return config("www-data", job, "preferred", 0, cpus);
  }

  /** A configuration of the tier {@code preemptible}. */
  static TaskConfig preemptible(String job, double cpus) {
    return config("guests", job, "preemptible", 0, cpus);
  }

  static TaskConfig config(String role, String job, String tier, int priority, double cpus) {
    return Fixtures.config(new JobKey(role, "prod", job)).toBuilder()
        .tier(tier)
        .production(tier.equals("preferred"))
        .priority(priority)
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(cpus), new Resource.RamMb(128), new Resource.DiskMb(16)))
        .build();
  }

  /** The same whose tasks have a fate in the simulated cluster. */
  static TaskConfig fated(TaskConfig config, String fate) {
    return config.toBuilder().metadata(ImmutableSet.of(new Metadata("peer", fate))).build();
  }

  /** The clock goes on. */
  PreemptionStory advance(Duration duration) {
    store.runtimes().advance(duration);
    return this;
  }

  /** Adds instances of a job and gives them a second to find a place. */
  PreemptionStory job(TaskConfig config, int count) {
    insert(config, count);
    return advance(Duration.ofSeconds(1));
  }

  PreemptionStory insert(TaskConfig config, int count) {
    store.change(
        tx -> {
          int first = tx.state().tasks().ofJob(config.job()).active().size();
          var unused =
              lifecycle.insertPending(
                  tx, config, IntStream.range(first, first + count).boxed().toList());
        });
    return this;
  }

  /** Kills all active tasks of a job. */
  PreemptionStory killJob(TaskConfig config) {
    store.change(
        tx -> {
          for (ScheduledTask task : tx.state().tasks().ofJob(config.job()).active().values()) {
            var unused =
                lifecycle.changeState(
                    tx, task.assignedTask().taskId(), null, ScheduleStatus.KILLING, "Killed");
          }
        });
    return this;
  }

  /** Ends a running task of a job as if by itself. */
  PreemptionStory end(TaskConfig config, String host) {
    ScheduledTask task =
        tasks(config, ScheduleStatus.RUNNING).stream()
            .filter(each -> host.equals(each.assignedTask().slaveHost()))
            .findFirst()
            .orElseThrow();
    cluster.endTask(task.assignedTask().taskId(), ClusterTaskState.TASK_FINISHED, "done");
    return this;
  }

  PreemptionStory mode(String host, MaintenanceMode mode) {
    store.change(
        tx -> {
          HostAttributes attributes = tx.state().hosts().get(host);
          tx.change(
              new Op.SaveHostAttributes(
                  new SaveHostAttributes(attributes.toBuilder().mode(mode).build())));
        });
    return this;
  }

  PreemptionStory keep(TaskConfig config, int instance, String agentId) {
    kept.reserve(
        new InstanceKey(config.job(), instance), agentId, new JobUpdateKey(config.job(), "u"));
    return advance(Duration.ZERO);
  }

  /** All tasks of a job in the state, by id. */
  List<ScheduledTask> tasks(TaskConfig config, ScheduleStatus status) {
    List<ScheduledTask> tasks = new ArrayList<>();
    for (ScheduledTask task : store.state().tasks().all()) {
      if (task.status() == status && task.assignedTask().task().job().equals(config.job())) {
        tasks.add(task);
      }
    }
    tasks.sort(Comparator.comparing(task -> task.assignedTask().taskId()));
    return tasks;
  }

  /** So many tasks of the job are in the state. */
  PreemptionStory has(TaskConfig config, ScheduleStatus status, int count) {
    assertThat(tasks(config, status))
        .as("%s of %s at T+%s", status, config.job().name(), store.clock().nanoTime() / 1_000_000)
        .hasSize(count);
    return this;
  }

  /** All tasks that ever had to leave, with the reason. */
  List<String> displaced() {
    List<String> displaced = new ArrayList<>();
    for (ScheduledTask task : store.state().tasks().all()) {
      for (TaskEvent event : task.taskEvents()) {
        if (event.status() == ScheduleStatus.PREEMPTING) {
          displaced.add(task.assignedTask().task().job().name() + ": " + event.message());
        }
      }
    }
    return displaced;
  }

  /** So many tasks ever had to leave. */
  PreemptionStory displaced(int count) {
    assertThat(displaced()).hasSize(count);
    return this;
  }

  double count(String name) {
    return meters.counter(name).count();
  }

  String hostOf(TaskConfig config) {
    return Iterables.getOnlyElement(tasks(config, ScheduleStatus.RUNNING))
        .assignedTask()
        .slaveHost();
  }

  static boolean isActive(ScheduledTask task) {
    return io.borealis.api.AuroraConstants.ACTIVE_STATES.contains(task.status());
  }

  /** These settings with something else. */
  static PreemptionSettings with(UnaryOperator<PreemptionSettings> change) {
    return change.apply(PreemptionSettings.DEFAULT);
  }

  @Override
  public void onOffer(Offer offer) {
    scheduling.onOffer(offer);
  }

  @Override
  public void onOfferRescinded(String offerId) {
    scheduling.onOfferRescinded(offerId);
  }

  @Override
  public void onAgentLost(String agentId) {
    scheduling.onAgentLost(agentId);
  }

  @Override
  public void onStatus(StatusUpdate update) {
    statusUpdates.handle(update);
  }
}
