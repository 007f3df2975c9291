package io.borealis.agent.executor;

/** Owns one task from its launch to its last status. Any thread may call; no method blocks. */
public interface TaskExecutor {
  /** Begins a new task. */
  void launch();

  /**
   * Goes on with a task that a former agent process began.
   *
   * @param wasRunning whether that it runs was told already
   */
  void recover(boolean wasRunning);

  /** Asks for the task's end; repeating it changes nothing. */
  void kill();

  /** Stops to watch because the agent stops; the task goes on. */
  void detach();
}
