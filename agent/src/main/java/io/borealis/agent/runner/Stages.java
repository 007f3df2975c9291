package io.borealis.agent.runner;

import io.borealis.agent.plan.Plan;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides what a runner does next, from how far its task has come, what was seen of its processes
 * and the time. Pure.
 */
final class Stages {
  /** How long a coordinator may take to start its command. */
  static final Duration FORK_TIMEOUT = Duration.ofSeconds(60);

  /** How often is looked at what runs. */
  static final Duration CALM = Duration.ofSeconds(1);

  /** How often is looked at what changes within moments. */
  static final Duration EAGER = Duration.ofMillis(50);

  /** How long something is expected within moments. */
  private static final Duration EAGERNESS = Duration.ofSeconds(3);

  private Stages() {}

  /** The next step; after every step but {@link Step.Look} this is asked again at once. */
  static Step next(Course course, Sight sight, Stop stop, long nowNanos) {
    return new Situation(course, sight, stop, nowNanos).next();
  }

  /** Whether the task is on its way to its end, or was asked to be. */
  static boolean isStopping(Course course, Stop stop) {
    return stop.isAsked() || course.taskState() != TaskState.ACTIVE;
  }

  /** How long a task that is stopping may take before it is killed; zero or more. */
  static Duration timeLeft(Course course, Stop stop, long nowNanos) {
    long left =
        stop.isAsked()
            ? stop.deadlineNanos() - nowNanos
            : course.task().finalizationWait().toNanos() - (nowNanos - course.cleaningNanos());
    return Duration.ofNanos(Math.max(0, left));
  }

  private record Situation(Course course, Sight sight, Stop stop, long nowNanos) {
    Step next() {
      return switch (course.taskState()) {
        case ACTIVE -> active();
        case CLEANING -> cleaning();
        case FINALIZING -> finalizing();
        case SUCCESS, FAILED, KILLED, LOST -> ended();
      };
    }

    private Step active() {
      Plan plan = course.ordinary();
      Optional<String> lost = lostOf(plan);
      if (stop.isAsked()) {
        return new Step.Enter(TaskState.CLEANING);
      }
      if (lost.isPresent()) {
        return new Step.Lose(lost.get());
      }
      if (plan.isComplete() || !isHealthy()) {
        return new Step.Enter(TaskState.CLEANING);
      }
      return launchOrLook(plan);
    }

    private Step cleaning() {
      Duration left = timeLeft();
      if (left.isZero()) {
        return new Step.Enter(outcome());
      }
      if (sight.live().isEmpty()) {
        return new Step.Enter(TaskState.FINALIZING);
      }
      return new Step.Look(least(left, pause()));
    }

    private Step finalizing() {
      Optional<String> leftover = unendedOf(course.ordinary());
      if (leftover.isPresent()) {
        return new Step.Force(leftover.get());
      }
      Plan plan = course.finalizing();
      Duration left = timeLeft();
      Optional<String> lost = lostOf(plan);
      if (left.isZero()) {
        return new Step.Enter(outcome());
      }
      if (lost.isPresent()) {
        return new Step.Lose(lost.get());
      }
      if (plan.isComplete() || plan.isDeadlocked()) {
        return new Step.Enter(outcome());
      }
      Step step = launchOrLook(plan);
      return step instanceof Step.Look look ? new Step.Look(least(left, look.after())) : step;
    }

    private Step ended() {
      Optional<String> leftover =
          course.runs().values().stream()
              .filter(run -> run.isUnended() && run.state() != ProcessState.WAITING)
              .map(Run::process)
              .findFirst();
      return leftover.isPresent() ? new Step.Force(leftover.get()) : new Step.Settle();
    }

    private Step launchOrLook(Plan plan) {
      int limit = course.task().maxConcurrency();
      boolean room = limit == 0 || plan.running().size() < limit;
      if (room) {
        for (String process : plan.runnable(nowNanos)) {
          if (!sight.lingering().contains(process)) {
            return new Step.Launch(process);
          }
        }
      }
      Duration pause = pause();
      return new Step.Look(
          plan.throttled(nowNanos).values().stream().reduce(pause, Situation::least));
    }

    /** A process whose run will not tell any more how it ended. */
    private Optional<String> lostOf(Plan plan) {
      return plan.running().stream()
          .filter(
              process -> {
                Run run = course.run(process);
                return run.state() == ProcessState.FORKED
                    ? nowNanos - run.forkedNanos() > FORK_TIMEOUT.toNanos()
                    : sight.gone().contains(process);
              })
          .findFirst();
    }

    private Optional<String> unendedOf(Plan plan) {
      return plan.running().stream().findFirst();
    }

    private boolean isHealthy() {
      return course.ordinary().isHealthy(course.task().maxFailures());
    }

    /**
     * What the task ends as. One that is stopped while its plan could have gone on was asked to, if
     * perhaps in the life of a former runner.
     */
    private TaskState outcome() {
      TaskState asked = stop.outcome();
      if (asked != null) {
        return asked;
      }
      if (!isHealthy()) {
        return TaskState.FAILED;
      }
      return course.ordinary().isComplete() ? TaskState.SUCCESS : TaskState.KILLED;
    }

    private Duration timeLeft() {
      return Stages.timeLeft(course, stop, nowNanos);
    }

    private Duration pause() {
      boolean eager =
          sight.busy()
              || course.runs().values().stream()
                  .anyMatch(
                      run ->
                          run.state() == ProcessState.FORKED
                              && nowNanos - run.forkedNanos() < EAGERNESS.toNanos());
      return eager ? EAGER : CALM;
    }

    private static Duration least(Duration one, Duration other) {
      return one.compareTo(other) < 0 ? one : other;
    }
  }
}
