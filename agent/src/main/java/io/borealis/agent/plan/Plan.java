package io.borealis.agent.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which processes may run. Each is either not started, running, finished or failed; it may start
 * when all before it have finished and its pause since its last end is over. What happens to a
 * process makes a new plan. Times are of one monotonic clock in nanoseconds. Immutable.
 */
public final class Plan {
  /** The run limit that means none. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private final ImmutableMap<String, PlannedProcess> processes;
  private final ImmutableSetMultimap<String, String> predecessors;
  private final int runLimit;

  /** In the order of the processes. */
  private final ImmutableMap<String, Progress> progress;

  private Plan(
      ImmutableMap<String, PlannedProcess> processes,
      ImmutableSetMultimap<String, String> predecessors,
      int runLimit,
      ImmutableMap<String, Progress> progress) {
    this.processes = processes;
    this.predecessors = predecessors;
    this.runLimit = runLimit;
    this.progress = progress;
  }

  /**
   * A plan of which nothing was started.
   *
   * @param processes in the order in which they start if nothing else orders them; of several with
   *     one name the last counts
   * @param orders lists of names, of which each process waits for the one before it; lists without
   *     any process of the plan are passed over
   * @param runLimit the number of runs of a process at whose end it fails however it ended; above
   *     0, or {@link #UNLIMITED}
   * @throws InvalidPlanException if no such order can be kept
   */
  public static Plan of(
      Collection<PlannedProcess> processes, List<? extends List<String>> orders, int runLimit)
      throws InvalidPlanException {
    ImmutableMap<String, PlannedProcess> byName = PlanOrder.byName(processes);
    ImmutableMap.Builder<String, Progress> progress = ImmutableMap.builder();
    for (String name : byName.keySet()) {
      progress.put(name, Progress.START);
    }
    return new Plan(
        byName, PlanOrder.predecessors(byName, orders), runLimit, progress.buildOrThrow());
  }

  /**
   * A process runs, whatever its pause; nothing changes if it did before.
   *
   * @throws IllegalStateException if it has ended for good, or waits for another
   * @throws IllegalArgumentException if there is no such process
   */
  public Plan started(String process) {
    Progress now = progressOf(process);
    if (now.phase() == Phase.RUNNING) {
      return this;
    }
    if (!isFree(process)) {
      throw new IllegalStateException(
          "Process " + process + " may not run: " + now.phase() + " after " + waitsFor(process));
    }
    return with(process, now.in(Phase.RUNNING));
  }

  /**
   * A running process has ended with success.
   *
   * @throws IllegalStateException if it does not run
   * @throws IllegalArgumentException if there is no such process
   */
  public Plan succeeded(String process, long nowNanos) {
    Phase next = processOf(process).daemon() ? Phase.NOT_STARTED : Phase.FINISHED;
    return with(process, running(process).success(nowNanos).in(next), runLimit);
  }

  /**
   * A running process has ended with a failure, or could not be launched.
   *
   * @throws IllegalStateException if it does not run
   * @throws IllegalArgumentException if there is no such process
   */
  public Plan failed(String process, long nowNanos) {
    PlannedProcess its = processOf(process);
    Progress failed = running(process).failure(nowNanos);
    Phase next = its.ephemeral() ? Phase.FINISHED : Phase.FAILED;
    if (its.maxFailures() == 0 || failed.failures() < its.maxFailures()) {
      next = Phase.NOT_STARTED;
    }
    return with(process, failed.in(next), runLimit);
  }

  /**
   * A running process was lost or killed, which is nobody's failure.
   *
   * @throws IllegalStateException if it does not run
   * @throws IllegalArgumentException if there is no such process
   */
  public Plan lost(String process, long nowNanos) {
    return with(process, running(process).loss(nowNanos).in(Phase.NOT_STARTED), runLimit);
  }

  /** Those that may start now, in the order of their declaration. */
  public ImmutableList<String> runnable(long nowNanos) {
    return progress.keySet().stream()
        .filter(name -> isFree(name) && pause(name, nowNanos) <= 0)
        .collect(ImmutableList.toImmutableList());
  }

  /** Those that may start after a pause, with what is left of it, always above zero. */
  public ImmutableMap<String, Duration> throttled(long nowNanos) {
    Map<String, Duration> throttled = new LinkedHashMap<>();
    for (String name : progress.keySet()) {
      long pause = pause(name, nowNanos);
      if (pause > 0 && isFree(name)) {
        throttled.put(name, Duration.ofNanos(pause));
      }
    }
    return ImmutableMap.copyOf(throttled);
  }

  /**
   * Time until a process may start if nothing happens before: zero if one may now, empty if none
   * ever will.
   */
  public Optional<Duration> untilRunnable(long nowNanos) {
    return runnable(nowNanos).isEmpty()
        ? throttled(nowNanos).values().stream().min(Duration::compareTo)
        : Optional.of(Duration.ZERO);
  }

  /** Those that run, in the order of their declaration. */
  public ImmutableSet<String> running() {
    return in(Phase.RUNNING);
  }

  /** Those that have done what they should and are not started again. */
  public ImmutableSet<String> finished() {
    return in(Phase.FINISHED);
  }

  /** Those that have failed for good; ephemeral ones only by the limit of runs. */
  public ImmutableSet<String> failed() {
    return in(Phase.FAILED);
  }

  /** The names of all, in the order of their declaration. */
  public ImmutableSet<String> names() {
    return progress.keySet();
  }

  /** Whether nothing is left to do but what is ephemeral. */
  public boolean isComplete() {
    return all(name -> processOf(name).ephemeral() || progressOf(name).phase().isLast());
  }

  /** Whether something is left to do and nothing will ever run again. Never if complete. */
  public boolean isDeadlocked() {
    return !isComplete() && all(name -> progressOf(name).phase() != Phase.RUNNING && !isFree(name));
  }

  /**
   * Whether a task of which this is the ordinary plan can still succeed.
   *
   * @param maxFailures the number of processes that may not fail for good; 0 means any may
   */
  public boolean isHealthy(int maxFailures) {
    return !isDeadlocked() && (maxFailures == 0 || failed().size() < maxFailures);
  }

  private ImmutableSet<String> in(Phase phase) {
    return progress.keySet().stream()
        .filter(name -> progressOf(name).phase() == phase)
        .collect(ImmutableSet.toImmutableSet());
  }

  private boolean all(Predicate<String> condition) {
    return progress.keySet().stream().allMatch(condition);
  }

  /** Whether it may start but for its pause. */
  private boolean isFree(String process) {
    return progressOf(process).phase() == Phase.NOT_STARTED && waitsFor(process).isEmpty();
  }

  private ImmutableList<String> waitsFor(String process) {
    return predecessors.get(process).stream()
        .filter(before -> progressOf(before).phase() != Phase.FINISHED)
        .collect(ImmutableList.toImmutableList());
  }

  private long pause(String process, long nowNanos) {
    Progress its = progressOf(process);
    return its.runs() == 0
        ? 0
        : processOf(process).minDuration().toNanos() - (nowNanos - its.endNanos());
  }

  private PlannedProcess processOf(String name) {
    return required(processes, name);
  }

  private Progress progressOf(String name) {
    return required(progress, name);
  }

  private Progress running(String name) {
    Progress its = progressOf(name);
    if (its.phase() != Phase.RUNNING) {
      throw new IllegalStateException("Process " + name + " does not run: " + its.phase());
    }
    return its;
  }

  private static <T> T required(Map<String, T> map, String name) {
    T value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("No process of this plan: " + name);
    }
    return value;
  }

  private Plan with(String name, Progress ended, int limit) {
    return with(name, ended.runs() >= limit ? ended.in(Phase.FAILED) : ended);
  }

  private Plan with(String name, Progress changed) {
    ImmutableMap.Builder<String, Progress> next =
        ImmutableMap.builderWithExpectedSize(progress.size());
    progress.forEach((other, was) -> next.put(other, other.equals(name) ? changed : was));
    return new Plan(processes, predecessors, runLimit, next.buildOrThrow());
  }
}
