package io.borealis.agent.updates;

import java.util.UUID;

/** What a file of updates consists of. Immutable. */
sealed interface UpdateRecord {
  /** An update that was taken. */
  record Taken(TaskUpdate update) implements UpdateRecord {}

  /** The scheduler has the update with this uuid. */
  record Acknowledged(UUID uuid) implements UpdateRecord {}
}
