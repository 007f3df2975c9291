package io.borealis.agent.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.Dispatcher;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.checkpoint.TaskUpdate;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.plan.Plan;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a task has come: what its stream says, and what follows from that for its plans. Each
 * record makes a new one. Immutable.
 */
final class Course {
  /** A process that has run so often has failed, however its runs ended. */
  static final int RUN_LIMIT = 100;

  private final RunnerTask task;
  private final RunnerState state;
  private final Plan ordinary;
  private final Plan finalizing;
  private final ImmutableMap<String, Run> runs;
  private final long cleaningNanos;

  private Course(
      RunnerTask task,
      RunnerState state,
      Plan ordinary,
      Plan finalizing,
      ImmutableMap<String, Run> runs,
      long cleaningNanos) {
    this.task = task;
    this.state = state;
    this.ordinary = ordinary;
    this.finalizing = finalizing;
    this.runs = runs;
    this.cleaningNanos = cleaningNanos;
  }

  /** Nothing has happened yet. */
  static Course of(RunnerTask task) {
    return new Course(
        task,
        new RunnerState(),
        task.plan(false, RUN_LIMIT),
        task.plan(true, RUN_LIMIT),
        ImmutableMap.of(),
        0);
  }

  RunnerTask task() {
    return task;
  }

  @Nullable Header header() {
    return state.header();
  }

  /** Whether the stream says in which state the task is. */
  boolean hasStatus() {
    return !state.statuses().isEmpty();
  }

  /** By the last record of the task; active if there is none. */
  TaskState taskState() {
    return state.taskState();
  }

  boolean isEnded() {
    return switch (taskState()) {
      case SUCCESS, FAILED, KILLED, LOST -> true;
      case ACTIVE, CLEANING, FINALIZING -> false;
    };
  }

  Plan ordinary() {
    return ordinary;
  }

  Plan finalizing() {
    return finalizing;
  }

  /** The last run of each process that has one. */
  ImmutableMap<String, Run> runs() {
    return runs;
  }

  /** The runs that have not ended. */
  ImmutableList<Run> unended() {
    return runs.values().stream().filter(Run::isUnended).collect(ImmutableList.toImmutableList());
  }

  /**
   * The last run of a process.
   *
   * @throws IllegalArgumentException if it has none
   */
  Run run(String process) {
    Run run = runs.get(process);
    if (run == null) {
      throw new IllegalArgumentException("No run of " + process);
    }
    return run;
  }

  /** The number of the next record of a process. */
  long nextSeq(String process) {
    Run run = runs.get(process);
    return run == null ? 0 : run.seq() + 1;
  }

  /** When the task was last found to be cleaning up, on the monotonic clock. */
  long cleaningNanos() {
    return cleaningNanos;
  }

  /** Whether a record of a process says more than is known. */
  boolean isNews(Checkpoint record) {
    return Dispatcher.wouldUpdate(state, record);
  }

  /**
   * The course after one more record, at whose end the plans know more.
   *
   * @param mode whether records out of order are passed over, and leave the course as it is
   * @throws CheckpointException if the record cannot follow
   */
  Course after(Checkpoint record, Mode mode, Moment now) throws CheckpointException {
    RunnerState next = state.copy();
    new Dispatcher().dispatch(next, record, mode);
    TaskUpdate status = record.header() == null ? record.task() : null;
    if (status != null) {
      long cleaning = cleaningNanos;
      if (status.state() == TaskState.CLEANING) {
        Long at = status.timestampMs();
        cleaning = at == null ? now.nanos() : now.nanosOf(at / 1000.0);
      }
      return new Course(task, next, ordinary, finalizing, runs, cleaning);
    }
    ProcessUpdate update = record.header() == null ? record.process() : null;
    String process = update == null ? null : update.process();
    if (update == null || process == null) {
      return new Course(task, next, ordinary, finalizing, runs, cleaningNanos);
    }
    Run run = runs.get(process);
    ProcessUpdate known = next.lastRun(process);
    if (known == null || (run != null && known.seq().equals(run.known().seq()))) {
      return this;
    }
    return with(next, changed(run, known, process, now), update, now);
  }

  private static Run changed(@Nullable Run run, ProcessUpdate known, String process, Moment now) {
    if (known.state() == ProcessState.WAITING) {
      return new Run(process, run == null ? 0 : run.number() + 1, known, 0);
    }
    int number = run == null ? 0 : run.number();
    Double forked = known.state() == ProcessState.FORKED ? known.forkTime() : null;
    long forkedNanos = forked != null ? now.nanosOf(forked) : run == null ? 0 : run.forkedNanos();
    return new Run(process, number, known, forkedNanos);
  }

  private Course with(RunnerState next, Run run, ProcessUpdate update, Moment now)
      throws CheckpointException {
    Map<String, Run> changed = new LinkedHashMap<>(runs);
    changed.put(run.process(), run);
    Double stopped = update.stopTime();
    long at = stopped == null ? now.nanos() : now.nanosOf(stopped);
    boolean isOrdinary = ordinary.names().contains(run.process());
    boolean isFinal = finalizing.names().contains(run.process());
    return new Course(
        task,
        next,
        isOrdinary ? planned(ordinary, run, at) : ordinary,
        isFinal ? planned(finalizing, run, at) : finalizing,
        ImmutableMap.copyOf(changed),
        cleaningNanos);
  }

  /** A run that could not be launched counts like one that failed. */
  private static Plan planned(Plan plan, Run run, long atNanos) {
    String process = run.process();
    return switch (run.state()) {
      case WAITING -> plan;
      case FORKED, RUNNING -> plan.started(process);
      case SUCCESS -> plan.succeeded(process, atNanos);
      case FAILED -> plan.started(process).failed(process, atNanos);
      case KILLED, LOST -> plan.lost(process, atNanos);
    };
  }

  /**
   * One time on both clocks.
   *
   * @param nanos of the monotonic clock
   * @param wallMs of the wall clock, in ms since the epoch
   */
  record Moment(long nanos, long wallMs) {
    /** A time of a record on the monotonic clock; the future counts as now. */
    long nanosOf(double seconds) {
      double ago = wallMs / 1000.0 - seconds;
      return nanos - (long) (Math.max(0, ago) * 1e9);
    }
  }
}
