package io.borealis.scheduler.cluster;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of a simulated cluster report: in order for each task, again and again until it is
 * acknowledged, and when asked. A task that has ended is forgotten with its last report. Confined
 * to the loop.
 */
final class SimulatedReports {
  private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);
  private static final String MASTER = "SOURCE_MASTER";

  private final SimulatedClusterSettings settings;
  private final EventLoop loop;
  private final Clock clock;
  private final Map<String, SimulatedAgent> agents;
  private final Map<String, SimulatedTask> tasks;
  private @Nullable ClusterListener listener;
  private long epoch;
  private long count;

  /**
   * @param agents of the cluster, by id
   * @param tasks of the cluster, by id
   */
  SimulatedReports(
      SimulatedClusterSettings settings,
      EventLoop loop,
      Clock clock,
      Map<String, SimulatedAgent> agents,
      Map<String, SimulatedTask> tasks) {
    this.settings = settings;
    this.loop = loop;
    this.clock = clock;
    this.agents = agents;
    this.tasks = tasks;
  }

  /** Reports go to this leader from now on. */
  void serve(ClusterListener leader, long newEpoch) {
    listener = leader;
    epoch = newEpoch;
  }

  /** Reports go to nobody. */
  void serveNobody() {
    listener = null;
  }

  /** The task has come to another state; its reports are sent one after the other. */
  void add(SimulatedTask task, @Nullable String message, @Nullable String reason) {
    String name = epoch + "/" + task.id + "/" + ++count;
    task.unacknowledged.add(
        new StatusUpdate(
            task.id,
            task.agentId,
            task.state,
            message,
            reason,
            "SOURCE_AGENT",
            UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString(),
            clock.wallMillis()));
    if (task.unacknowledged.size() == 1) {
      begin(task);
    }
  }

  /** Sends what the task has to report, as if for the first time. */
  void begin(SimulatedTask task) {
    task.sendings = 0;
    send(task);
  }

  /** Sends the oldest unacknowledged update, and again until it is acknowledged. */
  private void send(SimulatedTask task) {
    StatusUpdate update = task.unacknowledged.peek();
    if (update == null || task.away) {
      return;
    }
    tell(update);
    int sending = ++task.sendings;
    Duration delay = settings.resendDelay().multipliedBy(1L << Math.min(sending - 1, 20));
    var unused =
        loop.schedule(
            delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY,
            () -> {
              if (update.equals(task.unacknowledged.peek())
                  && task.sendings == sending
                  && tasks.get(task.id) == task) {
                send(task);
              }
            });
  }

  /** The oldest report of its task is durable; the next is sent. */
  void acknowledge(StatusUpdate update) {
    SimulatedTask task = tasks.get(update.taskId());
    StatusUpdate oldest = task == null ? null : task.unacknowledged.peek();
    if (task == null
        || oldest == null
        || oldest.uuid() == null
        || !oldest.uuid().equals(update.uuid())) {
      return;
    }
    task.unacknowledged.remove();
    if (task.unacknowledged.isEmpty() && task.state.isTerminal()) {
      tasks.remove(task.id);
    } else {
      begin(task);
    }
  }

  /** Answers with the state of the tasks, or of all when none is named. */
  void reconcile(List<TaskRef> refs) {
    if (refs.isEmpty()) {
      List.copyOf(tasks.values()).forEach(this::answer);
      return;
    }
    for (TaskRef ref : refs) {
      SimulatedTask task = tasks.get(ref.taskId());
      if (task != null) {
        answer(task);
      } else {
        unknown(ref, "Reconciliation: Task is unknown");
      }
    }
  }

  private void answer(SimulatedTask task) {
    if (task.away) {
      outOfReach(task, "Reconciliation: Task is unreachable", "REASON_RECONCILIATION");
      return;
    }
    tell(
        new StatusUpdate(
            task.id,
            task.agentId,
            task.state,
            "Reconciliation: Latest task state",
            "REASON_RECONCILIATION",
            MASTER,
            null,
            clock.wallMillis()));
  }

  /** Says of a task that its host is out of reach. */
  void outOfReach(SimulatedTask task, String message, String reason) {
    tell(
        new StatusUpdate(
            task.id,
            task.agentId,
            settings.partitionAware()
                ? ClusterTaskState.TASK_UNREACHABLE
                : ClusterTaskState.TASK_LOST,
            message,
            reason,
            MASTER,
            null,
            clock.wallMillis()));
  }

  /** An agent is gone, and with it its offers. */
  void agentGone(SimulatedAgent agent, List<Offer> offers) {
    if (listener != null) {
      for (Offer offer : offers) {
        listener.onOfferRescinded(offer.id());
      }
      listener.onAgentLost(agent.id);
    }
  }

  private ClusterTaskState unknown(@Nullable String agentId) {
    if (!settings.partitionAware()) {
      return ClusterTaskState.TASK_LOST;
    }
    SimulatedAgent agent = agentId == null ? null : agents.get(agentId);
    if (agent == null) {
      return ClusterTaskState.TASK_UNKNOWN;
    }
    return agent.away ? ClusterTaskState.TASK_UNREACHABLE : ClusterTaskState.TASK_GONE;
  }

  private void tell(StatusUpdate update) {
    if (listener != null) {
      listener.onStatus(update);
    }
  }

  /** Says of a task that it is not here. */
  void unknown(TaskRef task, String message) {
    tell(
        new StatusUpdate(
            task.taskId(),
            task.agentId(),
            unknown(task.agentId()),
            message,
            "REASON_RECONCILIATION",
            MASTER,
            null,
            clock.wallMillis()));
  }
}
