package io.borealis.scheduler;

import io.borealis.scheduler.store.State;
import java.util.function.Consumer;

/**
 * A part of a term that works by itself: timers, searches, pruning. Both methods are called on the
 * writer's loop, each once.
 */
interface TermService {
  /** Begins; {@code state} is what the term takes over. */
  void start(State state);

  /** Ends; what is in flight may still arrive and is to be ignored. */
  void close();

  /** A service of two actions. */
  static TermService of(Runnable start, Runnable close) {
    return of(state -> start.run(), close);
  }

  /** A service of two actions. */
  static TermService of(Consumer<State> start, Runnable close) {
    return new TermService() {
      @Override
      public void start(State state) {
        start.accept(state);
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }
}
