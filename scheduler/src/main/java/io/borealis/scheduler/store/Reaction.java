package io.borealis.scheduler.store;

/**
 * Follow-up work in the transaction that causes it. Called on the writer's thread, in causal order,
 * once for each task change of the transaction, including those that reactions make.
 */
public interface Reaction {
  /** Reacts to one task change. What it throws discards this reaction's changes alone. */
  void onTaskChange(WriteTransaction transaction, TaskChange change);

  /** Records, in the same transaction, that the reaction to the change failed. */
  void onFailure(WriteTransaction transaction, TaskChange change, RuntimeException failure);
}
