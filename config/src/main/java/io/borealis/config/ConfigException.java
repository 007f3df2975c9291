package io.borealis.config;

/** A setting that cannot be used; the message names it, its value, its source and the rule. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message);
  }
}
