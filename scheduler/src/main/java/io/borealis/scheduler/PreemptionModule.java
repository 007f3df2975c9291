package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.preemption.ClaimedAgents;
import io.borealis.scheduler.preemption.PreemptionSettings;
import io.borealis.scheduler.preemption.Preemptor;
import io.borealis.scheduler.scheduling.Demands;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.MeterRegistry;

/** What makes room for tasks that wait, for the time of one term. */
final class PreemptionModule extends AbstractModule {
  private final TermModule.TermLoops loops;

  PreemptionModule(TermModule.TermLoops loops) {
    this.loops = loops;
  }

  @Provides
  @Singleton
  ClaimedAgents claims(PreemptionSettings settings, Clock clock, MeterRegistry meters) {
    return new ClaimedAgents(settings.reservation(), loops.scheduling(), clock, meters);
  }

  @Provides
  @Singleton
  Preemptor preemptor(
      PreemptionSettings settings,
      Clock clock,
      Replica replica,
      Writes writes,
      TaskLifecycle lifecycle,
      Matcher matcher,
      TierRegistry tiers,
      Demands demands,
      OfferBook offers,
      Reservations reservations,
      ClaimedAgents claims,
      MeterRegistry meters) {
    return Preemptor.create(
        settings,
        loops.scheduling(),
        loops.snapshots(),
        clock,
        replica::durable,
        writes,
        lifecycle,
        matcher,
        tiers,
        demands::of,
        offers,
        reservations,
        claims,
        meters);
  }
}
