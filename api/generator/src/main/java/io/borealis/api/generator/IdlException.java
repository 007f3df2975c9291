package io.borealis.api.generator;

/** Says where an IDL file breaks which rule. */
final class IdlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  IdlException(String message) {
    super(message);
  }
}
