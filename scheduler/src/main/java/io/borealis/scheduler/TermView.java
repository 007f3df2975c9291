package io.borealis.scheduler;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.preemption.ClaimedAgents;
import io.borealis.scheduler.scheduling.PendingReasons;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.update.LiveView;
import io.borealis.scheduler.update.SlaWait;
import io.borealis.scheduler.update.UpdateEngine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the parts of a term know of the waits of updates. Thread-safe. */
record TermView(
    UpdateEngine updates, PendingReasons reasons, Reservations reservations, ClaimedAgents claims)
    implements LiveView {
  @Override
  public @Nullable Duration sincePulse(JobUpdateKey key) {
    return updates.sincePulse(key);
  }

  @Override
  public @Nullable SlaWait slaWait(JobUpdateKey key, int instance) {
    return updates.slaWait(key, instance);
  }

  @Override
  public @Nullable String keptAgent(InstanceKey instance) {
    return reservations.keptFor(instance);
  }

  @Override
  public String hindrance(State state, TaskConfig config) {
    String leaving = claims.hindrance(config);
    if (leaving != null) {
      return leaving;
    }
    ImmutableSet<String> kept =
        ImmutableSet.<String>builder()
            .addAll(claims.agents())
            .addAll(reservations.kept().values())
            .build();
    return reasons.hindrance(state, config, kept);
  }
}
