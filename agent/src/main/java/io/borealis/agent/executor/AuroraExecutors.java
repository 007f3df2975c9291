package io.borealis.agent.executor;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.health.HealthMetrics;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;

/** Executors of tasks that are processes of this machine. Thread-safe. */
public final class AuroraExecutors implements TaskExecutors {
  private final ExecutorSettings settings;
  private final AuroraExecutor.Services services;
  private final ImmutableList<EventLoop> loops;

  /**
   * @param loops shared by the tasks; at least one
   */
  public AuroraExecutors(
      ExecutorSettings settings,
      Machine machine,
      Clock clock,
      HealthMetrics health,
      ImmutableList<EventLoop> loops) {
    this.settings = settings;
    this.services =
        new AuroraExecutor.Services(
            clock,
            machine.io(),
            new MachineWorkplaces(settings, machine),
            machine.http()::post,
            health);
    this.loops = loops;
  }

  @Override
  public TaskExecutor create(TaskRun run, StatusSink sink) {
    int loop = Math.floorMod(run.task().taskId().hashCode(), loops.size());
    return new AuroraExecutor(run, settings, services, loops.get(loop), sink);
  }
}
