package io.borealis.agent;

import io.borealis.agent.updates.TaskStatusUpdateManager;
import io.borealis.agent.updates.TaskUpdate;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the updates of tasks to their manager, in order, and keeps those that cannot be written
 * until they can be. Confined to the loop of the tasks, but for {@link #problem}.
 */
final class UpdateDelivery {
  /** Time between two attempts to write what could not be written. */
  static final Duration REPAIR = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(UpdateDelivery.class);

  private final TaskStatusUpdateManager manager;
  private final EventLoop loop;
  private final Collection<ManagedTask> tasks;
  private boolean repairing;
  private volatile String problem = "";

  /**
   * @param tasks all there are, at any time
   */
  UpdateDelivery(TaskStatusUpdateManager manager, EventLoop loop, Collection<ManagedTask> tasks) {
    this.manager = manager;
    this.loop = loop;
    this.tasks = tasks;
  }

  /** Why updates cannot be written at the moment; empty when they can. Any thread. */
  Optional<String> problem() {
    return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
  }

  /** Gives what is not written yet of a task. */
  void write(ManagedTask task) {
    if (task.writing || task.unwritten.isEmpty()) {
      return;
    }
    task.writing = true;
    TaskUpdate update = task.unwritten.getFirst();
    CompletableFuture<Void> taken =
        task.durable ? manager.update(update, task.run.taskUpdates()) : manager.update(update);
    var unused =
        taken.whenCompleteAsync(
            (nothing, failure) -> {
              task.writing = false;
              if (failure == null) {
                task.unwritten.removeFirst();
                write(task);
                settle();
              } else {
                trouble(failure);
              }
            },
            loop);
  }

  /**
   * Tells that the scheduler has an update.
   *
   * @param done gets whether more may come of the task
   */
  void acknowledge(ManagedTask task, UUID uuid, Consumer<Boolean> done) {
    var unused =
        manager
            .acknowledgement(task.key(), uuid)
            .whenCompleteAsync(
                (goesOn, failure) -> {
                  if (failure == null) {
                    done.accept(goesOn);
                  } else if (manager.streamsInError() > 0) {
                    trouble(failure);
                  } else {
                    LOG.info("Not acknowledged: {}", message(failure));
                  }
                },
                loop);
  }

  /** Repairs what could not be opened at the beginning. */
  void look() {
    if (manager.streamsInError() > 0) {
      trouble(new IllegalStateException("the updates of some tasks cannot be opened"));
    }
  }

  /** Something could not be written: tries again soon, and again. */
  private void trouble(Throwable failure) {
    String message = message(failure);
    if (problem.isEmpty()) {
      LOG.error("Updates of tasks cannot be written and wait in memory: {}", message);
    }
    problem = message;
    repairLater();
  }

  private void repairLater() {
    if (!repairing) {
      repairing = true;
      var unused = loop.schedule(REPAIR, this::repair);
    }
  }

  private void repair() {
    var unused =
        manager
            .repair()
            .thenAcceptAsync(
                left -> {
                  repairing = false;
                  if (left > 0) {
                    repairLater();
                  }
                  tasks.forEach(this::write);
                  settle();
                },
                loop);
  }

  private void settle() {
    if (!problem.isEmpty()
        && !repairing
        && manager.streamsInError() == 0
        && tasks.stream().allMatch(task -> task.unwritten.isEmpty())) {
      LOG.info("Updates of tasks can be written again");
      problem = "";
    }
  }

  private static String message(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return String.valueOf(cause.getMessage());
  }
}
