package io.borealis.agent.checkpoint;

/** A stream is damaged, or a record does not follow from those before it. Immutable. */
public final class CheckpointException extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  CheckpointException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }

  /** What can be wrong with a stream. */
  public enum Kind {
    /** The stream, or what is in a frame of it, ends in the middle. */
    PREMATURE_END,
    /** A frame announces more than any record may have. */
    RECORD_TOO_LARGE,
    /** What is in a frame is not a record. */
    UNDECODABLE_FRAME,
    /** A record says nothing. */
    EMPTY_RECORD,
    /** A second header. */
    HEADER_REBIND,
    /** A step of a process is missing, repeated or out of order. */
    INVALID_SEQUENCE_NUMBER,
    /** A step of a process that was never planned. */
    NO_PRIOR_RUN,
    /** The state of a run cannot follow the one before it. */
    INVALID_TRANSITION,
    /** A step of a process to a state that is absent or unknown. */
    UNKNOWN_PROCESS_STATE,
    /** A step lacks a field that its state needs. */
    MISSING_FIELD,
    /** A new run is planned while the one before it has not ended. */
    WAITING_WHILE_RUN_ACTIVE,
    /** A task is in a state that is absent or unknown, and somebody listens to its states. */
    UNKNOWN_STATE_IN_HANDLER_DISPATCH;

    /** How it is called where a replay stopped for it: damage of the framing is told apart. */
    public String inReplay() {
      return this == PREMATURE_END || this == RECORD_TOO_LARGE ? "STREAM:" + this : toString();
    }
  }
}
