package io.borealis.agent.runner;

import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.LaunchException;
import java.io.IOException;
import java.util.Collection;

/**
 * What a runner does to the real processes of one task. Confined to the loop of the runner; never
 * waits.
 */
interface RunControl {
  /**
   * Starts the coordinator of a run, and with it the command.
   *
   * @param run its number, from 0
   * @param seq the number of the record that says so
   * @return that record, which lies in the stream of the coordinator already
   * @throws LaunchException if this run can never be started
   * @throws IOException if its record cannot be written now; nothing of it runs
   */
  ProcessUpdate launch(String process, int run, long seq) throws LaunchException, IOException;

  /**
   * What of a run lives. Whatever cannot be known for sure counts as living, such as what was
   * started after the last look at the machine.
   */
  Living look(Run run);

  /** Whether something of an ended run of the process may still have to die before the next. */
  boolean lingers(Run ended);

  /** Asks the command of a run to end. */
  void terminate(Run run);

  /** Asks whatever the task started and belongs to none of the runs to end. */
  void terminateStrays(Collection<Run> going);

  /** Kills all there is of a run, now and in later {@link #sweep}s until nothing is left of it. */
  void kill(Run run);

  /** Goes on with what was asked for and may not be done. */
  void sweep();

  /** Whether there is something to {@link #sweep}. */
  boolean isBusy();

  /**
   * Kills whatever is left of the task.
   *
   * @return whether nothing was left any more
   */
  boolean killRest();

  /**
   * What lives of a run.
   *
   * @param coordinator the process that waits for the command
   * @param any the coordinator, the command, or something it started
   */
  record Living(boolean coordinator, boolean any) {
    /** Nothing is known to have gone. */
    static final Living ALL = new Living(true, true);
  }
}
