package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.borealis.scheduler.metrics.Gauges;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.Locale;

/** What is counted of attempts and offers, under the names of Aurora. Thread-safe. */
final class SchedulingMeters {
  final Counter fired;
  final Counter noMatch;
  final Counter failed;
  final Counter launchFailures;
  final Counter acceptRaces;
  final Counter received;
  final Counter rescinded;
  final Counter unknownRescinded;
  private final Counter evaluated;
  private final Counter staticVetoes;
  private final Counter dynamicVetoes;
  private final ImmutableMap<Veto.Kind, Counter> vetoes;
  private final DistributionSummary penalty;

  SchedulingMeters(MeterRegistry meters, OfferBook offers) {
    fired = meters.counter("schedule_attempts_fired");
    noMatch = meters.counter("schedule_attempts_no_match");
    failed = meters.counter("schedule_attempts_failed");
    launchFailures = meters.counter("assigner_launch_failures");
    acceptRaces = meters.counter("offer_accept_races");
    received = meters.counter("scheduler_resource_offers");
    rescinded = meters.counter("offers_rescinded");
    unknownRescinded = meters.counter("offer_cancel_failures");
    evaluated = meters.counter("veto_evaluated_offers");
    staticVetoes = meters.counter("scheduling_veto_static");
    dynamicVetoes = meters.counter("scheduling_veto_dynamic");
    vetoes =
        Maps.toMap(
            Arrays.asList(Veto.Kind.values()),
            kind -> meters.counter("scheduling_veto_" + kind.name().toLowerCase(Locale.ROOT)));
    penalty = DistributionSummary.builder("scheduled_task_penalty").baseUnit("ms").register(meters);
    Gauges.replace(meters, "outstanding_offers", offers, OfferBook::size);
    Gauges.replace(meters, "globally_banned_offers_size", offers, OfferBook::bans);
  }

  /** An offer does not suit a group. */
  void vetoed(ImmutableList<Veto> set) {
    evaluated.increment();
    boolean isDynamic = false;
    for (Veto veto : set) {
      vetoes.get(veto.kind()).increment();
      isDynamic |= veto.kind() == Veto.Kind.LIMIT_NOT_SATISFIED;
    }
    (isDynamic ? dynamicVetoes : staticVetoes).increment();
  }

  /** A group waits for its next attempt. */
  void penalized(long nanos) {
    penalty.record(nanos / 1e6);
  }
}
