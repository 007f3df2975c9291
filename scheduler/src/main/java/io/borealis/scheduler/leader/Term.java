package io.borealis.scheduler.leader;

import java.util.concurrent.CompletionStage;

/**
 * Everything that only a leader has, built when it is elected and closed as a whole. Called on the
 * leader loop.
 */
public interface Term {
  /** Re-derives the consequences of State; completes when this leader may be advertised. */
  CompletionStage<Void> activate();

  /** Refuses new writes from now on; completes when those in flight are answered. */
  CompletionStage<Void> drain(String reason);

  /** Stops every component. Safe to call repeatedly. */
  void close();

  /** Makes the term of an epoch. */
  interface Factory {
    /**
     * @param epoch the fencing token of this term, larger than any before
     * @param stepDown to be called, from any thread, when this term cannot go on
     */
    Term create(long epoch, java.util.function.Consumer<String> stepDown);
  }
}
