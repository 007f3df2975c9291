package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says why an active update is not moving, from State and the live view at one moment. The work is
 * that of the instances begun so far. Thread-safe.
 */
public final class Explainer {
  private final LiveView live;
  private final Duration stallThreshold;

  public Explainer(LiveView live, Duration stallThreshold) {
    this.live = live;
    this.stallThreshold = stallThreshold;
  }

  /**
   * Explains an update.
   *
   * @return null when the update has ended
   */
  public @Nullable Explanation explain(State state, UpdateRecord update, long nowMs) {
    JobUpdateStatus status = update.status();
    if (status == null || !UpdateTransitions.isActive(status)) {
      return null;
    }
    JobUpdateSettings settings = update.update().instructions().settings();
    // Without them nobody can tell what it waits for; whoever goes on with it ends it.
    ImmutableList<Wait> waits =
        settings == null ? ImmutableList.of() : waits(state, update, status, nowMs);
    ImmutableList<Explanation.Failure> failures = failures(update);
    int budget = settings == null ? 0 : settings.maxFailedInstances();
    long still = Math.max(0, nowMs - update.modifiedMs());
    boolean stalled = Stalls.stillFor(update, nowMs).compareTo(stallThreshold) > 0;
    return new Explanation(
        update.key(),
        status,
        Sentences.of(waits, failures, budget, update.working(), nowMs),
        waits,
        new Explanation.Progress(
            update.progress().rollback(),
            update.plan().size(),
            update.progress().started(),
            update.working(),
            update.failed()),
        failures,
        budget,
        pulses(update),
        still,
        stalled);
  }

  private ImmutableList<Wait> waits(
      State state, UpdateRecord update, JobUpdateStatus status, long nowMs) {
    JobUpdateEvent last = Iterables.getLast(update.events());
    if (UpdateTransitions.isAwaitingPulse(status)) {
      return ImmutableList.of(pulseWait(update, last));
    } else if (!UpdateTransitions.isRolling(status)) {
      return ImmutableList.of(pause(update, last));
    }
    return new InstanceWaits(state, update, live, nowMs).find();
  }

  private Wait pulseWait(UpdateRecord update, JobUpdateEvent last) {
    long timeout = Pulses.timeoutMs(update);
    Duration since = live.sincePulse(update.key());
    return since == null
        ? new Wait.FirstPulse(last.timestampMs(), timeout)
        : new Wait.Pulse(Math.max(0, since.toMillis() - timeout), timeout);
  }

  private static Wait pause(UpdateRecord update, JobUpdateEvent last) {
    if (last.user() == null && UpdateRunner.AUTO_PAUSED.equals(last.message())) {
      JobUpdateStrategy strategy = update.update().instructions().settings().updateStrategy();
      int size = update.plan().size();
      return new Wait.ResumeAfterBatch(
          Groups.count(strategy, size, update.progress().pausedAt()),
          Groups.count(strategy, size, size),
          last.timestampMs());
    }
    // Pausing twice is recorded once: the first event in a row is the one that holds it.
    return new Wait.Resume(last.user(), last.message(), last.timestampMs());
  }

  private Explanation.@Nullable PulseRecord pulses(UpdateRecord update) {
    if (!Pulses.isCoordinated(update)) {
      return null;
    }
    Duration since = live.sincePulse(update.key());
    return new Explanation.PulseRecord(
        Pulses.timeoutMs(update),
        since == null ? null : since.toMillis(),
        update.progress().unblockedBy());
  }

  private static ImmutableList<Explanation.Failure> failures(UpdateRecord update) {
    List<Explanation.Failure> failures = new ArrayList<>();
    for (InstanceProgress progress : update.instances().values()) {
      boolean failed = progress.state() == InstanceProgressState.FAILED;
      if (failed || progress.failures() > 0) {
        failures.add(new Explanation.Failure(progress.instanceId(), progress.failures(), failed));
      }
    }
    failures.sort(Comparator.comparingInt(Explanation.Failure::instance));
    return ImmutableList.copyOf(failures);
  }
}
