/**
 * Cron jobs: schedules, and the runs that they and operators begin.
 *
 * <p>{@link io.borealis.scheduler.cron.CronSchedule} is a schedule as a set of minutes, {@link
 * io.borealis.scheduler.cron.CronTimetable} is one in a time zone. {@link
 * io.borealis.scheduler.cron.CronRunner} runs jobs inside transactions; {@link
 * io.borealis.scheduler.cron.CronTimer} finds out when they are due.
 *
 * <p>Threads: runner and timer are for the writer's loop, the rest is immutable or thread-safe.
 *
 * <p>Invariants: an instant of a job's schedule is fired at most once, whoever leads, since the
 * instant and the run are stored in one transaction; a job has at most one run that waits.
 */
@NullMarked
package io.borealis.scheduler.cron;

import org.jspecify.annotations.NullMarked;
