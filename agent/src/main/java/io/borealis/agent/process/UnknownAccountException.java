package io.borealis.agent.process;

/** This machine has no account of the name; the message says so in a sentence. */
public final class UnknownAccountException extends Exception {
  private static final long serialVersionUID = 1;

  public UnknownAccountException(String name) {
    super("There is no account named '" + name + "' on this machine.");
  }
}
