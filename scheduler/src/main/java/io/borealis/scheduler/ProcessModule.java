package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.Clock;
import io.borealis.runtime.Runtimes;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.backup.BackupDirectory;
import io.borealis.scheduler.backup.Backups;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cron.CronPolicy;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.Journals;
import io.borealis.scheduler.journal.MeteredJournal;
import io.borealis.scheduler.preemption.PreemptionSettings;
import io.borealis.scheduler.prune.PrunePolicy;
import io.borealis.scheduler.reconcile.ReconcilePolicy;
import io.borealis.scheduler.rpc.JobLimits;
import io.borealis.scheduler.scheduling.Demands;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.SchedulingSettings;
import io.borealis.scheduler.sla.CoordinatorHttp;
import io.borealis.scheduler.sla.JdkCoordinatorHttp;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.tier.TierRegistry;
import io.borealis.scheduler.update.UpdatePolicy;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/** What a process has whether it leads or not. */
public final class ProcessModule extends AbstractModule {
  private final DaemonSettings settings;
  private final Runtimes runtimes;
  private final MeterRegistry meters;
  private final TierRegistry tiers;
  private final ExecutorRegistry executors;
  private final @Nullable BackupDirectory backups;

  public ProcessModule(DaemonSettings settings, Runtimes runtimes, MeterRegistry meters) {
    this.settings = settings;
    this.runtimes = runtimes;
    this.meters = meters;
    // Here and not in configure, where a mistake of the user would be one of ours.
    this.tiers = SchedulerSettings.tiers(settings);
    this.executors = SchedulerSettings.executors(settings);
    this.backups = SchedulerSettings.backups(settings);
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    bind(DaemonSettings.class).toInstance(settings);
    bind(Runtimes.class).toInstance(runtimes);
    bind(Clock.class).toInstance(runtimes.clock());
    bind(MeterRegistry.class).toInstance(meters);
    bind(JobLimits.class).toInstance(SchedulerSettings.jobs(settings, executors));
    bind(ExecutorRegistry.class).toInstance(executors);
    bind(TierRegistry.class).toInstance(tiers);
    bind(TaskPolicy.class).toInstance(SchedulerSettings.tasks(settings));
    bind(PrunePolicy.class).toInstance(SchedulerSettings.history(settings));
    bind(ReconcilePolicy.class).toInstance(SchedulerSettings.reconciliation(settings));
    bind(UpdatePolicy.class).toInstance(SchedulerSettings.updates(settings));
    bind(CronPolicy.class).toInstance(SchedulerSettings.cron(settings));
    bind(SlaSettings.class).toInstance(SchedulerSettings.sla(settings));
    bind(Snapshotter.Policy.class).toInstance(SchedulerSettings.snapshots(settings));
    bind(PreemptionSettings.class).toInstance(SchedulerSettings.preemption(settings));
    bind(SchedulingSettings.class).toInstance(SchedulerSettings.scheduling(settings));
    bind(EntryCodec.class).toInstance(new EntryCodec());
  }

  @Provides
  @Singleton
  Replica replica(EntryCodec codec) {
    return new Replica(codec);
  }

  @Provides
  @Singleton
  Backups backups(EntryCodec codec) {
    return new Backups(
        backups,
        settings.backups().interval(),
        codec,
        runtimes.newPool("backups", 1),
        runtimes.clock(),
        meters);
  }

  @Provides
  @Singleton
  CoordinatorHttp coordinatorHttp(SlaSettings sla) {
    return new JdkCoordinatorHttp(
        sla.coordinatorTimeout(), runtimes.newPool("coordinators", sla.maxCoordinated()));
  }

  @Provides
  @Singleton
  Journal journal() {
    return new MeteredJournal(
        Journals.onZooKeeper(SchedulerSettings.journal(settings), runtimes),
        runtimes.clock(),
        meters);
  }

  @Provides
  @Singleton
  Demands demands() {
    return SchedulerSettings.demands(settings, executors, tiers);
  }

  @Provides
  @Singleton
  Matcher matcher(Demands demands) {
    return new Matcher(demands::of, settings.scheduling().unavailabilityThreshold());
  }

  @Provides
  @Singleton
  SimulatedCluster simulatedCluster(Clock clock, Demands demands) {
    return new SimulatedCluster(
        SchedulerSettings.simulation(settings), runtimes.newLoop("cluster"), clock, demands::of);
  }

  @Provides
  @Singleton
  AgentCluster agentCluster(Clock clock, Demands demands) {
    return new AgentCluster(
        SchedulerSettings.agents(settings), runtimes.newLoop("agents"), clock, demands::of, meters);
  }
}
