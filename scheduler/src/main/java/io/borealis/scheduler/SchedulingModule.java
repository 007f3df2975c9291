package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.SchedulingSettings;
import io.borealis.scheduler.scheduling.SlotStatistics;
import io.micrometer.core.instrument.MeterRegistry;

/** The offers of a term and what is counted of them. */
final class SchedulingModule extends AbstractModule {
  private final EventLoop loop;

  SchedulingModule(EventLoop schedulingLoop) {
    this.loop = schedulingLoop;
  }

  @Provides
  @Singleton
  OfferBook offers(SchedulingSettings settings) {
    return new OfferBook(settings.offerOrder());
  }

  @Provides
  @Singleton
  SlotStatistics slots(DaemonSettings settings, OfferBook offers, MeterRegistry meters) {
    return new SlotStatistics(
        settings.scheduling().slotStatInterval(),
        loop,
        offers,
        settings.scheduling().revocableRam(),
        meters);
  }
}
