package io.borealis.agent.checkpoint;

import com.google.common.collect.Iterables;
import io.borealis.api.thermos.TaskState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has told of a task so far. Changed by a {@link Dispatcher} alone; confined to one
 * thread at a time.
 */
public final class RunnerState {
  private @Nullable Header header;
  private final List<TaskUpdate> statuses = new ArrayList<>();
  private final Map<@Nullable String, List<ProcessUpdate>> processes = new LinkedHashMap<>();

  /** A state of which nothing is known. */
  public RunnerState() {}

  /** A state of its own with the same content. */
  public RunnerState copy() {
    RunnerState copy = new RunnerState();
    copy.header = header;
    copy.statuses.addAll(statuses);
    processes.forEach((name, runs) -> copy.processes.put(name, new ArrayList<>(runs)));
    return copy;
  }

  /** What stays the same; null while no header was met. */
  public @Nullable Header header() {
    return header;
  }

  /** The steps of the task, oldest first; a view. */
  public List<TaskUpdate> statuses() {
    return Collections.unmodifiableList(statuses);
  }

  /**
   * The state of the task by its last step: active if there is none, or nobody knows that state.
   */
  public TaskState taskState() {
    @Nullable TaskUpdate last = Iterables.getLast(statuses, null);
    @Nullable TaskState state = last == null ? null : last.state();
    return state == null ? TaskState.ACTIVE : state;
  }

  /**
   * The runs of each process, oldest first, by name in the order of their first steps; a view. A
   * damaged stream may have a process without a name, whose key is null.
   */
  public Map<@Nullable String, List<ProcessUpdate>> processes() {
    return Collections.unmodifiableMap(processes);
  }

  /** The runs of a process, oldest first; none if it has not been planned. */
  public List<ProcessUpdate> runs(@Nullable String process) {
    return Collections.unmodifiableList(processes.getOrDefault(process, List.of()));
  }

  /** What is known of the last run of a process; null if it has none. */
  public @Nullable ProcessUpdate lastRun(@Nullable String process) {
    return Iterables.getLast(runs(process), null);
  }

  void setHeader(Header value) {
    header = value;
  }

  void addStatus(TaskUpdate status, boolean alone) {
    if (alone) {
      statuses.clear();
    }
    statuses.add(status);
  }

  void addRun(@Nullable String process, ProcessUpdate run, boolean alone) {
    List<ProcessUpdate> runs = processes.computeIfAbsent(process, name -> new ArrayList<>());
    if (alone) {
      runs.clear();
    }
    runs.add(run);
  }

  void replaceLastRun(@Nullable String process, ProcessUpdate run) {
    List<ProcessUpdate> runs = processes.getOrDefault(process, List.of());
    runs.set(runs.size() - 1, run);
  }
}
