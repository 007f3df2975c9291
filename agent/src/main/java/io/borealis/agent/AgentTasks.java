package io.borealis.agent;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.executor.TaskExecutors;
import io.borealis.agent.executor.TaskRun;
import io.borealis.agent.link.CommandHandler;
import io.borealis.agent.link.Reports;
import io.borealis.agent.updates.RecoveredUpdates;
import io.borealis.agent.updates.TaskStatusUpdateManager;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.agent.updates.UpdateFiles;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.LaunchTask;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All tasks of this agent, from the command that launches one to the acknowledgement of its end.
 * Any thread may call; what takes time happens on the loop and on the disk's threads.
 */
final class AgentTasks implements CommandHandler {
  private static final Logger LOG = LoggerFactory.getLogger(AgentTasks.class);
  private static final int REMEMBERED = 10_000;
  private static final double MILLIS = 1000.0;

  /** A report has several hundred of them at most, and leaders take only so much at a time. */
  private static final int LONGEST_MESSAGE = 8192;

  private final WorkDir workDir;
  private final TaskExecutors executors;
  private final Reports reports;
  private final EventLoop loop;
  private final Executor disk;
  private final Clock clock;
  private final Supplier<UUID> uuids;
  private final TaskStatusUpdateManager manager;
  private final UpdateDelivery delivery;
  private final AgentMetrics metrics;
  private final Map<String, ManagedTask> tasks = new ConcurrentHashMap<>();
  // Tasks whose end the scheduler knows, in case it asks again.
  private final Cache<String, AgentTaskState> ended =
      CacheBuilder.newBuilder().maximumSize(REMEMBERED).build();
  private volatile @Nullable String frameworkId;

  /**
   * The threads of an agent's tasks. Immutable.
   *
   * @param tasks decides on all tasks
   * @param updates writes updates, for which it waits
   * @param disk writes all else down
   */
  record Threads(EventLoop tasks, EventLoop updates, Executor disk) {}

  AgentTasks(
      WorkDir workDir,
      TaskExecutors executors,
      Reports reports,
      Threads threads,
      UpdateFiles files,
      Clock clock,
      Supplier<UUID> uuids,
      MeterRegistry meters) {
    this.workDir = workDir;
    this.executors = executors;
    this.reports = reports;
    this.loop = threads.tasks();
    this.disk = threads.disk();
    this.clock = clock;
    this.uuids = uuids;
    this.manager = new TaskStatusUpdateManager(threads.updates(), files, meters, this::forward);
    this.delivery = new UpdateDelivery(manager, loop, tasks.values());
    this.metrics = new AgentMetrics(meters, tasks.values());
    // Until a leader knows this agent nobody would listen.
    manager.pause();
  }

  /** Why updates cannot be written at the moment; empty when they can. */
  Optional<String> problem() {
    return delivery.problem();
  }

  /** The ids of all tasks whose end the scheduler does not know yet. */
  ImmutableSet<String> ids() {
    return ImmutableSet.copyOf(tasks.keySet());
  }

  /** Where the tasks that have not ended are. */
  ImmutableList<RunPaths> living() {
    return tasks.values().stream()
        .filter(task -> !task.hasEnded())
        .map(task -> task.run)
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Knows the tasks of a former agent process again; to be called first. The result fails when
   * their updates cannot be written on.
   */
  CompletableFuture<Void> recover(ImmutableList<RecoveredRun> runs) {
    ImmutableList.Builder<RecoveredUpdates> files = ImmutableList.builder();
    for (RecoveredRun run : runs) {
      String taskId = run.paths().taskId();
      if (run.isOver()) {
        ended.put(taskId, run.latest());
        end(run.paths());
        continue;
      }
      ManagedTask task =
          new ManagedTask(run.paths(), run.launch().used(), run.latest(), run.unacknowledged());
      task.durable = true;
      tasks.put(taskId, task);
      run.updates().ifPresent(files::add);
    }
    return manager.recover(files.build());
  }

  /** Goes on to watch those tasks, whether or not their updates can be written. */
  void adopt(ImmutableList<RecoveredRun> runs) {
    loop.execute(
        () -> {
          runs.forEach(this::adopt);
          delivery.look();
        });
  }

  private void adopt(RecoveredRun run) {
    @Nullable ManagedTask task = tasks.get(run.paths().taskId());
    AssignedTask assigned = run.launch().task();
    if (task == null || task.hasEnded() || assigned == null) {
      return;
    }
    start(task, assigned, run.updates().isEmpty() ? Begin.LAUNCH : Begin.of(run.wasRunning()));
  }

  /** How an executor begins. */
  private enum Begin {
    LAUNCH,
    RECOVER_STARTING,
    RECOVER_RUNNING;

    static Begin of(boolean wasRunning) {
      return wasRunning ? RECOVER_RUNNING : RECOVER_STARTING;
    }
  }

  private void start(ManagedTask task, AssignedTask assigned, Begin begin) {
    try {
      var executor =
          executors.create(
              new TaskRun(assigned, task.run.directory()),
              (state, message, reason) ->
                  loop.execute(() -> reached(task, state, message, reason, "SOURCE_EXECUTOR")));
      task.executor = executor;
      switch (begin) {
        case LAUNCH -> executor.launch();
        case RECOVER_STARTING -> executor.recover(false);
        case RECOVER_RUNNING -> executor.recover(true);
      }
      if (task.killed) {
        executor.kill();
      }
    } catch (RuntimeException failure) {
      LOG.error("Task {} cannot be run", task.run.taskId(), failure);
      reached(task, AgentTaskState.TASK_FAILED, "Internal error: " + failure, null, "SOURCE_AGENT");
    }
  }

  private void reached(
      ManagedTask task,
      AgentTaskState state,
      @Nullable String message,
      @Nullable String reason,
      String source) {
    String taskId = task.run.taskId();
    if (task.hasEnded() || state == AgentTaskState.TASK_STAGING) {
      LOG.warn("Task {} is {} and cannot become {} ({})", taskId, task.latest(), state, message);
      return;
    }
    LOG.info("Task {} is {}: {}", taskId, state, message);
    metrics.reached(state);
    task.reached(
        state,
        new TaskUpdate(
            task.key(),
            Optional.of(WorkDir.EXECUTOR + taskId),
            Optional.of(workDir.agentId()),
            state,
            Optional.ofNullable(message).map(AgentTasks::shortened),
            Optional.ofNullable(reason),
            Optional.of(source),
            clock.wallMillis() / MILLIS,
            Optional.of(uuids.get())));
    delivery.write(task);
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE - 1) + "…";
  }

  /** Sends one update; called on the loop of the updates. */
  private void forward(TaskUpdate update) {
    @Nullable ManagedTask task = tasks.get(update.key().taskId());
    reports.send(
        AgentUpdate.builder()
            .taskId(update.key().taskId())
            .state(update.state())
            .message(update.message().orElse(null))
            .reason(update.reason().orElse(null))
            .source(update.source().orElse(null))
            .uuid(update.uuidBytes())
            .timestampMs(Math.round(update.timestamp() * MILLIS))
            .latest(task == null ? update.state() : task.latest())
            .build());
  }

  @Override
  public ImmutableList<AgentTask> tasks() {
    return tasks.values().stream().map(ManagedTask::view).collect(ImmutableList.toImmutableList());
  }

  @Override
  public void connected(String framework) {
    frameworkId = framework;
    manager.resume();
  }

  @Override
  public void disconnected() {
    manager.pause();
  }

  @Override
  public void launch(LaunchTask launch) {
    AssignedTask assigned = launch.task();
    @Nullable String taskId = assigned == null ? null : assigned.taskId();
    String framework = frameworkId;
    if (taskId == null || framework == null) {
      LOG.error("Refusing to launch a task without an id, or for nobody: {}", launch);
      return;
    } else if (tasks.containsKey(taskId)) {
      LOG.info("Task {} was launched before", taskId);
      return;
    } else if (ended.getIfPresent(taskId) != null) {
      // To whoever heard of its end this says nothing new; whoever did not must not wait for it.
      ranBefore(taskId);
      return;
    } else if (!WorkDir.canName(taskId)) {
      LOG.error("Refusing to launch a task that has {} for an id", taskId);
      tell(
          taskId,
          AgentTaskState.TASK_ERROR,
          "The id of a task names folders of its agent: it has at most %d characters and no slash."
              .formatted(WorkDir.LONGEST_NAME),
          null);
      return;
    }
    ManagedTask task =
        new ManagedTask(
            workDir.run(framework, taskId, uuids.get().toString()),
            launch.used(),
            AgentTaskState.TASK_STAGING,
            0);
    tasks.put(taskId, task);
    long since = clock.nanoTime();
    disk.execute(
        () -> {
          if (workDir.knows(framework, taskId)) {
            LOG.warn("Task {} ran here before", taskId);
            loop.execute(() -> forget(task));
            return;
          }
          @Nullable IOException failure = begin(task.run, launch);
          loop.execute(() -> begun(task, assigned, failure, since));
        });
  }

  private @Nullable IOException begin(RunPaths run, LaunchTask launch) {
    try {
      workDir.begin(run, launch);
      return null;
    } catch (IOException failure) {
      try {
        // What is told to be lost must not be found again by the next process.
        Files.deleteIfExists(run.taskInfo());
      } catch (IOException alsoThat) {
        failure.addSuppressed(alsoThat);
      }
      return failure;
    }
  }

  private void begun(
      ManagedTask task, AssignedTask assigned, @Nullable IOException failure, long since) {
    if (failure != null) {
      LOG.error("Task {} cannot be written down", task.run.taskId(), failure);
      metrics.refused();
      reached(
          task,
          AgentTaskState.TASK_LOST,
          "The agent cannot write down the task: " + failure.getMessage(),
          null,
          "SOURCE_AGENT");
      return;
    }
    task.durable = true;
    if (task.killed) {
      reached(
          task,
          AgentTaskState.TASK_KILLED,
          "Task killed during initialization.",
          "REASON_TASK_KILLED_DURING_LAUNCH",
          "SOURCE_AGENT");
      return;
    }
    start(task, assigned, Begin.LAUNCH);
    metrics.launched(Duration.ofNanos(clock.nanoTime() - since));
  }

  private void forget(ManagedTask task) {
    tasks.remove(task.run.taskId());
    ranBefore(task.run.taskId());
  }

  private void ranBefore(String taskId) {
    metrics.refused();
    tell(taskId, AgentTaskState.TASK_LOST, "The task ran on this agent before.", null);
  }

  @Override
  public void kill(String taskId) {
    loop.execute(
        () -> {
          @Nullable ManagedTask task = tasks.get(taskId);
          if (task == null) {
            @Nullable AgentTaskState state = ended.getIfPresent(taskId);
            tell(
                taskId,
                state == null ? AgentTaskState.TASK_LOST : state,
                "Attempted to kill a task the agent does not have.",
                null);
          } else {
            task.killed = true;
            if (task.executor != null && !task.hasEnded()) {
              task.executor.kill();
            }
          }
        });
  }

  @Override
  public void acknowledge(String taskId, UUID uuid) {
    loop.execute(
        () -> {
          @Nullable ManagedTask task = tasks.get(taskId);
          if (task == null) {
            LOG.info("Update {} of task {} was acknowledged before", uuid, taskId);
            return;
          }
          delivery.acknowledge(
              task,
              uuid,
              goesOn -> {
                task.acknowledged();
                if (!goesOn) {
                  over(task);
                }
              });
        });
  }

  private void over(ManagedTask task) {
    ended.put(task.run.taskId(), task.latest());
    tasks.remove(task.run.taskId());
    if (task.durable) {
      end(task.run);
    }
  }

  private void end(RunPaths run) {
    disk.execute(
        () -> {
          try {
            workDir.end(run);
          } catch (IOException failure) {
            // Its updates say so, too; the next process tries again.
            LOG.warn(
                "{} is over, which cannot be written down: {}", run.meta(), failure.toString());
          }
        });
  }

  @Override
  public void reconcile(ImmutableList<String> taskIds) {
    loop.execute(
        () -> {
          for (String taskId : taskIds.isEmpty() ? ids() : taskIds) {
            @Nullable ManagedTask task = tasks.get(taskId);
            @Nullable AgentTaskState state =
                task == null ? ended.getIfPresent(taskId) : task.latest();
            tell(
                taskId,
                state == null ? AgentTaskState.TASK_GONE : state,
                state == null ? "The agent does not have the task." : null,
                "REASON_RECONCILIATION");
          }
        });
  }

  /** Says once what is; without a uuid nobody acknowledges it. */
  private void tell(
      String taskId, AgentTaskState state, @Nullable String message, @Nullable String reason) {
    reports.send(
        AgentUpdate.builder()
            .taskId(taskId)
            .state(state)
            .message(message)
            .reason(reason)
            .source("SOURCE_AGENT")
            .timestampMs(clock.wallMillis())
            .latest(state)
            .build());
  }

  /** Stops to watch all tasks, which go on, and closes their files. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> detached = new CompletableFuture<>();
    loop.execute(
        () -> {
          for (ManagedTask task : tasks.values()) {
            if (task.executor != null) {
              task.executor.detach();
            }
          }
          detached.complete(null);
        });
    return detached.thenCompose(nothing -> manager.close());
  }
}
