package io.borealis.scheduler.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.common.collect.ImmutableList;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.slf4j.LoggerFactory;

/**
 * Many short histories of whole clusters of schedulers, each from a seed that replays it: {@code
 * -Dborealis.simulation.seed=N} lives through that one alone, {@code
 * -Dborealis.simulation.histories=N} through so many new ones, {@code
 * -Dborealis.simulation.minutes=N} through new ones for so long.
 */
public class SimulationTest {
  /** So that a build of one commit gives the same result each time; new ones are asked for. */
  private static final int FIXED = 250;

  /** Histories that once broke a promise. */
  private static final ImmutableList<Long> MET =
      ImmutableList.of(1471522052L, 251214587L, 224451771L);

  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.borealis.scheduler");

  private final @Nullable Level level = LOG.getLevel();

  /** Everything that can be warned of happens all the time. */
  @Before
  public void quiet() {
    LOG.setLevel(Level.OFF);
  }

  @After
  public void loud() {
    LOG.setLevel(level);
  }

  @Test
  public void whateverGoesWrongEveryPromiseIsKept() {
    Long replayed = Long.getLong("borealis.simulation.seed");
    Long minutes = Long.getLong("borealis.simulation.minutes");
    if (replayed != null) {
      live(replayed);
    } else if (minutes != null) {
      soak(minutes);
    } else {
      int more = Integer.getInteger("borealis.simulation.histories", 0);
      LongStream seeds = new Random().longs(more, 0, Integer.MAX_VALUE);
      LongStream.concat(
              LongStream.concat(
                  LongStream.rangeClosed(1, FIXED), MET.stream().mapToLong(Long::longValue)),
              seeds)
          .parallel()
          .forEach(SimulationTest::live);
    }
  }

  @Test
  public void aSeedIsAlwaysTheSameHistory() {
    for (long seed = 1; seed <= 3; seed++) {
      Trace first = live(seed);
      Trace second = live(seed);
      assertThat(second.lines()).as("seed %s", seed).isEqualTo(first.lines());
      assertThat(second.digest()).isEqualTo(first.digest());
    }
    assertThat(live(1).digest()).isNotEqualTo(live(2).digest());
  }

  private static void soak(long minutes) {
    long end = System.nanoTime() + minutes * 60_000_000_000L;
    long histories =
        new Random()
            .longs(0, Integer.MAX_VALUE)
            .parallel()
            .takeWhile(seed -> System.nanoTime() - end < 0)
            .peek(SimulationTest::live)
            .count();
    System.out.println(histories + " histories kept every promise");
  }

  private static Trace live(long seed) {
    Simulation simulation = new Simulation(seed);
    try {
      simulation.run();
      return simulation.trace();
    } catch (AssertionError | RuntimeException broken) {
      throw new AssertionError(
          "Replay with -Dborealis.simulation.seed=%d: %s%n%s"
              .formatted(seed, broken.getMessage(), String.join("\n", simulation.trace().lines())),
          broken);
    }
  }
}
