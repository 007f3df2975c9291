package io.borealis.scheduler.store;

import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The order in which an update visits its instances, and the configuration each has before and
 * after; computed once from the instructions. Immutable.
 *
 * <p>Forward: instances to create, then to replace, then to remove, each ascending. Backward: the
 * exact reverse (instance order of the update rules).
 */
public final class UpdatePlan {
  private final int[] order;
  private final Map<Integer, TaskConfig> initial;
  private final Map<Integer, Boolean> desired;
  private final @Nullable TaskConfig target;

  private UpdatePlan(
      int[] order,
      Map<Integer, TaskConfig> initial,
      Map<Integer, Boolean> desired,
      @Nullable TaskConfig target) {
    this.order = order;
    this.initial = initial;
    this.desired = desired;
    this.target = target;
  }

  /** Derives the plan of an update. */
  public static UpdatePlan of(JobUpdateInstructions instructions) {
    Map<Integer, TaskConfig> initial = new HashMap<>();
    for (InstanceTaskConfig group : instructions.initialState()) {
      forEach(group, id -> initial.put(id, group.task()));
    }
    Map<Integer, Boolean> desired = new HashMap<>();
    InstanceTaskConfig wanted = instructions.desiredState();
    if (wanted != null) {
      forEach(wanted, id -> desired.put(id, true));
    }
    TreeSet<Integer> all = new TreeSet<>(initial.keySet());
    all.addAll(desired.keySet());
    int[] order = new int[all.size()];
    int next = 0;
    for (int rank = 0; rank < 3; rank++) {
      for (int id : all) {
        int of = !initial.containsKey(id) ? 0 : desired.containsKey(id) ? 1 : 2;
        if (of == rank) {
          order[next++] = id;
        }
      }
    }
    return new UpdatePlan(order, initial, desired, wanted == null ? null : wanted.task());
  }

  /** Number of instances the update covers. */
  public int size() {
    return order.length;
  }

  /** The instance at a position of a pass, 0 ≤ position &lt; size. */
  public int instanceAt(int position, boolean rollback) {
    return order[rollback ? order.length - 1 - position : position];
  }

  /** Whether the update covers the instance. */
  public boolean covers(int instance) {
    return initial.containsKey(instance) || desired.containsKey(instance);
  }

  /** The configuration a pass wants for the instance; null when it shall not exist. */
  public @Nullable TaskConfig targetOf(int instance, boolean rollback) {
    if (rollback) {
      return initial.get(instance);
    }
    return desired.containsKey(instance) ? target : null;
  }

  /** All covered instances, in forward order. */
  public int[] instances() {
    return Arrays.copyOf(order, order.length);
  }

  private static void forEach(InstanceTaskConfig group, java.util.function.IntConsumer action) {
    for (Range range : group.instances()) {
      for (int id = range.first(); id <= range.last(); id++) {
        action.accept(id);
      }
    }
  }
}
