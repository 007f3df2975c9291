package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.VariableBatchJobUpdateStrategy;

/** How many instances an update begins next (update rules, section 6). Pure. */
final class Groups {
  private Groups() {}

  /**
   * How many instances to begin now.
   *
   * @param size instances of the update
   * @param started instances begun in this pass
   * @param working instances under way
   * @param rollback whether this pass goes back
   * @throws IllegalArgumentException when the strategy has no sizes it can work with; it would hold
   *     the update up for ever
   */
  static int next(
      JobUpdateStrategy strategy, int size, int started, int working, boolean rollback) {
    if (!isUsable(strategy)) {
      throw new IllegalArgumentException("Update group size(s) must be positive.");
    }
    int left = size - started;
    int wanted;
    if (strategy instanceof JobUpdateStrategy.QueueStrategy queue) {
      wanted = queue.value().groupSize() - working;
    } else if (working > 0) {
      wanted = 0;
    } else if (strategy instanceof JobUpdateStrategy.BatchStrategy batch) {
      wanted = batch.value().groupSize();
    } else if (strategy instanceof JobUpdateStrategy.VarBatchStrategy variable) {
      ImmutableList<Integer> sizes = variable.value().groupSizes();
      wanted = rollback ? backward(sizes, left) : forward(sizes, started);
    } else {
      throw new AssertionError(strategy);
    }
    return Math.max(0, Math.min(wanted, left));
  }

  /**
   * How many groups a pass forward makes of the first instances.
   *
   * @param size instances of the update
   * @param begun the instances counted
   */
  static int count(JobUpdateStrategy strategy, int size, int begun) {
    int groups = 0;
    for (int started = 0; started < begun; started += next(strategy, size, started, 0, false)) {
      groups++;
    }
    return groups;
  }

  private static int forward(ImmutableList<Integer> sizes, int started) {
    long end = 0;
    for (int size : sizes) {
      end += size;
      if (end > started) {
        return size;
      }
    }
    return sizes.get(sizes.size() - 1);
  }

  /** The forward groups in reverse, a partial last one first. */
  private static int backward(ImmutableList<Integer> sizes, int left) {
    int rest = left;
    for (int size : sizes) {
      if (rest <= size) {
        return rest;
      }
      rest -= size;
    }
    int last = sizes.get(sizes.size() - 1);
    int over = rest % last;
    return over == 0 ? last : over;
  }

  /** Whether an update pauses by itself before each group but the first. */
  static boolean autoPauses(JobUpdateStrategy strategy) {
    return (strategy instanceof JobUpdateStrategy.BatchStrategy batch
            && batch.value().autopauseAfterBatch())
        || (strategy instanceof JobUpdateStrategy.VarBatchStrategy variable
            && variable.value().autopauseAfterBatch());
  }

  /** Whether the strategy has sizes it can work with. */
  static boolean isUsable(JobUpdateStrategy strategy) {
    if (strategy instanceof JobUpdateStrategy.QueueStrategy queue) {
      return positive(queue.value());
    } else if (strategy instanceof JobUpdateStrategy.BatchStrategy batch) {
      return batch.value().groupSize() > 0;
    }
    return strategy instanceof JobUpdateStrategy.VarBatchStrategy variable
        && usable(variable.value());
  }

  private static boolean positive(QueueJobUpdateStrategy queue) {
    return queue.groupSize() > 0;
  }

  private static boolean usable(VariableBatchJobUpdateStrategy variable) {
    return !variable.groupSizes().isEmpty()
        && variable.groupSizes().stream().allMatch(size -> size > 0);
  }
}
