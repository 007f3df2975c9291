package io.borealis.agent.plan;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.Maps;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads constraints on the order of processes, and refuses those that cannot be kept. Pure. */
final class PlanOrder {
  private final ImmutableMap<String, PlannedProcess> processes;

  private PlanOrder(ImmutableMap<String, PlannedProcess> processes) {
    this.processes = processes;
  }

  /** The processes by name, in order; of several with one name the last counts. */
  static ImmutableMap<String, PlannedProcess> byName(Collection<PlannedProcess> processes) {
    Map<String, PlannedProcess> byName = new LinkedHashMap<>();
    for (PlannedProcess process : processes) {
      byName.put(process.name(), process);
    }
    return ImmutableMap.copyOf(byName);
  }

  /**
   * For each process those that must have finished before it starts.
   *
   * @throws InvalidPlanException if there can be no such order
   */
  static ImmutableSetMultimap<String, String> predecessors(
      ImmutableMap<String, PlannedProcess> processes, List<? extends List<String>> orders)
      throws InvalidPlanException {
    PlanOrder order = new PlanOrder(processes);
    ImmutableSetMultimap.Builder<String, String> predecessors = ImmutableSetMultimap.builder();
    for (int i = 0; i < orders.size(); i++) {
      List<String> names = orders.get(i);
      if (order.applies(i, names)) {
        for (int k = 1; k < names.size(); k++) {
          order.checkPair(i, names.get(k - 1), names.get(k));
          predecessors.put(names.get(k), names.get(k - 1));
        }
      }
    }
    ImmutableSetMultimap<String, String> all = predecessors.build();
    order.checkNoCycle(all);
    return all;
  }

  private boolean applies(int index, List<String> names) throws InvalidPlanException {
    if (names.isEmpty()) {
      throw new InvalidPlanException(where(index) + "names no process");
    }
    String inside = null;
    String outside = null;
    for (String name : names) {
      if (processes.containsKey(name)) {
        inside = name;
      } else {
        outside = name;
      }
    }
    if (inside != null && outside != null) {
      throw new InvalidPlanException(
          where(index)
              + "names '"
              + inside
              + "' and also '"
              + outside
              + "', which is no process of the same kind, final or not, of this task");
    }
    return inside != null;
  }

  private void checkPair(int index, String before, String after) throws InvalidPlanException {
    PlannedProcess first = processes.get(before);
    PlannedProcess second = processes.get(after);
    if (first == null || second == null) {
      throw new IllegalStateException("Not of this plan: " + before + ", " + after);
    }
    if (first.daemon()) {
      throw new InvalidPlanException(
          where(index) + "lets '" + after + "' wait for the end of the daemon '" + before + "'");
    }
    if (first.ephemeral() && !second.ephemeral()) {
      throw new InvalidPlanException(
          where(index)
              + "lets '"
              + after
              + "', which is not ephemeral, wait for the ephemeral '"
              + before
              + "'");
    }
  }

  /** Takes away, again and again, what waits for nothing; a cycle is what stays. */
  private void checkNoCycle(ImmutableSetMultimap<String, String> predecessors)
      throws InvalidPlanException {
    ImmutableSetMultimap<String, String> successors = predecessors.inverse();
    Map<String, Integer> open = new HashMap<>();
    Deque<String> free = new ArrayDeque<>();
    for (String name : processes.keySet()) {
      int count = predecessors.get(name).size();
      open.put(name, count);
      if (count == 0) {
        free.add(name);
      }
    }
    for (String name = free.poll(); name != null; name = free.poll()) {
      open.remove(name);
      for (String next : successors.get(name)) {
        if (open.merge(next, -1, Integer::sum) == 0) {
          free.add(next);
        }
      }
    }
    if (!open.isEmpty()) {
      throw new InvalidPlanException(
          "constraints form a cycle: '"
              + cycleIn(predecessors, Maps.filterKeys(processes, open::containsKey))
              + "'");
    }
  }

  /** Going back from any process that waits for ever, one comes round. */
  private static String cycleIn(
      ImmutableSetMultimap<String, String> predecessors, Map<String, PlannedProcess> blocked) {
    Map<String, Integer> seen = new LinkedHashMap<>();
    String name = blocked.keySet().iterator().next();
    while (!seen.containsKey(name)) {
      seen.put(name, seen.size());
      name = predecessors.get(name).stream().filter(blocked::containsKey).findFirst().orElseThrow();
    }
    List<String> path = List.copyOf(seen.keySet());
    StringBuilder cycle = new StringBuilder(name);
    for (int i = path.size() - 1; i >= 0; i--) {
      cycle.append("' before '").append(path.get(i));
      if (path.get(i).equals(name)) {
        break;
      }
    }
    return cycle.toString();
  }

  private static String where(int index) {
    return "constraints[" + index + "] ";
  }
}
