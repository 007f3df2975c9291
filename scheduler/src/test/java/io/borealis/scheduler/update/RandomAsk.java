package io.borealis.scheduler.update;

import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.SlaPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

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
    if (random.nextInt(10) < 4) {
      words.add(Ask.slaAware());
    }
    return words;
  }

  /** A policy that lets at least one of three instances go; null for none. */
  public static @Nullable SlaPolicy policy(Random random) {
    int seconds = random.nextInt(3);
    return switch (random.nextInt(8)) {
      case 0, 1 -> new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(random.nextInt(3), seconds));
      case 2, 3 ->
          new SlaPolicy.PercentageSlaPolicy(
              new PercentageSlaPolicy(20 * (1 + random.nextInt(3)), seconds));
      case 4, 5 ->
          new SlaPolicy.CoordinatorSlaPolicy(
              new CoordinatorSlaPolicy("http://coordinator-" + random.nextInt(2) + "/", "drain"));
      default -> null;
    };
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
