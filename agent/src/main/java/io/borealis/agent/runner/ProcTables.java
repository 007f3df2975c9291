package io.borealis.agent.runner;

import io.borealis.agent.process.ProcTable;
import io.borealis.runtime.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the processes of this machine for all tasks together, so that many tasks cost no more
 * than one. Thread-safe.
 */
public final class ProcTables implements Supplier<ProcTable> {
  private static final Duration KEPT = Duration.ofSeconds(1);

  /** Looks follow each other no faster than this, whoever asks. */
  private static final Duration PACE = Duration.ofMillis(200);

  private final Supplier<ProcTable> reader;
  private final Clock clock;
  private @Nullable Look last;

  /**
   * @param reader reads all processes
   */
  public ProcTables(Supplier<ProcTable> reader, Clock clock) {
    this.reader = reader;
    this.clock = clock;
  }

  /** The processes as they were at most a second ago. */
  @Override
  public ProcTable get() {
    return recent().table();
  }

  /** The same, with the time of the look. */
  synchronized Look recent() {
    return atMost(KEPT);
  }

  /**
   * A look that is newer than the time if there may be one, else the last. Ask again a little
   * later.
   *
   * @param nanos on the monotonic clock
   */
  synchronized Look after(long nanos) {
    Look look = last;
    return look != null && look.nanos() - nanos > 0 ? look : atMost(PACE);
  }

  private Look atMost(Duration age) {
    long now = clock.nanoTime();
    Look look = last;
    if (look == null || now - look.nanos() >= age.toNanos()) {
      look = new Look(reader.get(), now);
      last = look;
    }
    return look;
  }

  /**
   * The processes at one time.
   *
   * @param nanos when the look began, on the monotonic clock
   */
  record Look(ProcTable table, long nanos) {}
}
