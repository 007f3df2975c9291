package io.borealis.scheduler.cron;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * How cron jobs are run. Immutable.
 *
 * @param zone where schedules are read
 * @param catchUp a new leader makes up the newest instant of a job that passed so long before it
 *     took over, at most
 * @param batchSize most jobs begun in one transaction
 * @param maxTasks most tasks of a run
 */
public record CronPolicy(ZoneId zone, Duration catchUp, int batchSize, int maxTasks) {
  /** What a scheduler without any settings does. */
  public static final CronPolicy DEFAULT =
      new CronPolicy(ZoneOffset.UTC, Duration.ofMinutes(1), 10, 4000);
}
