package io.borealis.agent.executor;

import io.borealis.agent.executor.Workplaces.Workplace;
import io.borealis.agent.runner.TaskRunner;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a task: no more checks, known no more, asked over HTTP, then by signals, gently and at last
 * not; all of it within a time. Confined to the loop of the task.
 */
final class StopSequence {
  private static final Logger LOG = LoggerFactory.getLogger(StopSequence.class);

  private final ExecutorSettings settings;
  private final AuroraExecutor.Services services;
  private final EventLoop loop;
  private final String taskId;
  private final Workplace place;
  private final @Nullable TaskWatchers watchers;
  private final Consumer<TaskStatus> end;

  private @Nullable TaskRunner runner;
  private @Nullable TaskStatus reason;
  private @Nullable HttpTeardown teardown;
  private EventLoop.@Nullable Timer timer;
  private long beginNanos;
  private boolean over;

  /**
   * @param runner still lives; null if not
   * @param end told once, with the last status of the task
   */
  StopSequence(
      ExecutorSettings settings,
      AuroraExecutor.Services services,
      EventLoop loop,
      TaskRun run,
      Workplace place,
      @Nullable TaskWatchers watchers,
      @Nullable TaskRunner runner,
      Consumer<TaskStatus> end) {
    this.settings = settings;
    this.services = services;
    this.loop = loop;
    this.taskId = run.task().taskId();
    this.place = place;
    this.watchers = watchers;
    this.runner = runner;
    this.end = end;
  }

  /**
   * Stops a task that lives.
   *
   * @param mayListen whether the task can have come so far that it answers requests
   */
  void begin(TaskStatus why, boolean mayListen) {
    reason = why;
    beginNanos = services.clock().nanoTime();
    timer = loop.schedule(settings.tasks().stopTimeout(), this::outOfTime);
    boolean hurry = why.reason().filter(TaskStatus.MEMORY::equals).isPresent();
    if (hurry) {
      kill(Duration.ZERO);
    }
    afterWithdrawal(
        () -> {
          Optional<Workplaces.Teardown> ask = place.teardown();
          if (runner == null) {
            finish(why);
          } else if (hurry) {
            LOG.debug("{}: is being killed", taskId);
          } else if (ask.isPresent() && mayListen) {
            teardown =
                new HttpTeardown(
                    loop, services.http(), settings.timings().signal(), ask.get(), this::kill);
            teardown.start();
          } else {
            kill();
          }
        });
  }

  /** Sees to the rest when the task ended by itself. */
  void settle(TaskStatus ended) {
    reason = ended;
    afterWithdrawal(() -> askForMemory(ended));
  }

  /** The runner has ended, and nothing of the task lives. */
  void runnerGone() {
    runner = null;
    if (teardown != null) {
      teardown.stop();
    }
    if (reason != null) {
      finish(reason);
    }
  }

  /** Leaves the task as it is. */
  void detach() {
    over = true;
    cancel();
  }

  /** A task is known no more before it is asked to end, unless that takes long. */
  private void afterWithdrawal(Runnable next) {
    CompletionStage<Void> gone =
        watchers == null ? CompletableFuture.completedStage(null) : watchers.stop();
    CompletableFuture<Void> enough = new CompletableFuture<>();
    EventLoop.Timer patience =
        loop.schedule(
            settings.timings().withdraw(),
            () -> {
              var unused = enough.complete(null);
            });
    var unused =
        gone.toCompletableFuture()
            .acceptEither(enough, nothing -> {})
            .thenRunAsync(
                () -> {
                  patience.cancel();
                  if (!over) {
                    next.run();
                  }
                },
                loop);
  }

  /** Who was killed for its memory by the kernel only seems to have failed. */
  private void askForMemory(TaskStatus ended) {
    if (ended.state() == AgentTaskState.TASK_FINISHED) {
      finish(ended);
      return;
    }
    services
        .io()
        .execute(
            () -> {
              TaskStatus said =
                  place
                      .memoryExceeded()
                      .map(text -> TaskStatus.exceeded(TaskStatus.MEMORY, text))
                      .orElse(ended);
              if (ended.state() == AgentTaskState.TASK_LOST) {
                // Its runner may have given up without having killed anything.
                boolean unused = place.release();
              }
              loop.execute(() -> finish(said));
            });
  }

  private void kill() {
    Duration left = settings.tasks().stopTimeout().minusNanos(elapsedNanos());
    Duration patience = settings.timings().killPatience();
    kill(left.compareTo(patience) < 0 ? left : patience);
  }

  private long elapsedNanos() {
    return services.clock().nanoTime() - beginNanos;
  }

  private void kill(Duration patience) {
    if (runner != null && !over) {
      runner.kill(patience.isNegative() ? Duration.ZERO : patience);
    }
  }

  private void outOfTime() {
    if (teardown != null) {
      teardown.stop();
    }
    kill(Duration.ZERO);
    timer =
        loop.schedule(
            settings.timings().lastWords(),
            () -> {
              LOG.error("{}: does not end in time, and is told to have ended", taskId);
              if (reason != null) {
                finish(reason);
              }
            });
  }

  private void finish(TaskStatus status) {
    if (!over) {
      over = true;
      cancel();
      end.accept(status);
    }
  }

  private void cancel() {
    if (teardown != null) {
      teardown.stop();
    }
    if (timer != null) {
      timer.cancel();
    }
  }
}
