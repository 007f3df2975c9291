package io.borealis.scheduler.simulation;

import java.util.Random;

/**
 * What a history is about beside plain jobs and their updates. Drawn from a source of its own, so
 * that histories without any of it stay as they are whatever is added here. Immutable.
 *
 * @param placement racks, a dedicated host, little room, and tasks with constraints
 * @param affinity places that are kept for those whom an update replaces
 * @param preemption tasks that give way to others
 * @param maintenance hosts that are taken out of service and come back
 * @param quota production that is bounded by quotas that change
 * @param cron jobs that run by the clock
 */
record Parts(
    boolean placement,
    boolean affinity,
    boolean preemption,
    boolean maintenance,
    boolean quota,
    boolean cron) {
  static final Parts NONE = new Parts(false, false, false, false, false, false);

  static Parts draw(long seed) {
    Random random = new Random(seed * 7919 + 17);
    // The first numbers of like seeds are alike.
    for (int i = 0; i < 3; i++) {
      var unused = random.nextInt();
    }
    if (random.nextInt(5) < 2) {
      return NONE;
    }
    boolean placement = random.nextInt(4) > 0;
    boolean preemption = placement && random.nextBoolean();
    return new Parts(
        placement,
        placement && random.nextInt(4) == 0,
        preemption,
        random.nextInt(5) < 2,
        preemption || (placement && random.nextInt(4) == 0),
        random.nextInt(3) == 0);
  }

  /** Whether there may be no room for all. */
  boolean isTight() {
    return placement || maintenance || cron;
  }

  boolean any() {
    return !equals(NONE);
  }
}
