package io.borealis.scheduler.leader;

import java.util.concurrent.CompletionStage;

/** How one of several candidates comes to lead. A hint only: the journal's fence decides. */
public interface Election {
  /** Stands as a candidate until the candidacy is withdrawn; keeps trying if it cannot. */
  Candidacy stand(Listener listener);

  /** One candidacy. Thread-safe. */
  interface Candidacy {
    /** Gives leadership or the place in the queue up; completes, always well, when that is done. */
    CompletionStage<Void> withdraw();
  }

  /** Told of the candidacy's fate, from any thread, possibly late and more than once. */
  interface Listener {
    /** This candidate has won. */
    void onElected();

    /** It has lost what it won. */
    void onDefeated(String reason);
  }
}
