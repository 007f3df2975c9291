package io.borealis.agent.runner;

import com.google.common.collect.ImmutableSet;
import java.util.Collection;

/**
 * What was seen of the processes of a task on this machine, before the streams of their
 * coordinators were read for the last time. Immutable.
 *
 * @param live those whose last run has not ended, and of which something runs
 * @param gone those whose last run has not ended, and whose coordinator does not run any more
 * @param lingering those whose last run has ended, and has left something that has yet to die
 * @param busy whether a signal may not have reached whom it was for
 */
record Sight(
    ImmutableSet<String> live,
    ImmutableSet<String> gone,
    ImmutableSet<String> lingering,
    boolean busy) {
  /** Looks at the last runs of all processes. */
  static Sight of(Collection<Run> runs, RunControl control) {
    ImmutableSet.Builder<String> live = ImmutableSet.builder();
    ImmutableSet.Builder<String> gone = ImmutableSet.builder();
    ImmutableSet.Builder<String> lingering = ImmutableSet.builder();
    for (Run run : runs) {
      if (!run.hasCoordinator()) {
        continue;
      }
      if (!run.isUnended()) {
        if (control.lingers(run)) {
          lingering.add(run.process());
        }
        continue;
      }
      RunControl.Living living = control.look(run);
      if (living.any()) {
        live.add(run.process());
      }
      if (!living.coordinator()) {
        gone.add(run.process());
      }
    }
    return new Sight(live.build(), gone.build(), lingering.build(), control.isBusy());
  }
}
