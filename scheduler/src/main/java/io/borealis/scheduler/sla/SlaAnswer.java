package io.borealis.scheduler.sla;

import io.borealis.api.CoordinatorSlaPolicy;

/** What a policy says about taking one task down. Immutable. */
public sealed interface SlaAnswer {
  /** It may go. */
  record Allowed() implements SlaAnswer {}

  /** It must stay for now. */
  record Denied(SlaDenial denial) implements SlaAnswer {}

  /** Somebody else decides. */
  record AskCoordinator(CoordinatorSlaPolicy policy) implements SlaAnswer {}
}
