package io.borealis.agent;

import io.borealis.config.AgentSettings;
import io.borealis.runtime.Runtimes;
import java.util.concurrent.CompletionStage;

/**
 * The agent of one machine: takes its work directory, goes on with the tasks it finds there, shows
 * them, and obeys the leading scheduler. Start and stop it once, from one thread.
 */
public final class Agent {
  /** What is worth telling the operator. Called on any thread; must not block. */
  public interface Events {
    /** A leader knows this agent. */
    void registered(String leader, String agentId);

    /** No leader is known any more; tasks go on. */
    void lost(String reason);

    /** The process cannot go on and should end; tasks go on. */
    void fatal(String reason);
  }

  /** Builds an agent; nothing runs yet. */
  public Agent(AgentSettings settings, Runtimes runtimes, Events events) {}

  /**
   * Takes the work directory, finds its tasks, and begins to look for the leader.
   *
   * @throws AgentException with a message for the operator when this machine or the work directory
   *     does not allow it
   */
  public void start() {
    throw new UnsupportedOperationException();
  }

  /** Where its pages are, as host:port; known once it has started. */
  public String observer() {
    throw new UnsupportedOperationException();
  }

  /** Stops to watch the tasks, which go on. May be called repeatedly and after a failed start. */
  public CompletionStage<Void> stop() {
    throw new UnsupportedOperationException();
  }
}
