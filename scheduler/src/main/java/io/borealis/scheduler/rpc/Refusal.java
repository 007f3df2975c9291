package io.borealis.scheduler.rpc;

import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call with an answer other than OK. Thrown inside a transaction it also undoes everything
 * the call had changed. Immutable.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ResponseCode code;
  private final transient @Nullable Result result;

  /**
   * @param result sent along with the refusal; almost always null
   */
  public Refusal(ResponseCode code, String message, @Nullable Result result) {
    // A refusal is an answer, not a fault: nobody reads its stack.
    super(message, null, false, false);
    this.code = code;
    this.result = result;
  }

  /** The request is wrong and would be wrong again. */
  static Refusal invalid(String message) {
    return new Refusal(ResponseCode.INVALID_REQUEST, message, null);
  }

  /** The request lacks what every caller has to send. */
  static Refusal error(String message) {
    return new Refusal(ResponseCode.ERROR, message, null);
  }

  /** The code of the answer. */
  public ResponseCode code() {
    return code;
  }

  /** The text of the answer. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** What is sent along, if anything. */
  public @Nullable Result result() {
    return result;
  }
}
