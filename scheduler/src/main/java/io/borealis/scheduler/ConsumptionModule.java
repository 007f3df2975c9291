package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.config.DaemonSettings;
import io.borealis.scheduler.TermModule.TermLoops;
import io.borealis.scheduler.quota.ConsumptionGauges;
import io.borealis.scheduler.store.Replica;
import io.micrometer.core.instrument.MeterRegistry;

/** What counts the consumption of roles. */
final class ConsumptionModule extends AbstractModule {
  @Provides
  @Singleton
  ConsumptionGauges consumption(
      DaemonSettings settings, Replica replica, TermLoops loops, MeterRegistry meters) {
    return new ConsumptionGauges(
        replica::durable,
        loops.writer(),
        loops.snapshots(),
        settings.consumption().interval(),
        meters);
  }
}
