package io.borealis.agent.process;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

/**
 * A coordinator that waits for its word. Call {@link #go} or {@link #abandon} once, from any one
 * thread, within a minute; after that it gives up by itself. Dying without either is like {@link
 * #abandon}.
 */
public interface StartedCoordinator {
  /** Its pid, which leads a session of its own; goes into the FORKED record. */
  int pid();

  /**
   * Lets it start the command. The FORKED record must be in the stream by now, since the length of
   * the stream is what it repairs the stream to when a write of its own fails half-way.
   *
   * @throws IOException if it is gone already; it will not have started anything
   */
  void go() throws IOException;

  /** Makes it leave without having started anything. */
  void abandon();

  /**
   * Completed, on some thread, when it has exited; its last record is in the stream by then. Only a
   * hint to look earlier: it is not there after a restart of the agent.
   */
  CompletionStage<Void> exited();
}
