package io.borealis.scheduler.store;

import io.borealis.api.HostAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Follow-up work in the transaction that causes it. Called on the writer's thread, in causal order,
 * once for each task change of the transaction, including those that reactions make.
 */
public interface Reaction {
  /** Reacts to one task change. What it throws discards this reaction's changes alone. */
  void onTaskChange(WriteTransaction transaction, TaskChange change);

  /**
   * Reacts to what was saved of a host; called after the reactions to the task changes that came
   * before. What it throws is logged by the caller and undone.
   *
   * @param before null for a host that was not known
   */
  default void onHostChange(
      WriteTransaction transaction, @Nullable HostAttributes before, HostAttributes after) {}

  /** Records, in the same transaction, that the reaction to the change failed. */
  void onFailure(WriteTransaction transaction, TaskChange change, RuntimeException failure);
}
