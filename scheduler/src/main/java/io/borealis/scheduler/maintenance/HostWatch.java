package io.borealis.scheduler.maintenance;

/** Wants to know which agents may be used. Called on the writer's loop; must not block. */
public interface HostWatch {
  /** Nothing is to be placed there any more. */
  void closed(String agentId);

  /** The agent may be used again, at once. */
  void opened(String agentId);
}
