package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.sla.SlaDenial;
import org.jspecify.annotations.Nullable;

/**
 * One thing an update waits for. The names of the kinds and of their members are what programs
 * read; {@link Sentences} has the words for people. Immutable.
 */
public sealed interface Wait {
  /**
   * No pulse has come yet.
   *
   * @param sinceMs when it began to wait, in milliseconds since the epoch
   * @param timeoutMs longest time between two pulses
   */
  record FirstPulse(long sinceMs, long timeoutMs) implements Wait {}

  /**
   * Pulses have stopped.
   *
   * @param expiredForMs how long ago the next pulse was due
   * @param timeoutMs longest time between two pulses
   */
  record Pulse(long expiredForMs, long timeoutMs) implements Wait {}

  /** Somebody paused it, saying this. */
  record Resume(@Nullable String user, @Nullable String message, long sinceMs) implements Wait {}

  /**
   * It paused by itself between two batches.
   *
   * @param batch how many batches are done
   * @param batches how many there are
   */
  record ResumeAfterBatch(int batch, int batches, long sinceMs) implements Wait {}

  /**
   * New tasks have no place yet.
   *
   * @param status PENDING or THROTTLED
   * @param sinceMs how long the first of them has been so
   * @param because what hinders them
   */
  record Place(
      ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs, String because)
      implements Wait {}

  /** New tasks have their place but do not run, or not any more. */
  record Running(ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs)
      implements Wait {}

  /** Tasks that are to go have not ended. */
  record End(ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs)
      implements Wait {}

  /**
   * Old tasks may not be taken down yet.
   *
   * @param sinceMs since when this leader has been trying
   * @param nextAttemptMs when it tries again at the latest
   * @param denial why the last attempt failed; null before its end
   */
  record Sla(
      ImmutableList<Integer> instances,
      long sinceMs,
      long nextAttemptMs,
      @Nullable SlaDenial denial)
      implements Wait {}

  /**
   * New tasks run, but not yet for long enough.
   *
   * @param leftMs how much longer the first of them has to
   */
  record Watch(ImmutableList<Integer> instances, long leftMs) implements Wait {}

  /** The code of this kind, for programs. */
  default String reason() {
    if (this instanceof FirstPulse) {
      return "AWAITING_FIRST_PULSE";
    } else if (this instanceof Pulse) {
      return "PULSE_EXPIRED";
    } else if (this instanceof Resume) {
      return "PAUSED";
    } else if (this instanceof ResumeAfterBatch) {
      return "AUTO_PAUSED";
    } else if (this instanceof Place) {
      return "TASKS_NOT_PLACED";
    } else if (this instanceof Running) {
      return "TASKS_NOT_RUNNING";
    } else if (this instanceof End) {
      return "TASKS_NOT_ENDED";
    } else if (this instanceof Sla) {
      return "SLA";
    }
    return "WATCHING";
  }
}
