package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.updates.RecoveredUpdates;
import io.borealis.agent.updates.StreamKey;
import io.borealis.agent.updates.TaskStatusUpdateManager;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.agent.updates.UpdateException;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.LaunchTask;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Tells stories about updates on virtual time: U(1), U(2), … are updates of one task. */
final class UpdateStory implements AutoCloseable {
  static final String OK = "ok";

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final Path root;
  private final List<String> sent = new ArrayList<>();
  private final long begin = runtimes.clock().nanoTime();
  WorkDir workDir;
  TaskStatusUpdateManager manager;

  final SmallDisk disk = new SmallDisk();

  /** What is sent is heard; otherwise it goes nowhere. */
  boolean connected = true;

  UpdateStory(Path root) {
    this.root = root;
    open();
  }

  private void open() {
    workDir = WorkDir.open(root, "agent-1");
    manager =
        new TaskStatusUpdateManager(
            runtimes.newLoop("updates"), disk, new SimpleMeterRegistry(), this::forward);
  }

  private void forward(TaskUpdate update) {
    if (connected) {
      long seconds = Duration.ofNanos(runtimes.clock().nanoTime() - begin).toSeconds();
      sent.add(name(update) + "@" + seconds);
    }
  }

  private static String name(TaskUpdate update) {
    String task = update.key().taskId();
    return (task.equals("t1") ? "U" : task + ".U")
        + update.uuid().orElseThrow().getLeastSignificantBits();
  }

  /** Loses what a dying process loses, and starts anew. */
  UpdateStory restart() {
    runtimes.crash();
    workDir.close();
    open();
    return this;
  }

  /** An update of task t1, STARTING. */
  static TaskUpdate u(int number) {
    return u(number, AgentTaskState.TASK_STARTING);
  }

  static TaskUpdate u(int number, AgentTaskState state) {
    return u("fw", "t1", number, state);
  }

  static TaskUpdate u(String framework, String task, int number, AgentTaskState state) {
    return new TaskUpdate(
        new StreamKey(framework, task),
        Optional.of("thermos-" + task),
        Optional.of("agent-1"),
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.of(new UUID(0, number)));
  }

  RunPaths run(TaskUpdate update) {
    return workDir.run(update.key().frameworkId(), update.key().taskId(), "run");
  }

  Path file(TaskUpdate update) {
    return run(update).taskUpdates();
  }

  /** What was launched is known to the agent, as before each update of a real task. */
  UpdateStory launched(TaskUpdate update) {
    return launched(run(update));
  }

  UpdateStory launched(RunPaths run) {
    try {
      workDir.begin(
          run,
          LaunchTask.builder().task(AssignedTask.builder().taskId(run.taskId()).build()).build());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return this;
  }

  /** Gives updates that are kept in files, and tells of the last one what became of it. */
  String update(TaskUpdate... updates) {
    String last = "";
    for (TaskUpdate update : updates) {
      last = result(manager.update(update, file(update)));
    }
    return last;
  }

  /** Gives an update that is kept in memory only. */
  String memory(TaskUpdate update) {
    return result(manager.update(update));
  }

  /** Acknowledges, and tells whether the stream goes on, or why that was refused. */
  String ack(TaskUpdate update) {
    return result(manager.acknowledgement(update.key(), update.uuid().orElseThrow()));
  }

  /** Time goes on. */
  UpdateStory after(Duration time) {
    runtimes.advance(time);
    return this;
  }

  UpdateStory pause() {
    manager.pause();
    runtimes.runReady();
    return this;
  }

  UpdateStory resume() {
    manager.resume();
    runtimes.runReady();
    return this;
  }

  /** Reads what a former process left, and goes on with it. */
  String recover(boolean strict) {
    StateRecovery.Found found;
    try {
      found = StateRecovery.recover(workDir, strict);
    } catch (AgentException refused) {
      return refused.getMessage();
    }
    var files =
        found.runs().stream()
            .flatMap(run -> run.updates().stream())
            .collect(ImmutableList.toImmutableList());
    return result(manager.recover(files)) + " " + found.errors().size();
  }

  String result(CompletableFuture<?> future) {
    runtimes.runReady();
    try {
      Object value = future.isDone() ? future.join() : "nothing yet";
      return value == null ? OK : value.toString();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof UpdateException refused) {
        return refused.getMessage();
      }
      throw failed;
    }
  }

  /** What was sent since the last call, with the second. */
  List<String> sent() {
    List<String> now = List.copyOf(sent);
    sent.clear();
    return now;
  }

  /** The records in the file of a task: updates, then acknowledgements. */
  String written(TaskUpdate update) {
    try {
      RecoveredUpdates read = RecoveredUpdates.recover(file(update));
      return read.updates().stream().map(UpdateStory::name).toList()
          + " "
          + read.acknowledged().stream().map(UUID::getLeastSignificantBits).toList();
    } catch (IOException unreadable) {
      return "no file";
    }
  }

  byte[] bytes(TaskUpdate update) {
    try {
      return Files.readAllBytes(file(update));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public void close() {
    workDir.close();
  }
}
