package io.borealis.agent.checkpoint;

/**
 * Is told of every record that changed a state, after it has. Called on the thread that dispatches.
 */
public sealed interface Handler {

  /** Is told of everything, before all handlers of the other kinds. */
  non-sealed interface Universal extends Handler {
    /** The header is known. */
    default void initialization(Header header) {}

    /** A run of a process made a step. */
    default void processTransition(ProcessUpdate step) {}

    /**
     * The task made a step.
     *
     * @param step whose state may be absent or unknown
     */
    default void taskTransition(TaskUpdate step) {}
  }

  /** Is told of the steps of processes. */
  non-sealed interface OfProcesses extends Handler {
    /** A run is planned. */
    default void waiting(ProcessUpdate step) {}

    /** Its coordinator was started. */
    default void forked(ProcessUpdate step) {}

    /** Its command was started. */
    default void running(ProcessUpdate step) {}

    /** It ended well. */
    default void success(ProcessUpdate step) {}

    /** It ended with an exit code, or could not be started. */
    default void failed(ProcessUpdate step) {}

    /** It was killed. */
    default void killed(ProcessUpdate step) {}

    /** Nobody knows what became of it. */
    default void lost(ProcessUpdate step) {}
  }

  /** Is told of the steps of the task. */
  non-sealed interface OfTask extends Handler {
    /** A runner has taken control. */
    default void active(TaskUpdate step) {}

    /** Leftovers are asked to stop. */
    default void cleaning(TaskUpdate step) {}

    /** The final processes run. */
    default void finalizing(TaskUpdate step) {}

    /** It ended well. */
    default void success(TaskUpdate step) {}

    /** It failed. */
    default void failed(TaskUpdate step) {}

    /** It was stopped on request. */
    default void killed(TaskUpdate step) {}

    /** It was given up. */
    default void lost(TaskUpdate step) {}
  }
}
