package io.borealis.scheduler.simulation;

import java.util.Random;

/**
 * What a history is about beside plain jobs and their updates. Drawn from a source of its own, so
 * that histories without any of it stay as they are whatever is added here. Immutable.
 *
 * @param placement racks, a dedicated host, little room, and tasks with constraints
 * @param maintenance hosts that are taken out of service and come back
 * @param quota production that is bounded by quotas that change
 */
record Parts(boolean placement, boolean maintenance, boolean quota) {
  static final Parts NONE = new Parts(false, false, false);

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
    return new Parts(placement, random.nextInt(5) < 2, placement && random.nextInt(5) < 2);
  }

  /** Whether there may be no room for all. */
  boolean isTight() {
    return placement || maintenance;
  }

  boolean any() {
    return !equals(NONE);
  }
}
