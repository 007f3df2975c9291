package io.borealis.agent;

import io.borealis.api.agent.AgentTaskState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;

/** Counts what becomes of tasks. Thread-safe. */
final class AgentMetrics {
  private final Counter launched;
  private final Counter refused;
  private final Counter finished;
  private final Counter failed;
  private final Counter killed;
  private final Counter lost;
  private final Timer launchLatency;

  AgentMetrics(MeterRegistry meters, Collection<ManagedTask> tasks) {
    this.launched = meters.counter("agent_tasks_launched");
    this.refused = meters.counter("agent_tasks_refused");
    this.finished = meters.counter("agent_tasks_finished");
    this.failed = meters.counter("agent_tasks_failed");
    this.killed = meters.counter("agent_tasks_killed");
    this.lost = meters.counter("agent_tasks_lost");
    this.launchLatency = meters.timer("agent_launch_latency");
    meters.gauge("agent_tasks", tasks, Collection::size);
    meters.gauge(
        "agent_tasks_alive", tasks, now -> now.stream().filter(task -> !task.hasEnded()).count());
  }

  /** A task is handed to its executor so long after the command came. */
  void launched(Duration after) {
    launched.increment();
    launchLatency.record(after);
  }

  /** A task could not be begun at all. */
  void refused() {
    refused.increment();
  }

  /** A task is in a new state. */
  void reached(AgentTaskState state) {
    switch (state) {
      case TASK_FINISHED -> finished.increment();
      case TASK_FAILED -> failed.increment();
      case TASK_KILLED -> killed.increment();
      case TASK_LOST, TASK_ERROR, TASK_DROPPED, TASK_GONE, TASK_GONE_BY_OPERATOR ->
          lost.increment();
      case TASK_STAGING,
          TASK_STARTING,
          TASK_RUNNING,
          TASK_KILLING,
          TASK_UNREACHABLE,
          TASK_UNKNOWN -> {}
    }
  }
}
