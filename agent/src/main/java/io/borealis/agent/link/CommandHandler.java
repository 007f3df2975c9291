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
  /** All tasks of this agent that have ended and are acknowledged are left out. */
  ImmutableList<AgentTask> tasks();

  /**
   * A leader knows this agent again: everything unacknowledged is sent, and from now on at once.
   */
  void connected(String frameworkId);

  /** No leader is known: nothing is sent until {@link #connected}. */
  void disconnected();

  /** Starts a task; one that is known already is not started again. */
  void launch(LaunchTask launch);

  /** Ends a task; an unknown one is answered as lost. */
  void kill(String taskId);

  /** An update of the task need not be sent again. */
  void acknowledge(String taskId, UUID uuid);

  /** Tells the newest states of the tasks; of all when none is named. */
  void reconcile(ImmutableList<String> taskIds);
}
