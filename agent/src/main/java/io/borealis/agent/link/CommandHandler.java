package io.borealis.agent.link;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.LaunchTask;
import java.util.UUID;

/**
 * What the agent does on behalf of the leader. Called on the loop of the link, one call after the
 * other; implementations do not block for long.
 */
public interface CommandHandler {
  /**
   * The tasks of this agent. Those that have ended are among them until their last update is
   * acknowledged.
   */
  ImmutableList<AgentTask> tasks();

  /**
   * A leader knows this agent again: everything unacknowledged is sent, and from now on at once.
   */
  void connected(String frameworkId);

  /** No leader is known: nothing is sent until {@link #connected}. */
  void disconnected();

  /** Starts a task; one that is known already is not started again. */
  void launch(LaunchTask launch);

  /** Ends a task; an unknown one is answered as lost, without a uuid. */
  void kill(String taskId);

  /** An update of the task need not be sent again. */
  void acknowledge(String taskId, UUID uuid);

  /**
   * Tells the newest states of the tasks, without uuids and with the reason {@code
   * REASON_RECONCILIATION}; of all when none is named. One that is named and unknown is gone.
   */
  void reconcile(ImmutableList<String> taskIds);
}
