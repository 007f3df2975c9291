package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what preemption does, under the names of section 7.3. Thread-safe. */
final class PreemptionMeters {
  private final MeterRegistry meters;
  private final TierRegistry tiers;
  private final Counter runs;
  private final Counter unmatched;
  private final Counter missingAttributes;
  private final Counter validated;
  private final Counter invalid;

  PreemptionMeters(MeterRegistry meters, TierRegistry tiers) {
    this.meters = meters;
    this.tiers = tiers;
    this.runs = meters.counter("preemptor_task_processor_runs");
    this.unmatched = meters.counter("preemptor_unmatched_tasks");
    this.missingAttributes = meters.counter("preemptor_missing_attributes");
    this.validated = meters.counter("preemptor_slot_validation_successful");
    this.invalid = meters.counter("preemptor_slot_validation_failed");
    // So that those who watch them see them before anything happens.
    for (String kind : ImmutableList.of("prod", "non_prod")) {
      count("preemptor_slot_search_attempts_for_" + kind, 0);
      count("preemptor_slot_search_successful_for_" + kind, 0);
      count("preemptor_slot_search_failed_for_" + kind, 0);
      count("preemptor_tasks_preempted_" + kind, 0);
    }
  }

  /** A search has ended. */
  void searched(SlotSearch.Answer answer) {
    runs.increment();
    missingAttributes.increment(answer.withoutAttributes());
    for (SlotSearch.Outcome outcome : answer.outcomes()) {
      int failed = outcome.failed() ? 1 : 0;
      String kind = kind(outcome.config());
      String job = job(outcome.config());
      count("preemptor_slot_search_attempts_for_" + kind, outcome.found() + failed);
      count("preemption_slot_search_attempts_for_" + job, outcome.found() + failed);
      if (outcome.found() > 0) {
        count("preemptor_slot_search_successful_for_" + kind, outcome.found());
        count("preemptor_slot_search_successful_for_" + job, outcome.found());
      }
      if (failed > 0) {
        count("preemptor_slot_search_failed_for_" + kind, 1);
        count("preemptor_slot_search_failed_for_" + job, 1);
        unmatched.increment();
      }
    }
  }

  /** A second look at a slot has ended. */
  void validated(TaskConfig pending, boolean successful) {
    (successful ? validated : invalid).increment();
    count(
        "preemptor_slot_validation_"
            + (successful ? "successful" : "failed")
            + "_for_"
            + job(pending),
        1);
  }

  /** A task has been told to leave. */
  void displaced(TaskConfig pending, TaskConfig victim) {
    count("preemptor_tasks_preempted_" + kind(victim), 1);
    count("preemptor_tasks_preempted_" + job(victim), 1);
    count("preemptor_task_preemptor_" + job(pending), 1);
  }

  private void count(String name, int times) {
    meters.counter(name).increment(times);
  }

  private String kind(TaskConfig config) {
    return tiers.isProduction(config) ? "prod" : "non_prod";
  }

  private static String job(TaskConfig config) {
    return JobPath.of(config.job());
  }
}
