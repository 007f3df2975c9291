package io.borealis.agent.runner;

import io.borealis.api.thermos.TaskState;
import java.time.Duration;

/**
 * Runs one task to its end. Confined to the loop it was made for, on which it also calls its
 * listener.
 */
public interface TaskRunner {
  /**
   * Takes control: begins a new task, or goes on with one whose stream exists. What still runs is
   * not started again. Problems come to the listener.
   */
  void start();

  /**
   * Asks for the end as KILLED. Processes marked final still run if the others end in time.
   *
   * @param patience after which whatever is left is killed without asking
   */
  void kill(Duration patience);

  /** Gives the task up as LOST at once, without its final processes. */
  void lose();

  /** Stops to watch; the processes go on, and a later runner finds them. */
  void detach();

  /**
   * What becomes of the task. At most one of {@link #ended} and {@link #failed} is called, last.
   */
  interface Listener {
    /** The task is under control: its description lies among the active or the ended ones. */
    void started();

    /** The task has ended, and nothing of it runs any more. */
    void ended(TaskState state);

    /** The task could not be run, or not be run on. */
    void failed(Failure kind, String message);
  }

  /** Why a task cannot be run. */
  enum Failure {
    /** Its description breaks a rule. */
    INVALID_TASK,
    /** There is no account of its role on this machine. */
    UNKNOWN_USER,
    /** It had ended before. */
    ALREADY_ENDED,
    /** Something on this machine stood in the way, such as a full disk. */
    INTERNAL_ERROR
  }
}
