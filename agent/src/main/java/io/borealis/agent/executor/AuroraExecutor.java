package io.borealis.agent.executor;

import io.borealis.agent.executor.StatusChain.Member;
import io.borealis.agent.executor.Workplaces.SandboxException;
import io.borealis.agent.executor.Workplaces.Workplace;
import io.borealis.agent.health.HealthMetrics;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.runner.TaskRunner;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task: makes its sandbox, starts it, watches it, and sees it to its end. Everything it
 * has is confined to its loop, to which its methods send what they are asked for.
 */
final class AuroraExecutor implements TaskExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(AuroraExecutor.class);

  /** Where a task is. */
  private enum Phase {
    NEW,
    PREPARING,
    STARTING,
    ACTIVE,
    STOPPING,
    ENDED,
    DETACHED
  }

  private final TaskRun run;
  private final String taskId;
  private final ExecutorSettings settings;
  private final Services services;
  private final EventLoop loop;
  private final StatusSink sink;
  private final StatusChain chain = new StatusChain();

  private Phase phase = Phase.NEW;
  private boolean recovered;
  private boolean toldRunning;
  private Optional<TaskStatus> stopWanted = Optional.empty();
  private EventLoop.@Nullable Timer limit;
  private @Nullable Workplace place;
  private @Nullable TaskRunner runner;
  private @Nullable TaskWatchers watchers;
  private @Nullable StopSequence stop;

  /**
   * What executors share.
   *
   * @param io does what blocks
   */
  record Services(
      Clock clock,
      Executor io,
      Workplaces workplaces,
      HttpTeardown.Post http,
      HealthMetrics health) {}

  AuroraExecutor(
      TaskRun run, ExecutorSettings settings, Services services, EventLoop loop, StatusSink sink) {
    this.run = run;
    this.taskId = run.task().taskId();
    this.settings = settings;
    this.services = services;
    this.loop = loop;
    this.sink = sink;
  }

  @Override
  public void launch() {
    loop.execute(
        () -> {
          if (phase == Phase.NEW) {
            tell(TaskStatus.of(AgentTaskState.TASK_STARTING));
            prepare();
          }
        });
  }

  @Override
  public void recover(boolean wasRunning) {
    loop.execute(
        () -> {
          if (phase == Phase.NEW) {
            recovered = true;
            toldRunning = wasRunning;
            prepare();
          }
        });
  }

  @Override
  public void kill() {
    loop.execute(() -> stopFor(Member.KILL, TaskStatus.killed("Instructed to kill task.")));
  }

  @Override
  public void detach() {
    loop.execute(
        () -> {
          if (phase == Phase.ENDED || phase == Phase.DETACHED) {
            return;
          }
          phase = Phase.DETACHED;
          cancelLimit();
          if (watchers != null) {
            watchers.detach();
          }
          if (stop != null) {
            stop.detach();
          }
          if (runner != null) {
            runner.detach();
          }
        });
  }

  private void prepare() {
    phase = Phase.PREPARING;
    limit(
        settings.timings().sandbox(),
        () -> refuse(TaskStatus.failed("Timed out waiting for sandbox to initialize!")));
    services
        .io()
        .execute(
            () -> {
              Optional<TaskStatus> stopping = StopReason.read(run.stopping());
              try {
                Workplace made = services.workplaces().prepare(run, loop);
                loop.execute(() -> prepared(made, stopping));
              } catch (InvalidTaskException invalid) {
                abandon(TaskStatus.failed(text(invalid)));
              } catch (SandboxException failure) {
                abandon(TaskStatus.failed("Failed to initialize sandbox: " + text(failure)));
              } catch (RuntimeException failure) {
                LOG.error("{}: unexpected while its sandbox was made", taskId, failure);
                abandon(
                    TaskStatus.failed("Unknown exception initializing sandbox: " + text(failure)));
              }
            });
  }

  /**
   * Bounds the time of a beginning. A task that ran before this process is not to be ended because
   * a machine with many of them takes long to find them all again.
   */
  private void limit(Duration time, Runnable end) {
    if (!toldRunning) {
      limit = loop.schedule(time, end);
    }
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** What a former agent process may have started must not outlive what is told. */
  private void abandon(TaskStatus status) {
    services.workplaces().abandon(run);
    loop.execute(() -> refuse(status));
  }

  /** Ends a task that was not started. */
  private void refuse(TaskStatus status) {
    if (phase == Phase.PREPARING) {
      cancelLimit();
      end(status);
    }
  }

  private void prepared(Workplace made, Optional<TaskStatus> stopping) {
    if (phase != Phase.PREPARING) {
      return;
    }
    cancelLimit();
    place = made;
    // Of a task nothing may have been told yet although its processes run.
    recovered = recovered || made.isBegun();
    if (!made.isBegun()) {
      if (stopping.isPresent()) {
        end(stopping.get());
        return;
      }
      if (stopWanted.isPresent()) {
        end(TaskStatus.killed("Task killed during initialization."));
        return;
      }
      if (recovered && toldRunning) {
        end(TaskStatus.lost("Task checkpoint could not be read."));
        return;
      }
    }
    phase = Phase.STARTING;
    limit(settings.timings().start(), this::startTimedOut);
    runner = made.runner(new RunnerListener());
    runner.start();
    stopping.or(() -> stopWanted).ifPresent(this::stop);
  }

  private void startTimedOut() {
    if (phase == Phase.STARTING) {
      stop(TaskStatus.failed("Task initialization failed: Task did not start within deadline."));
    }
  }

  /** Called by the runner, on the loop. */
  private final class RunnerListener implements TaskRunner.Listener {
    @Override
    public void started() {
      if (phase == Phase.STARTING) {
        cancelLimit();
        phase = Phase.ACTIVE;
        watch();
      }
    }

    @Override
    public void ended(TaskState state) {
      runnerGone(RunnerStatus.ended(state));
    }

    @Override
    public void failed(TaskRunner.Failure kind, String message) {
      LOG.warn("{}: {} {}", taskId, kind, message);
      boolean never = phase == Phase.STARTING && !recovered;
      runnerGone(
          never ? RunnerStatus.notStarted(kind, message) : RunnerStatus.failed(kind, message));
    }
  }

  private void watch() {
    Workplace here = place();
    watchers =
        new TaskWatchers(settings, services, loop, here, (member, status) -> hear(member, status));
    watchers.start(toldRunning, recovered);
  }

  /** Takes what one of those who watch the task says. */
  private void hear(Member member, TaskStatus status) {
    if (phase != Phase.ACTIVE) {
      return;
    }
    Optional<TaskStatus> now = chain.set(member, status);
    if (now.isEmpty()) {
      return;
    }
    if (now.get().isTerminal()) {
      stop(now.get());
    } else if (now.get().state() == AgentTaskState.TASK_RUNNING && !toldRunning) {
      toldRunning = true;
      tell(now.get());
    }
  }

  private void stopFor(Member member, TaskStatus status) {
    switch (phase) {
      case NEW, PREPARING -> stopWanted = Optional.of(status);
      case STARTING -> stop(status);
      case ACTIVE -> hear(member, status);
      case STOPPING, ENDED, DETACHED -> LOG.debug("{}: is to end already", taskId);
    }
  }

  private void runnerGone(TaskStatus status) {
    runner = null;
    switch (phase) {
      case STARTING -> {
        cancelLimit();
        settle(status);
      }
      case ACTIVE -> {
        Optional<TaskStatus> now = chain.set(Member.RUNNER, status);
        settle(now.orElse(status));
      }
      case STOPPING -> stopSequence().runnerGone();
      case NEW, PREPARING, ENDED, DETACHED -> LOG.debug("{}: its runner is gone", taskId);
    }
  }

  /** Sees to the end of a task whose runner has ended by itself. */
  private void settle(TaskStatus status) {
    phase = Phase.STOPPING;
    stop = new StopSequence(settings, services, loop, run, place(), watchers, null, this::end);
    stop.settle(status);
  }

  /** Stops the task, for the reason that is told when it has ended. */
  private void stop(TaskStatus reason) {
    boolean started = phase == Phase.ACTIVE;
    LOG.info("{}: is stopped: {}", taskId, reason);
    cancelLimit();
    phase = Phase.STOPPING;
    StopReason.write(run.stopping(), reason);
    stop = new StopSequence(settings, services, loop, run, place(), watchers, runner, this::end);
    stop.begin(reason, started || recovered);
  }

  private void end(TaskStatus status) {
    phase = Phase.ENDED;
    runner = null;
    tell(status);
    if (place != null) {
      release(place, settings.timings().release());
    }
  }

  /** What is still held by something that dies slowly is given back a little later. */
  private void release(Workplace held, Duration again) {
    services
        .io()
        .execute(
            () -> {
              if (!held.release()) {
                loop.execute(
                    () -> {
                      var unused = loop.schedule(again, () -> release(held, again.multipliedBy(2)));
                    });
              }
            });
  }

  private void tell(TaskStatus status) {
    LOG.info("{}: {}", taskId, status);
    sink.status(status.state(), status.message().orElse(null), status.reason().orElse(null));
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  private Workplace place() {
    if (place == null) {
      throw new IllegalStateException("Nothing is prepared");
    }
    return place;
  }

  private StopSequence stopSequence() {
    if (stop == null) {
      throw new IllegalStateException("Nothing is stopped");
    }
    return stop;
  }
}
