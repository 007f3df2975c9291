package io.borealis.agent.job;

import org.jspecify.annotations.Nullable;

/** Where in a configuration a value is, for messages. Immutable. */
record Path(@Nullable Path outer, String step) {
  /** The whole of a configuration. */
  static final Path ROOT = new Path(null, "");

  private static final int QUOTED = 80;

  Path member(String name) {
    return new Path(this, toString().isEmpty() ? name : "." + name);
  }

  Path item(int index) {
    return new Path(this, "[" + index + "]");
  }

  Path entry(String key) {
    return new Path(this, "[" + key + "]");
  }

  /** Says that the value here breaks a rule. */
  InvalidTaskException invalid(String rule) {
    String where = toString();
    return new InvalidTaskException(where.isEmpty() ? rule : where + ": " + rule);
  }

  /** A value as part of a message, shortened if it is long. */
  static String quoted(String value) {
    return value.length() > QUOTED
        ? "'" + value.substring(0, QUOTED) + "…'"
        : "'" + value + "'";
  }

  @Override
  public String toString() {
    return outer == null ? step : outer + step;
  }
}
