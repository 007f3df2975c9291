package io.borealis.scheduler.cluster;

import io.borealis.api.Metadata;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One task of a simulated cluster and what it still has to report. Confined to the loop. */
final class SimulatedTask {
  private static final String FATE_KEY = "peer";

  final String id;
  final String agentId;
  final Fate fate;
  final Demand need;
  final int[] ports;
  final Deque<StatusUpdate> unacknowledged = new ArrayDeque<>();
  ClusterTaskState state = ClusterTaskState.TASK_STAGING;
  boolean dying;

  /** What it took of its agent, given back at its end. */
  Capacity taken = Capacity.ZERO;

  /** Its host is out of reach. */
  boolean away;

  /**
   * Counts what happens to the task, so that timers of an earlier phase find that they are late.
   */
  int phase;

  /** Counts how often the oldest update was sent. */
  int sendings;

  SimulatedTask(ScheduledTask task, String agentId, Demand need) {
    TaskConfig config = task.assignedTask().task();
    this.id = task.assignedTask().taskId();
    this.agentId = agentId;
    this.fate = Fate.of(config);
    this.need = need;
    this.ports =
        task.assignedTask().assignedPorts().values().stream()
            .mapToInt(Integer::intValue)
            .distinct()
            .toArray();
  }

  /** What becomes of a task by itself. */
  enum Fate {
    RUNS(null),
    FAILS(ClusterTaskState.TASK_FAILED),
    FINISHES(ClusterTaskState.TASK_FINISHED),
    IS_LOST(ClusterTaskState.TASK_LOST),
    STAYS_STARTING(null),
    STAYS_ASSIGNED(null),
    SURVIVES_KILLS(null);

    final @Nullable ClusterTaskState end;

    Fate(@Nullable ClusterTaskState end) {
      this.end = end;
    }

    static Fate of(TaskConfig config) {
      for (Metadata entry : config.metadata()) {
        if (FATE_KEY.equals(entry.key()) && entry.value() != null) {
          return switch (entry.value()) {
            case "fail" -> FAILS;
            case "finish" -> FINISHES;
            case "lost" -> IS_LOST;
            case "stuck" -> STAYS_STARTING;
            case "assigned" -> STAYS_ASSIGNED;
            case "nokill" -> SURVIVES_KILLS;
            default -> RUNS;
          };
        }
      }
      return RUNS;
    }
  }
}
