package io.borealis.scheduler.cron;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts what becomes of runs, under the names of operations, section 8.2. Thread-safe.
 *
 * @param triggers runs that were triggered
 * @param misfires those of jobs that were gone by then
 * @param parseFailures those of jobs whose schedule cannot be read
 * @param collisions those that met tasks of an earlier run
 * @param concurrentRuns those dropped, as a run was waiting already
 * @param launchFailures those that could not be begun, and jobs that cannot be scheduled
 */
record CronMetrics(
    Counter triggers,
    Counter misfires,
    Counter parseFailures,
    Counter collisions,
    Counter concurrentRuns,
    Counter launchFailures) {
  static CronMetrics of(MeterRegistry meters) {
    return new CronMetrics(
        meters.counter("cron_job_triggers"),
        meters.counter("cron_job_misfires"),
        meters.counter("cron_job_parse_failures"),
        meters.counter("cron_job_collisions"),
        meters.counter("cron_job_concurrent_runs"),
        meters.counter("cron_job_launch_failures"));
  }
}
