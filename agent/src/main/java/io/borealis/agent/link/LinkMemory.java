package io.borealis.agent.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the link keeps over restarts of the agent. For one thread; blocks on the disk. */
public interface LinkMemory {
  /** What was last saved; {@link Facts#NONE} in a new work directory. */
  Facts load() throws IOException;

  /** Saves, and returns once it is on the disk. */
  void save(Facts facts) throws IOException;

  /**
   * What is kept. Immutable.
   *
   * @param epoch of the newest leader that was obeyed; 0 for none
   * @param starts how often an agent was started on the work directory
   * @param frameworkId what the agent belongs to since it first registered
   */
  record Facts(long epoch, long starts, @Nullable String frameworkId) {
    /** Nothing yet. */
    public static final Facts NONE = new Facts(0, 0, null);
  }
}
