package io.borealis.agent.announce;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Makes one task known as long as it lives. Confined to the loop it was made for. */
public interface Announcer {
  /**
   * Joins as soon as it can, and again whenever it was lost.
   *
   * @param patience until it has joined for the first time; empty for a task that a former agent
   *     process has announced: there is no hurry then, but what that process left has to go
   */
  void start(Optional<Duration> patience);

  /**
   * Leaves. The result, which may come on any thread, is always well; a member that cannot be
   * reached vanishes with the connection of the agent.
   */
  CompletionStage<Void> withdraw();

  /** Stops to watch and leaves what is there: the task goes on, and the next agent has it. */
  void detach();

  /** Who is told. Called on the loop. */
  @FunctionalInterface
  interface Listener {
    /** It did not join in time; told at most once. */
    void timedOut(String message);
  }
}
