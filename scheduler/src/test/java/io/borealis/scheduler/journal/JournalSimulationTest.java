package io.borealis.scheduler.journal;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.Test;

/**
 * Many short histories of the journal under faults, each from a seed that replays it: {@code
 * -Dborealis.journal.seed=N} lives through that one alone, {@code -Dborealis.journal.histories=N}
 * through so many new ones.
 */
public class JournalSimulationTest {
  private static final int STEPS = 300;
  private static final int FIXED = 100;

  @Test
  public void historiesWithoutPeaceKeepEveryPromise() {
    seeds().forEach(JournalSimulationTest::live);
  }

  private static LongStream seeds() {
    Long replayed = Long.getLong("borealis.journal.seed");
    if (replayed != null) {
      return LongStream.of(replayed);
    }
    int more = Integer.getInteger("borealis.journal.histories", 20);
    return LongStream.concat(
        LongStream.rangeClosed(1, FIXED), new Random().longs(more, 0, Integer.MAX_VALUE));
  }

  private static void live(long seed) {
    try {
      new JournalSimulation(seed).run(STEPS);
    } catch (AssertionError | RuntimeException broken) {
      throw new AssertionError(
          "Replay with -Dborealis.journal.seed=%d: %s".formatted(seed, broken.getMessage()),
          broken);
    }
  }
}
