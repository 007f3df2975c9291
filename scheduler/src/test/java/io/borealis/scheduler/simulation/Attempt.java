package io.borealis.scheduler.simulation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.scheduler.store.State;
import java.util.function.BiPredicate;
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
    ROLLBACK,
    /** Leaves something behind that tells whose call it was. */
    SIGNED,
    /** Brings about something that others may bring about as well. */
    SEEN
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
  private final String what;
  private BiPredicate<Response, State> brought = (answer, state) -> true;
  private @Nullable JobKey job;
  Outcome outcome = Outcome.UNKNOWN;

  /**
   * @param update the update it steers
   * @param since the last durable transaction when it was made
   */
  Attempt(String user, Kind kind, @Nullable JobUpdateKey update, long since) {
    this(user, kind, update, kind + (update == null ? "" : " " + update.id()), since);
  }

  Attempt(String user, Kind kind, @Nullable JobUpdateKey update, String what, long since) {
    this.user = user;
    this.kind = kind;
    this.update = update;
    this.what = what;
    this.since = since;
  }

  /**
   * Says what must be so at some time between the call and an answer that it is done.
   *
   * @param condition of the answer and of what is stored
   */
  @CanIgnoreReturnValue
  Attempt brings(BiPredicate<Response, State> condition) {
    brought = condition;
    return this;
  }

  boolean isBrought(Response answer, State state) {
    return brought.test(answer, state);
  }

  /** Says which job it is about. */
  Attempt on(JobKey aboutJob) {
    job = aboutJob;
    return this;
  }

  @Nullable JobKey job() {
    return job;
  }

  @Override
  public String toString() {
    return user + " " + what;
  }
}
