package io.borealis.agent.executor;

import io.borealis.agent.announce.Announcer;
import io.borealis.agent.executor.StatusChain.Member;
import io.borealis.agent.executor.Workplaces.Workplace;
import io.borealis.agent.health.HealthCheck;
import io.borealis.agent.health.HealthChecker;
import io.borealis.agent.health.HealthPolicy;
import io.borealis.agent.job.HealthCheckConfig;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All who watch a task while it runs: its health, its use of disk and memory, and its member where
 * services are looked for. Confined to the loop of the task.
 */
final class TaskWatchers {
  private static final Logger LOG = LoggerFactory.getLogger(TaskWatchers.class);

  private final ExecutorSettings settings;
  private final AuroraExecutor.Services services;
  private final EventLoop loop;
  private final Workplace place;
  private final BiConsumer<Member, TaskStatus> ear;
  private final List<Watch> watches = new ArrayList<>();
  private Optional<HealthChecker> health = Optional.empty();
  private Optional<Announcer> announcer = Optional.empty();

  /**
   * @param ear is told, on the loop, what each of them says
   */
  TaskWatchers(
      ExecutorSettings settings,
      AuroraExecutor.Services services,
      EventLoop loop,
      Workplace place,
      BiConsumer<Member, TaskStatus> ear) {
    this.settings = settings;
    this.services = services;
    this.loop = loop;
    this.place = place;
    this.ear = ear;
  }

  /**
   * Begins.
   *
   * @param wasRunning whether the task was healthy before the agent was started again
   * @param recovered whether a former agent process began it
   */
  void start(boolean wasRunning, boolean recovered) {
    HealthCheckConfig config = place.healthConfig();
    // Who was announced before is not failed because ZooKeeper is away while the agent restarts.
    Optional<Duration> patience =
        recovered
            ? Optional.empty()
            : Optional.of(
                config
                    .initialInterval()
                    .plus(config.interval().multipliedBy(config.maxConsecutiveFailures())));
    announcer =
        place.announcer(message -> ear.accept(Member.ANNOUNCER, TaskStatus.failed(message)));
    announcer.ifPresent(one -> one.start(patience));
    watch(settings.timings().memorySample(), this::memory);
    if (place.diskReserved().isPresent()) {
      watch(settings.timings().diskSample(), this::disk);
    }
    Optional<HealthCheck> check = place.healthCheck();
    if (check.isEmpty()) {
      running("No health-check defined, task is assumed healthy.");
    } else {
      HealthChecker checker = checker(config, check.get());
      health = Optional.of(checker);
      checker.start(wasRunning);
    }
  }

  private HealthChecker checker(HealthCheckConfig config, HealthCheck check) {
    return new HealthChecker(
        loop,
        services.clock(),
        new HealthPolicy(
            config.interval(),
            config.initialInterval(),
            config.maxConsecutiveFailures(),
            config.minConsecutiveSuccesses()),
        check,
        place::isSnoozed,
        services.health(),
        new HealthChecker.Listener() {
          @Override
          public void healthy(String message) {
            running(message);
          }

          @Override
          public void unhealthy(String message) {
            ear.accept(Member.HEALTH, TaskStatus.failed(message));
          }
        });
  }

  private void running(String message) {
    ear.accept(Member.HEALTH, TaskStatus.of(AgentTaskState.TASK_RUNNING, message));
  }

  private void watch(Duration interval, Supplier<Optional<TaskStatus>> look) {
    Watch watch =
        new Watch(
            loop, services.io(), interval, look, found -> ear.accept(Member.RESOURCES, found));
    watches.add(watch);
    watch.start();
  }

  private Optional<TaskStatus> memory() {
    return place.memoryExceeded().map(text -> TaskStatus.exceeded(TaskStatus.MEMORY, text));
  }

  private Optional<TaskStatus> disk() {
    long reserved = place.diskReserved().orElse(Long.MAX_VALUE);
    long used;
    try {
      used = place.diskUsed();
    } catch (IOException failure) {
      LOG.warn("The size of a sandbox cannot be found out", failure);
      return Optional.empty();
    }
    return used <= reserved
        ? Optional.empty()
        : Optional.of(
            TaskStatus.exceeded(
                TaskStatus.DISK,
                "Disk limit exceeded.  Reserved %d bytes vs used %d bytes."
                    .formatted(reserved, used)));
  }

  /** Ends all of them; completes, always well, when the task is known no more. */
  CompletionStage<Void> stop() {
    health.ifPresent(HealthChecker::stop);
    watches.forEach(Watch::stop);
    return announcer
        .map(Announcer::withdraw)
        .orElseGet(() -> CompletableFuture.completedStage(null));
  }

  /** The same, but the task stays known. */
  void detach() {
    health.ifPresent(HealthChecker::stop);
    watches.forEach(Watch::stop);
    announcer.ifPresent(Announcer::detach);
  }
}
