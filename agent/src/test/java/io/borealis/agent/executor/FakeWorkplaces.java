package io.borealis.agent.executor;

import io.borealis.agent.announce.Announcer;
import io.borealis.agent.health.CheckResult;
import io.borealis.agent.health.HealthCheck;
import io.borealis.agent.health.LocalHttp;
import io.borealis.agent.job.HealthCheckConfig;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.runner.TaskRunner;
import io.borealis.api.thermos.TaskState;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Room for one task that runs nothing, does what a test says, and writes down what was asked. */
final class FakeWorkplaces implements Workplaces, Workplaces.Workplace {
  final List<String> asked = new ArrayList<>();
  private final Clock clock;
  private final long begin;

  @Nullable Exception trouble;
  boolean begun;
  boolean startsAtOnce = true;
  boolean diesWhenKilled = true;
  Optional<Duration> endsAfterRequest = Optional.empty();
  Optional<Duration> withdrawsAfter = Optional.of(Duration.ZERO);
  Optional<Teardown> teardown = Optional.empty();
  Optional<CheckResult> health = Optional.empty();
  boolean announces;
  OptionalLong diskReserved = OptionalLong.empty();
  long diskUsed;
  Optional<String> memory = Optional.empty();
  int busyReleases;
  int released;

  Announcer.@Nullable Listener announcer;
  @Nullable Runner runner;
  private @Nullable EventLoop loop;

  FakeWorkplaces(Clock clock) {
    this.clock = clock;
    this.begin = clock.nanoTime();
  }

  private void note(String what) {
    asked.add("%.1f %s".formatted((clock.nanoTime() - begin) / 1e9, what));
  }

  private EventLoop loop() {
    if (loop == null) {
      throw new IllegalStateException("Nothing is prepared");
    }
    return loop;
  }

  Runner runner() {
    if (runner == null) {
      throw new IllegalStateException("No runner was made");
    }
    return runner;
  }

  @Override
  public Workplace prepare(TaskRun run, EventLoop given)
      throws InvalidTaskException, SandboxException {
    note("prepare");
    if (trouble instanceof InvalidTaskException invalid) {
      throw invalid;
    } else if (trouble instanceof SandboxException sandbox) {
      throw sandbox;
    } else if (trouble instanceof RuntimeException unexpected) {
      throw unexpected;
    }
    loop = given;
    return this;
  }

  @Override
  public void abandon(TaskRun run) {
    note("abandon");
  }

  @Override
  public boolean isBegun() {
    return begun;
  }

  @Override
  public TaskRunner runner(TaskRunner.Listener listener) {
    runner = new Runner(listener);
    return runner;
  }

  /** A runner that is told by the test what happens. */
  final class Runner implements TaskRunner {
    final TaskRunner.Listener listener;
    private boolean over;

    Runner(TaskRunner.Listener listener) {
      this.listener = listener;
    }

    void end(TaskState state) {
      if (!over) {
        over = true;
        listener.ended(state);
      }
    }

    @Override
    public void start() {
      note("start");
      if (startsAtOnce) {
        loop().execute(listener::started);
      }
    }

    @Override
    public void kill(Duration patience) {
      note("kill " + patience.toMillis() / 1000.0);
      if (diesWhenKilled) {
        loop().execute(() -> end(TaskState.KILLED));
      }
    }

    @Override
    public void lose() {
      note("lose");
    }

    @Override
    public void detach() {
      note("detach");
      over = true;
    }
  }

  /** Answers requests of the life cycle, if the task has one that does. */
  CompletionStage<LocalHttp.Reply> post(String url, Duration timeout, EventLoop ignored) {
    note("post " + url);
    if (endsAfterRequest.isEmpty()) {
      return CompletableFuture.completedStage(new LocalHttp.Reply.NoAnswer("nobody"));
    }
    var unused = loop().schedule(endsAfterRequest.get(), () -> runner().end(TaskState.SUCCESS));
    return CompletableFuture.completedStage(new LocalHttp.Reply.Answer(404, ""));
  }

  @Override
  public Optional<HealthCheck> healthCheck() {
    return health.map(ignored -> this::check);
  }

  private CompletionStage<CheckResult> check() {
    note("check");
    return CompletableFuture.completedStage(health.orElseThrow());
  }

  @Override
  public HealthCheckConfig healthConfig() {
    return new HealthCheckConfig(
        new HealthCheckConfig.Http("/health", "ok", 0),
        Duration.ofSeconds(15),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        0,
        1);
  }

  @Override
  public boolean isSnoozed() {
    return false;
  }

  @Override
  public Optional<Teardown> teardown() {
    return teardown;
  }

  @Override
  public Optional<Announcer> announcer(Announcer.Listener listener) {
    announcer = listener;
    return announces ? Optional.of(new FakeAnnouncer()) : Optional.empty();
  }

  private final class FakeAnnouncer implements Announcer {
    @Override
    public void start(Optional<Duration> patience) {
      note(
          "announce " + patience.map(Duration::toSeconds).map(String::valueOf).orElse("patiently"));
    }

    @Override
    public CompletionStage<Void> withdraw() {
      note("withdraw");
      CompletableFuture<Void> gone = new CompletableFuture<>();
      withdrawsAfter.ifPresent(
          after -> {
            var unused = loop().schedule(after, () -> gone.complete(null));
          });
      return gone;
    }

    @Override
    public void detach() {
      note("leave announced");
    }
  }

  @Override
  public OptionalLong diskReserved() {
    return diskReserved;
  }

  @Override
  public long diskUsed() {
    return diskUsed;
  }

  @Override
  public Optional<String> memoryExceeded() {
    return memory;
  }

  @Override
  public boolean release() {
    released++;
    return released > busyReleases;
  }
}
