package io.borealis.agent.checkpoint;

import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import org.jspecify.annotations.Nullable;

/** The rules of which step of a process may follow which. Pure, but for the state it is given. */
public final class Steps {
  private Steps() {}

  /** Whether a run in this state has ended. */
  public static boolean isTerminal(@Nullable ProcessState state) {
    return state == ProcessState.SUCCESS
        || state == ProcessState.FAILED
        || state == ProcessState.KILLED
        || state == ProcessState.LOST;
  }

  /**
   * Whether a run may go from one state to another.
   *
   * @param from null for a run that has just been planned
   */
  public static boolean isAllowed(@Nullable ProcessState from, ProcessState to) {
    if (from == null) {
      return to == ProcessState.WAITING;
    }
    return switch (from) {
      case WAITING -> to == ProcessState.FORKED || to == ProcessState.FAILED;
      case FORKED ->
          to == ProcessState.RUNNING || to == ProcessState.KILLED || to == ProcessState.LOST;
      case RUNNING -> isTerminal(to);
      case SUCCESS, FAILED, KILLED, LOST -> false;
    };
  }

  /**
   * Takes a step into a state, and says whether it did: a step out of order is passed over when
   * recovering. A step that is refused may leave its number, or a run that has no more than that:
   * readers of these streams agree on it.
   */
  static boolean apply(RunnerState state, ProcessUpdate step, Mode mode)
      throws CheckpointException {
    @Nullable String name = step.process();
    @Nullable ProcessUpdate last = state.lastRun(name);
    if (last != null && !follows(seq(last), step.seq())) {
      if (mode.recovers()) {
        return false;
      }
      throw error(
          Kind.INVALID_SEQUENCE_NUMBER,
          step,
          "has number %d after %d".formatted(step.seq(), last.seq()));
    }
    if (step.state() == ProcessState.WAITING) {
      if (last != null && !isTerminal(last.state())) {
        throw error(Kind.WAITING_WHILE_RUN_ACTIVE, step, "plans a run, but one goes on");
      }
      last = planned(last == null ? -1 : seq(last));
      state.addRun(name, last, mode.truncates());
    }
    if (last == null) {
      throw error(Kind.NO_PRIOR_RUN, step, "belongs to no run");
    }
    if (step.seq() == null) {
      throw error(Kind.MISSING_FIELD, step, "has no number");
    }
    ProcessUpdate numbered = withSeq(last, step.seq());
    state.replaceLastRun(name, numbered);
    state.replaceLastRun(name, advance(numbered, step));
    return true;
  }

  /** The number of the last step of a run. Every run in a state has one. */
  static long seq(ProcessUpdate run) {
    if (run.seq() == null) {
      throw new IllegalStateException("a run without a number");
    }
    return run.seq();
  }

  /** The run after the step; the number is in it already. */
  private static ProcessUpdate advance(ProcessUpdate run, ProcessUpdate step)
      throws CheckpointException {
    @Nullable ProcessState to = step.state();
    if (to == null) {
      throw error(
          Kind.UNKNOWN_PROCESS_STATE, step, "has a state nobody knows: " + step.stateNumber());
    }
    if (!isAllowed(run.state(), to)) {
      throw error(Kind.INVALID_TRANSITION, step, "goes from %s to %s".formatted(run.state(), to));
    }
    return switch (to) {
      case WAITING -> {
        require(step, "name", step.process());
        yield with(run, step.process(), to, run);
      }
      case FORKED -> {
        require(step, "time of the fork", step.forkTime());
        require(step, "coordinator", step.coordinatorPid());
        yield new ProcessUpdate(
            run.seq(),
            run.process(),
            to.value(),
            run.startTime(),
            run.pid(),
            run.stopTime(),
            run.returnCode(),
            step.coordinatorPid(),
            step.forkTime());
      }
      case RUNNING -> {
        require(step, "time of the start", step.startTime());
        require(step, "process id", step.pid());
        yield new ProcessUpdate(
            run.seq(),
            run.process(),
            to.value(),
            step.startTime(),
            step.pid(),
            run.stopTime(),
            run.returnCode(),
            run.coordinatorPid(),
            run.forkTime());
      }
      case SUCCESS, KILLED -> {
        require(step, "time of the end", step.stopTime());
        require(step, "return code", step.returnCode());
        yield with(run, run.process(), to, step);
      }
      // What a failed run returned is not kept: other readers of these streams do not either.
      case FAILED, LOST -> with(run, run.process(), to, run);
    };
  }

  /** The run in another state, with the result of another. */
  private static ProcessUpdate with(
      ProcessUpdate run, @Nullable String process, ProcessState state, ProcessUpdate result) {
    return new ProcessUpdate(
        run.seq(),
        process,
        state.value(),
        run.startTime(),
        run.pid(),
        result.stopTime(),
        result.returnCode(),
        run.coordinatorPid(),
        run.forkTime());
  }

  private static ProcessUpdate planned(long seq) {
    return new ProcessUpdate(seq, null, null, null, null, null, null, null, null);
  }

  private static ProcessUpdate withSeq(ProcessUpdate run, long seq) {
    return new ProcessUpdate(
        seq,
        run.process(),
        run.stateNumber(),
        run.startTime(),
        run.pid(),
        run.stopTime(),
        run.returnCode(),
        run.coordinatorPid(),
        run.forkTime());
  }

  /** Nothing follows the greatest number. */
  private static boolean follows(long before, @Nullable Long seq) {
    return seq != null && before != Long.MAX_VALUE && seq == before + 1;
  }

  private static void require(ProcessUpdate step, String what, @Nullable Object value)
      throws CheckpointException {
    if (value == null) {
      throw error(Kind.MISSING_FIELD, step, "lacks its " + what);
    }
  }

  private static CheckpointException error(Kind kind, ProcessUpdate step, String problem) {
    return new CheckpointException(
        kind, "A step of process %s %s".formatted(step.process(), problem));
  }
}
