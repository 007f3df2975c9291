package io.borealis.scheduler.executor;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.ResourceVector;
import java.util.Map;

/** The executors of this cluster by name, with what each needs beside its task. Immutable. */
public final class ExecutorRegistry {
  /** The executor that every cluster has. */
  public static final String DEFAULT_NAME = "AuroraExecutor";

  private final ImmutableMap<String, ResourceVector> overheads;

  public ExecutorRegistry(Map<String, ResourceVector> overheads) {
    this.overheads = ImmutableMap.copyOf(overheads);
  }

  /** The executors of a scheduler without settings for them. */
  public static ExecutorRegistry stock() {
    return new ExecutorRegistry(ImmutableMap.of(DEFAULT_NAME, ResourceVector.of(0.25, 128, 0, 0)));
  }

  /** The names tasks may use. */
  public ImmutableSet<String> names() {
    return overheads.keySet();
  }

  /** What the task's executor needs; nothing for a task without one and for an unknown name. */
  public ResourceVector overhead(TaskConfig task) {
    ExecutorConfig executor = task.executorConfig();
    return executor == null || executor.name() == null
        ? ResourceVector.ZERO
        : overheads.getOrDefault(executor.name(), ResourceVector.ZERO);
  }
}
