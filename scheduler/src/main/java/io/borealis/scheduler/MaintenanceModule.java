package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.maintenance.Drains;
import io.borealis.scheduler.maintenance.Maintenance;
import io.borealis.scheduler.maintenance.TaskDrain;
import io.borealis.scheduler.rpc.MaintenanceHandler;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.slastats.SlaStats;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.MeterRegistry;

/** The parts of a term that take hosts out of service and watch over promises about jobs. */
final class MaintenanceModule extends AbstractModule {
  @Provides
  @Singleton
  TaskDrain taskDrain(TaskLifecycle lifecycle, MeterRegistry meters) {
    return new TaskDrain(lifecycle, meters);
  }

  @Provides
  @Singleton
  Drains drains(
      DaemonSettings settings,
      TaskDrain taskDrain,
      Sla sla,
      Writes writes,
      TermModule.TermLoops loops,
      Clock clock,
      Replica replica,
      MeterRegistry meters) {
    return new Drains(
        settings.maintenance().interval(),
        taskDrain,
        sla,
        writes,
        loops.writer(),
        clock,
        replica::durable,
        meters);
  }

  @Provides
  @Singleton
  Maintenance maintenance(TaskDrain taskDrain, Drains drains, SlaSettings sla) {
    return new Maintenance(taskDrain, drains, sla.batchSize());
  }

  @Provides
  @Singleton
  MaintenanceHandler handler(
      Writes writes, Replica replica, Maintenance maintenance, Drains drains) {
    return new MaintenanceHandler(writes, replica::durable, maintenance, drains);
  }

  @Provides
  @Singleton
  SlaStats slaStats(
      DaemonSettings settings,
      TierRegistry tiers,
      Replica replica,
      TermModule.TermLoops loops,
      Clock clock,
      MeterRegistry meters) {
    return new SlaStats(
        SchedulerSettings.slaStats(settings),
        tiers::isProduction,
        replica::durable,
        loops.writer(),
        loops.snapshots(),
        clock,
        meters);
  }
}
