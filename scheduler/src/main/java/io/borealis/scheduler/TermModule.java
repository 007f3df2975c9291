package io.borealis.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.inject.AbstractModule;
import com.google.inject.Provider;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.backup.PeriodicBackups;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cron.CronRunner;
import io.borealis.scheduler.cron.CronTimer;
import io.borealis.scheduler.cron.CronTimetables;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.maintenance.Drains;
import io.borealis.scheduler.preemption.ClaimedAgents;
import io.borealis.scheduler.preemption.Preemptor;
import io.borealis.scheduler.prune.TaskPruner;
import io.borealis.scheduler.quota.ConsumptionGauges;
import io.borealis.scheduler.reconcile.Reconciler;
import io.borealis.scheduler.rpc.BackupHandler;
import io.borealis.scheduler.rpc.ClusterInfoHandler;
import io.borealis.scheduler.rpc.CronHandler;
import io.borealis.scheduler.rpc.JobHandler;
import io.borealis.scheduler.rpc.JobLimits;
import io.borealis.scheduler.rpc.JobValidator;
import io.borealis.scheduler.rpc.LockHandler;
import io.borealis.scheduler.rpc.MaintenanceHandler;
import io.borealis.scheduler.rpc.QuotaHandler;
import io.borealis.scheduler.rpc.ReconciliationHandler;
import io.borealis.scheduler.rpc.SchedulerApi;
import io.borealis.scheduler.rpc.TaskAdminHandler;
import io.borealis.scheduler.rpc.TaskConfigValidator;
import io.borealis.scheduler.rpc.TaskQueryHandler;
import io.borealis.scheduler.rpc.UpdateExplanations;
import io.borealis.scheduler.rpc.UpdateHandler;
import io.borealis.scheduler.rpc.UpdateReads;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.PendingReasons;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.scheduling.SchedulingLoop;
import io.borealis.scheduler.scheduling.SchedulingSettings;
import io.borealis.scheduler.scheduling.SlotStatistics;
import io.borealis.scheduler.sla.CoordinatorHttp;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.slastats.SlaStats;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.store.Writer;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.LossCounters;
import io.borealis.scheduler.task.StatusUpdateHandler;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.task.TaskTimers;
import io.borealis.scheduler.tier.TierRegistry;
import io.borealis.scheduler.update.Explainer;
import io.borealis.scheduler.update.UpdateEngine;
import io.borealis.scheduler.update.UpdatePolicy;
import io.borealis.scheduler.update.UpdatePruner;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Everything that only a leader has; one graph for each term, closed as a whole. */
public final class TermModule extends AbstractModule {
  private final TermLoops loops;
  private final String hostName;
  private final Chance chance;
  private final Ending ending;

  /** Ends the term; any thread may call. */
  public interface Ending {
    /** This leader stands by again; whoever leads next goes on from the stored State. */
    void stepDown(String reason);
  }

  /**
   * What is different each time.
   *
   * @param uuids makes ids of tasks and updates, and tokens of locks
   * @param random uniform in [0, 1)
   */
  public record Chance(Supplier<UUID> uuids, DoubleSupplier random) {
    /** What nobody can foretell. */
    public static final Chance REAL =
        new Chance(UUID::randomUUID, () -> ThreadLocalRandom.current().nextDouble());

    String text() {
      return uuids.get().toString();
    }
  }

  /** The threads terms run on, one term after the other. */
  public record TermLoops(
      EventLoop writer, EventLoop scheduling, Executor replies, Executor snapshots) {
    /**
     * The usual threads.
     *
     * @param onError receives what was thrown on a loop, which the term does not survive
     */
    public static TermLoops of(Runtimes runtimes, Consumer<Throwable> onError) {
      return new TermLoops(
          runtimes.newLoop("writer", onError),
          runtimes.newLoop("scheduling", onError),
          runtimes.newPool("replies", 2),
          runtimes.newPool("snapshots", 1));
    }
  }

  public TermModule(TermLoops loops, String hostName, Chance chance, Ending ending) {
    this.loops = loops;
    this.hostName = hostName;
    this.chance = chance;
    this.ending = ending;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    install(new MaintenanceModule());
    install(new CronModule());
    bind(TermLoops.class).toInstance(loops);
    bind(Writes.class).to(Writer.class);
    install(new ConsumptionModule());
    install(new BackupModule(loops, chance, ending));
    install(new SchedulingModule(loops.scheduling()));
    install(new PreemptionModule(loops));
    install(new TaskLifeModule());
  }

  @Provides
  @Singleton
  Snapshotter snapshotter(
      Snapshotter.Policy policy,
      Journal journal,
      EntryCodec codec,
      Replica replica,
      Clock clock,
      MeterRegistry meters) {
    return new Snapshotter(
        policy, journal, codec, replica, loops.writer(), loops.snapshots(), clock, meters);
  }

  @Provides
  @Singleton
  Writer writer(
      Clock clock,
      Journal journal,
      EntryCodec codec,
      Replica replica,
      Snapshotter snapshotter,
      Provider<ImmutableList<Reaction>> reactions) {
    return new Writer(
        loops.writer(),
        clock,
        loops.replies(),
        journal,
        codec,
        replica,
        reactions::get,
        Writer.Limits.DEFAULT,
        snapshotter,
        failure -> ending.stepDown("the writer cannot go on: " + failure.getMessage()));
  }

  /** Causal order: what follows for updates and cron runs comes before timers and placement. */
  @Provides
  @Singleton
  ImmutableList<Reaction> reactions(
      UpdateEngine updates,
      CronRunner cron,
      Drains drains,
      TaskTimers timers,
      SchedulingLoop scheduling,
      TaskPruner history,
      LossCounters losses) {
    return ImmutableList.of(updates, cron, drains, timers, scheduling, history, losses);
  }

  /** What runs beside the calls, in the order in which it is started. */
  @Provides
  @Singleton
  ImmutableList<TermService> services(
      UpdatePruner pruner,
      Drains drains,
      ConsumptionGauges consumption,
      PeriodicBackups backups,
      SlotStatistics slots,
      Preemptor preemptor,
      CronTimer cron,
      SlaStats slaStats,
      TaskPruner history,
      Reconciler reconciler) {
    return ImmutableList.of(
        TermService.of(pruner::start, pruner::close),
        TermService.of(cron::start, cron::close),
        TermService.of(drains::start, drains::close),
        TermService.of(slaStats::start, slaStats::close),
        TermService.of(consumption::start, consumption::close),
        TermService.of(backups::start, backups::close),
        TermService.of(slots::start, slots::close),
        TermService.of(preemptor::start, preemptor::close),
        TermService.of(history::start, history::close),
        TermService.of(reconciler::start, reconciler::close));
  }

  @Provides
  @Singleton
  ClusterDriver driver(
      DaemonSettings settings,
      Provider<AgentCluster> agents,
      Provider<SimulatedCluster> simulation) {
    return settings.cluster().hasAgents()
        ? agents.get().session(ending::stepDown)
        : simulation.get().session();
  }

  @Provides
  @Singleton
  TaskLifecycle lifecycle(TaskPolicy policy, ClusterDriver driver, MeterRegistry meters) {
    return new TaskLifecycle(
        policy, driver::kill, hostName, chance.uuids(), chance.random(), meters);
  }

  @Provides
  @Singleton
  TaskTimers timers(
      TaskPolicy policy,
      Writes writes,
      TaskLifecycle lifecycle,
      ClusterDriver driver,
      Clock clock,
      Replica replica,
      MeterRegistry meters) {
    return new TaskTimers(
        policy,
        writes,
        lifecycle,
        driver::kill,
        loops.writer(),
        clock,
        replica::durable,
        chance.random(),
        meters);
  }

  @Provides
  @Singleton
  StatusUpdateHandler statusUpdates(
      Writes writes,
      Replica replica,
      TaskLifecycle lifecycle,
      ClusterDriver driver,
      Clock clock,
      MeterRegistry meters) {
    return new StatusUpdateHandler(writes, replica::durable, lifecycle, driver, clock, meters);
  }

  @Provides
  @Singleton
  SchedulingLoop scheduling(
      SchedulingSettings settings,
      Clock clock,
      Replica replica,
      Writes writes,
      ClusterDriver driver,
      TaskLifecycle lifecycle,
      Reservations reservations,
      ClaimedAgents claims,
      Matcher matcher,
      OfferBook offers,
      MeterRegistry meters) {
    return new SchedulingLoop(
        settings,
        loops.scheduling(),
        clock,
        replica::durable,
        writes,
        driver,
        lifecycle::assign,
        reservations,
        claims,
        matcher,
        offers,
        meters);
  }

  @Provides
  @Singleton
  Reservations reservations(SchedulingSettings settings, Clock clock, MeterRegistry meters) {
    return new Reservations(settings.affinityHold(), loops.scheduling(), clock, meters);
  }

  @Provides
  @Singleton
  Sla sla(
      SlaSettings settings,
      CoordinatorHttp http,
      DaemonSettings daemon,
      TierRegistry tiers,
      MeterRegistry meters) {
    return new Sla(
        settings,
        tiers::isProduction,
        new Coordinators(http, loops.writer(), daemon.cluster().name(), settings, meters),
        chance.random());
  }

  @Provides
  @Singleton
  UpdateEngine updates(
      UpdatePolicy policy,
      Writes writes,
      TaskLifecycle lifecycle,
      Reservations reservations,
      Sla sla,
      Clock clock,
      MeterRegistry meters) {
    return new UpdateEngine(
        policy, writes, lifecycle, reservations, sla, loops.writer(), clock, meters, chance::text);
  }

  @Provides
  @Singleton
  UpdatePruner pruner(
      UpdatePolicy policy, Replica replica, Writes writes, Clock clock, MeterRegistry meters) {
    return new UpdatePruner(
        policy, replica::durable, writes, loops.writer(), loops.snapshots(), clock, meters);
  }

  @Provides
  @Singleton
  Explainer explainer(
      UpdatePolicy policy,
      UpdateEngine updates,
      PendingReasons reasons,
      Reservations reservations,
      ClaimedAgents claims) {
    return new Explainer(
        new TermView(updates, reasons, reservations, claims), policy.stallThreshold());
  }

  @Provides
  @Singleton
  PendingReasons pendingReasons(OfferBook offers, Matcher matcher, Clock clock) {
    return new PendingReasons(offers, matcher, clock);
  }

  @Provides
  @Singleton
  SchedulerApi api(
      Writes writes,
      Replica replica,
      TaskLifecycle lifecycle,
      UpdateEngine updates,
      JobLimits limits,
      TierRegistry tiers,
      PendingReasons reasons,
      Explainer explainer,
      MaintenanceHandler maintenance,
      CronRunner cronRunner,
      CronTimer cronTimer,
      CronTimetables timetables,
      EntryCodec codec,
      Clock clock,
      MeterRegistry meters,
      BackupHandler backups,
      TaskAdminHandler taskAdmin,
      ReconciliationHandler reconciliation) {
    TaskConfigValidator tasks = new TaskConfigValidator(limits, tiers, codec::shared);
    JobValidator jobs = new JobValidator(limits, tasks);
    return new SchedulerApi(
        new SchedulerApi.Families(
            new JobHandler(writes, lifecycle, jobs, limits, meters),
            new CronHandler(writes, cronRunner, cronTimer, timetables, jobs, limits),
            new TaskQueryHandler(replica::durable, reasons, timetables, clock, meters),
            new UpdateHandler(
                writes, replica::durable, updates, jobs, tasks, limits, chance::text, meters),
            new UpdateReads(replica::durable, clock, jobs, tasks, limits, meters),
            new UpdateExplanations(replica::durable, explainer, clock),
            new QuotaHandler(writes, replica::durable),
            taskAdmin,
            maintenance,
            backups,
            reconciliation,
            new ClusterInfoHandler(tiers),
            new LockHandler(writes, replica::durable, updates)));
  }
}
