package io.borealis.agent;

import org.jspecify.annotations.Nullable;

/** Why an agent cannot start, for the operator. Immutable. */
public final class AgentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  AgentException(String message) {
    super(message);
  }

  AgentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
