package io.borealis.scheduler.scheduling;

import io.borealis.api.InstanceKey;
import java.util.Optional;

/**
 * Keeps the place of an instance that is being replaced. Asked on the scheduling loop; must not
 * block.
 */
public interface Affinity {
  /** Never keeps a place. */
  Affinity NONE = instance -> Optional.empty();

  /** The only agent on which the instance should be placed now, if there is one. */
  Optional<String> agentFor(InstanceKey instance);

  /** Whether the agent is kept for instances that were named by {@link #agentFor}. */
  default boolean isReserved(String agentId) {
    return false;
  }

  /** Whether any place is kept at all. */
  default boolean keepsAny() {
    return false;
  }

  /** Told that the agent is gone, so that nothing can be placed there. */
  default void lost(String agentId) {}

  /** Told that the instance has its place, so that none need be kept any more. */
  default void placed(InstanceKey instance) {}

  /** Names who wants to know of places that are not kept any longer, on the scheduling loop. */
  default void whenFreed(Freed listener) {}

  /** Told of the end of a reservation. */
  interface Freed {
    /** The instance may go anywhere now, and others may have the agent. */
    void onFreed(InstanceKey instance, String agentId);
  }
}
