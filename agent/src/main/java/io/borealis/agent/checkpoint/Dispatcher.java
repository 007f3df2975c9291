package io.borealis.agent.checkpoint;

import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes records into a state one by one, and tells handlers of each. Confined to one thread at a
 * time.
 */
public final class Dispatcher {
  private final List<Handler.Universal> universal = new ArrayList<>();
  private final List<Handler.OfProcesses> ofProcesses = new ArrayList<>();
  private final List<Handler.OfTask> ofTask = new ArrayList<>();

  /** A dispatcher without handlers. */
  public Dispatcher() {}

  /**
   * Adds a handler. Those of one kind are called in the order in which they were added; one that is
   * of several kinds counts as the first of universal, processes and task.
   */
  public void register(Handler handler) {
    if (handler instanceof Handler.Universal universalHandler) {
      universal.add(universalHandler);
    } else if (handler instanceof Handler.OfProcesses processHandler) {
      ofProcesses.add(processHandler);
    } else if (handler instanceof Handler.OfTask taskHandler) {
      ofTask.add(taskHandler);
    }
  }

  /**
   * Whether a record tells more of a process than a state knows. It need not be the very next step.
   */
  public static boolean wouldUpdate(RunnerState state, Checkpoint record) {
    @Nullable ProcessUpdate step = record.process();
    if (step == null) {
      return false;
    }
    @Nullable ProcessUpdate run = state.lastRun(step.process());
    return run == null || (step.seq() != null && Steps.seq(run) < step.seq());
  }

  /**
   * Takes one record into a state.
   *
   * @throws CheckpointException when it does not follow from those before it; the state then may
   *     have taken a part of it
   */
  public void dispatch(RunnerState state, Checkpoint record, Mode mode) throws CheckpointException {
    if (record.header() != null) {
      initialize(state, record.header());
    } else if (record.task() != null) {
      state.addStatus(record.task(), mode.truncates());
      tellOfTask(record.task());
    } else if (record.process() != null) {
      if (Steps.apply(state, record.process(), mode)) {
        tellOfProcess(record.process());
      }
    } else {
      throw new CheckpointException(Kind.EMPTY_RECORD, "The record is empty");
    }
  }

  private void initialize(RunnerState state, Header header) throws CheckpointException {
    if (state.header() != null) {
      throw new CheckpointException(
          Kind.HEADER_REBIND, "There is a second header, of task " + header.taskId());
    }
    state.setHeader(header);
    universal.forEach(handler -> handler.initialization(header));
  }

  private void tellOfTask(TaskUpdate step) throws CheckpointException {
    universal.forEach(handler -> handler.taskTransition(step));
    if (ofTask.isEmpty()) {
      return;
    }
    @Nullable TaskState state = step.state();
    if (state == null) {
      throw new CheckpointException(
          Kind.UNKNOWN_STATE_IN_HANDLER_DISPATCH,
          "The task is in a state nobody knows: " + step.stateNumber());
    }
    for (Handler.OfTask handler : ofTask) {
      switch (state) {
        case ACTIVE -> handler.active(step);
        case CLEANING -> handler.cleaning(step);
        case FINALIZING -> handler.finalizing(step);
        case SUCCESS -> handler.success(step);
        case FAILED -> handler.failed(step);
        case KILLED -> handler.killed(step);
        case LOST -> handler.lost(step);
      }
    }
  }

  private void tellOfProcess(ProcessUpdate step) {
    universal.forEach(handler -> handler.processTransition(step));
    @Nullable ProcessState state = step.state();
    if (state == null) {
      throw new IllegalStateException("a step to an unknown state was taken");
    }
    for (Handler.OfProcesses handler : ofProcesses) {
      switch (state) {
        case WAITING -> handler.waiting(step);
        case FORKED -> handler.forked(step);
        case RUNNING -> handler.running(step);
        case SUCCESS -> handler.success(step);
        case FAILED -> handler.failed(step);
        case KILLED -> handler.killed(step);
        case LOST -> handler.lost(step);
      }
    }
  }
}
