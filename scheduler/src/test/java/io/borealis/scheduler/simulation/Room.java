package io.borealis.scheduler.simulation;

import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;

/**
 * What an offer has left while tasks are put on it, counted kind by kind (scheduling rules, section
 * 1). For one thread.
 */
final class Room {
  /** What the executor of every task needs beside it. */
  private static final ResourceVector EXECUTOR = ResourceVector.of(0.25, 128, 0, 0);

  private ResourceVector firm;
  private long revocableMilliCpus;

  Room(Offer offer) {
    firm = offer.resources();
    revocableMilliCpus = offer.revocable().milliCpus();
  }

  /** What a task takes of its host. */
  static Demand demand(TaskConfig config) {
    ResourceVector own = ResourceVector.of(config);
    ExecutorConfig executor = config.executorConfig();
    return new Demand(
        executor == null ? own : own.plus(EXECUTOR), isRevocable(config), true, false);
  }

  /** What a task leaves behind. */
  static Capacity held(TaskConfig config) {
    ResourceVector amounts = demand(config).amounts();
    return isRevocable(config)
        ? new Capacity(firmPart(amounts), ResourceVector.of(amounts.cpus(), 0, 0, 0))
        : new Capacity(amounts, ResourceVector.ZERO);
  }

  /** All but the CPUs. */
  private static ResourceVector firmPart(ResourceVector amounts) {
    return new ResourceVector(
        0, amounts.ramMb(), amounts.diskMb(), amounts.ports(), amounts.gpus(), amounts.ipAddrs());
  }

  private static boolean isRevocable(TaskConfig config) {
    return "revocable".equals(config.tier());
  }

  /** Puts the task there; false if there is not enough for it. */
  boolean take(TaskConfig config) {
    ResourceVector amounts = demand(config).amounts();
    ResourceVector ofFirm = amounts;
    if (isRevocable(config)) {
      ofFirm = firmPart(amounts);
      revocableMilliCpus -= amounts.milliCpus();
    }
    firm = firm.minus(ofFirm);
    return revocableMilliCpus >= 0 && ResourceVector.ZERO.fitsIn(firm);
  }
}
