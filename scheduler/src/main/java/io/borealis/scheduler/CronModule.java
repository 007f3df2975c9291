package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cron.CronPolicy;
import io.borealis.scheduler.cron.CronRunner;
import io.borealis.scheduler.cron.CronTimer;
import io.borealis.scheduler.cron.CronTimetables;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.micrometer.core.instrument.MeterRegistry;

/** What runs cron jobs in a term. */
final class CronModule extends AbstractModule {
  @Provides
  @Singleton
  CronTimetables timetables(CronPolicy policy) {
    return new CronTimetables(policy.zone());
  }

  @Provides
  @Singleton
  CronRunner runner(
      CronPolicy policy,
      CronTimetables timetables,
      TaskLifecycle lifecycle,
      Clock clock,
      MeterRegistry meters) {
    return new CronRunner(policy, timetables, lifecycle, clock, meters);
  }

  @Provides
  @Singleton
  CronTimer timer(
      CronPolicy policy,
      CronTimetables timetables,
      CronRunner runner,
      Replica replica,
      Writes writes,
      TermModule.TermLoops loops,
      Clock clock,
      MeterRegistry meters) {
    return new CronTimer(
        policy,
        timetables,
        runner,
        replica::durable,
        writes,
        loops.writer(),
        loops.snapshots(),
        clock,
        meters);
  }
}
