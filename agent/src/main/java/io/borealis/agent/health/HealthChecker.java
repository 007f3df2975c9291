package io.borealis.agent.health;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.EventLoop.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one task again and again, and tells when it is healthy and when it failed. Confined to the
 * loop it was made for, which no check ever holds up.
 */
public final class HealthChecker {
  private static final Logger LOG = LoggerFactory.getLogger(HealthChecker.class);

  private final EventLoop loop;
  private final Clock clock;
  private final HealthPolicy policy;
  private final HealthCheck check;
  private final BooleanSupplier snooze;
  private final HealthMetrics metrics;
  private final Listener listener;

  private HealthState state = HealthState.starting();
  private boolean snoozed;
  private boolean stopped;
  private @Nullable Timer next;

  /** Who is told. Called on the loop, at most once each, {@link #unhealthy} last. */
  public interface Listener {
    /** The task became healthy; not told of one that was when the agent was started again. */
    void healthy(String message);

    /** The task failed; no more checks follow. */
    void unhealthy(String message);
  }

  /**
   * @param snooze whether attempts are to count as successes at the moment without being made
   */
  public HealthChecker(
      EventLoop loop,
      Clock clock,
      HealthPolicy policy,
      HealthCheck check,
      BooleanSupplier snooze,
      HealthMetrics metrics,
      Listener listener) {
    this.loop = loop;
    this.clock = clock;
    this.policy = policy;
    this.check = check;
    this.snooze = snooze;
    this.metrics = metrics;
    this.listener = listener;
  }

  /**
   * Begins with the first attempt at once.
   *
   * @param wasHealthy whether the task was healthy before the agent was started again
   */
  public void start(boolean wasHealthy) {
    if (wasHealthy) {
      state = HealthState.resumed(policy);
    }
    attempt();
  }

  /** Ends the checks; the result of one that is being made counts no more. */
  public void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    if (next != null) {
      next.cancel();
    }
    snoozed(false);
    metrics.addFailures(-state.failures());
  }

  private void attempt() {
    if (stopped) {
      return;
    }
    if (!state.mayAttempt(policy)) {
      moveTo(state.outOfAttempts());
      return;
    }
    snoozed(snooze.getAsBoolean());
    if (snoozed) {
      finished(CheckResult.healthy());
      return;
    }
    long begin = clock.nanoTime();
    var unused =
        begin()
            .handle((result, failure) -> failure == null ? result : internalError(failure))
            .thenAcceptAsync(
                result -> {
                  if (!stopped) {
                    metrics.checked(clock.nanoTime() - begin);
                    finished(result);
                  }
                },
                loop);
  }

  private CompletionStage<CheckResult> begin() {
    try {
      return check.check();
    } catch (RuntimeException failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  private static CheckResult internalError(Throwable failure) {
    LOG.warn("A health check could not be made", failure);
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return CheckResult.unhealthy("Internal health check error: " + text);
  }

  private void finished(CheckResult result) {
    if (result instanceof CheckResult.Unhealthy unhealthy) {
      LOG.info("Health check failed: {}", unhealthy.reason());
    }
    moveTo(state.after(policy, result));
    if (!stopped) {
      next = loop.schedule(policy.interval(), this::attempt);
    }
  }

  private void moveTo(HealthState after) {
    HealthState before = state;
    metrics.addFailures(after.failures() - before.failures());
    state = after;
    if (after.verdict() == before.verdict()) {
      return;
    }
    String message = after.message().orElse("");
    if (after.verdict() == HealthState.Verdict.FAILED) {
      stop();
      listener.unhealthy(message);
    } else {
      listener.healthy(message);
    }
  }

  private void snoozed(boolean now) {
    if (now != snoozed) {
      metrics.addSnoozed(now ? 1 : -1);
      snoozed = now;
    }
  }
}
