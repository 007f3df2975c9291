package io.borealis.scheduler.simulation;

import io.borealis.api.JobUpdateKey;
import org.jspecify.annotations.Nullable;

/** One call that changes something. The user's name is of this call alone. For one thread. */
final class Attempt {
  /** What it asks for. */
  enum Kind {
    CREATE,
    ADD,
    KILL,
    RESTART,
    START,
    PAUSE,
    RESUME,
    ABORT,
    ROLLBACK
  }

  /** What the caller was told. */
  enum Outcome {
    UNKNOWN,
    DONE,
    NOT_DONE
  }

  final String user;
  final Kind kind;
  final @Nullable JobUpdateKey update;
  final long since;
  Outcome outcome = Outcome.UNKNOWN;

  /**
   * @param update the update it steers
   * @param since the last durable transaction when it was made
   */
  Attempt(String user, Kind kind, @Nullable JobUpdateKey update, long since) {
    this.user = user;
    this.kind = kind;
    this.update = update;
    this.since = since;
  }

  @Override
  public String toString() {
    return user + " " + kind + (update == null ? "" : " " + update.id());
  }
}
