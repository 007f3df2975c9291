package io.borealis.agent.link;

import io.borealis.api.agent.AgentUpdate;

/** Where updates go on their way to the leader. Any thread may call; never blocks. */
@FunctionalInterface
public interface Reports {
  /** Sends an update soon; without a leader it is dropped, since whoever cares sends it again. */
  void send(AgentUpdate update);
}
