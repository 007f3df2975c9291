package io.borealis.scheduler.update;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws how an update shall run. */
public final class RandomAsk {
  private RandomAsk() {}

  /**
   * Words about the pace of an update and what it tolerates.
   *
   * @param watch how long instances must run where that is asked for
   * @param pulses how long an update waits for pulses where that is asked for
   */
  public static List<Ask.Word> draw(Random random, Duration watch, Duration pulses) {
    List<Ask.Word> words = new ArrayList<>();
    words.add(strategy(random));
    words.add(Ask.watch(random.nextInt(10) < 3 ? Duration.ZERO : watch));
    words.add(Ask.toleratedExits(random.nextInt(3)));
    words.add(Ask.toleratedFailures(random.nextInt(3)));
    if (random.nextInt(10) < 3) {
      words.add(Ask.noRollback());
    }
    if (random.nextInt(10) < 3) {
      words.add(Ask.pulsed(pulses));
    }
    return words;
  }

  private static Ask.Word strategy(Random random) {
    int size = 1 + random.nextInt(4);
    return switch (random.nextInt(6)) {
      case 0 -> Ask.batch(size);
      case 1 -> Ask.pausingBatch(size);
      case 2 -> Ask.batches(sizes(random));
      case 3, 4 -> Ask.pausingBatches(sizes(random));
      default -> Ask.group(size);
    };
  }

  private static Integer[] sizes(Random random) {
    Integer[] sizes = new Integer[1 + random.nextInt(4)];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = 1 + random.nextInt(3);
    }
    return sizes;
  }
}
