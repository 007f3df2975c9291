package io.borealis.agent.runner;

import io.borealis.api.thermos.ProcessState;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Signals to a task that is to end. They do not wait for records: when nothing can be written, a
 * task is asked, and killed, in time all the same. Confined to the loop of the runner.
 */
final class StopSignals {
  private static final Duration PACE = Duration.ofMillis(200);

  private final RunControl control;
  private final EventLoop loop;
  private EventLoop.@Nullable Timer timer;

  /** For which stop processes were asked to end although that could not be written. */
  private Stop asked = Stop.NONE;

  StopSignals(RunControl control, EventLoop loop) {
    this.control = control;
    this.loop = loop;
  }

  /** Asks all that runs to end. */
  void ask(Course course) {
    Collection<Run> going = course.unended();
    going.stream().filter(run -> run.state() == ProcessState.RUNNING).forEach(control::terminate);
    control.terminateStrays(going);
  }

  /**
   * Does what has to be done while nothing can be written.
   *
   * @param left the time the task has left
   */
  void goOn(Course course, Stop stop, Duration left) {
    if (left.isZero()) {
      course.unended().stream().filter(Run::hasCoordinator).forEach(control::kill);
    } else if (!asked.equals(stop)) {
      asked = stop;
      ask(course);
    }
    sweep();
  }

  void close() {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** What has to wait for a new look at the machine does not wait for room on the disk as well. */
  private void sweep() {
    close();
    control.sweep();
    if (control.isBusy()) {
      timer = loop.schedule(PACE, this::sweep);
    }
  }
}
