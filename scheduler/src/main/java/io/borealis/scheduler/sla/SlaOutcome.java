package io.borealis.scheduler.sla;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.ScheduledTask;

/** What came of an attempt to take a task down. Immutable. */
public sealed interface SlaOutcome {
  /** It goes, or nobody wants it to go any more. */
  record Ended() implements SlaOutcome {}

  /** It must stay for now. */
  record Denied(SlaDenial denial) implements SlaOutcome {}

  /**
   * A coordinator decides.
   *
   * @param parameters members to add to the question
   */
  record Ask(
      CoordinatorSlaPolicy policy, ScheduledTask task, ImmutableMap<String, String> parameters)
      implements SlaOutcome {}
}
