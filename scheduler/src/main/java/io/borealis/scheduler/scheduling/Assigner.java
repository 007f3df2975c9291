package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.WriteTransaction;

/** Makes a pending task an assigned one. Called on the writer's thread. */
@FunctionalInterface
public interface Assigner {
  /** Assigns the task in the transaction and returns it as it is then. */
  ScheduledTask assign(
      WriteTransaction transaction,
      String taskId,
      String host,
      String agentId,
      ImmutableMap<String, Integer> ports);
}
