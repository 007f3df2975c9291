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
  /** The code of this kind, for programs. */
  String reason();

  /**
   * No pulse has come yet.
   *
   * @param sinceMs when it began to wait, in milliseconds since the epoch
   * @param timeoutMs longest time between two pulses
   */
  record FirstPulse(long sinceMs, long timeoutMs) implements Wait {
    @Override
    public String reason() {
      return "AWAITING_FIRST_PULSE";
    }
  }

  /**
   * Pulses have stopped.
   *
   * @param expiredForMs how long ago the next pulse was due
   * @param timeoutMs longest time between two pulses
   */
  record Pulse(long expiredForMs, long timeoutMs) implements Wait {
    @Override
    public String reason() {
      return "PULSE_EXPIRED";
    }
  }

  /** Somebody paused it, saying this. */
  record Resume(@Nullable String user, @Nullable String message, long sinceMs) implements Wait {
    @Override
    public String reason() {
      return "PAUSED";
    }
  }

  /**
   * It paused by itself between two batches.
   *
   * @param batch how many batches are done
   * @param batches how many there are
   */
  record ResumeAfterBatch(int batch, int batches, long sinceMs) implements Wait {
    @Override
    public String reason() {
      return "AUTO_PAUSED";
    }
  }

  /**
   * New tasks have no place yet.
   *
   * @param status PENDING or THROTTLED
   * @param sinceMs how long the first of them has been so
   * @param because what hinders them
   */
  record Place(
      ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs, String because)
      implements Wait {
    @Override
    public String reason() {
      return "TASKS_NOT_PLACED";
    }
  }

  /** New tasks have their place but do not run, or not any more. */
  record Running(ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs)
      implements Wait {
    @Override
    public String reason() {
      return "TASKS_NOT_RUNNING";
    }
  }

  /** Tasks that are to go have not ended. */
  record End(ImmutableList<Integer> instances, ScheduleStatus status, long sinceMs)
      implements Wait {
    @Override
    public String reason() {
      return "TASKS_NOT_ENDED";
    }
  }

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
      implements Wait {
    @Override
    public String reason() {
      return "SLA";
    }
  }

  /**
   * New tasks run, but not yet for long enough.
   *
   * @param leftMs how much longer the first of them has to
   */
  record Watch(ImmutableList<Integer> instances, long leftMs) implements Wait {
    @Override
    public String reason() {
      return "WATCHING";
    }
  }
}
