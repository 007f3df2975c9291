package io.borealis.agent.job;

import org.jspecify.annotations.Nullable;

/** Where in a configuration a value is, for messages. Immutable. */
record Place(@Nullable Place outer, String step) {
  /** The whole of a configuration. */
  static final Place ROOT = new Place(null, "");

  private static final int QUOTED = 80;

  Place member(String name) {
    return new Place(this, toString().isEmpty() ? name : "." + name);
  }

  Place item(int index) {
    return new Place(this, "[" + index + "]");
  }

  Place entry(String key) {
    return new Place(this, "[" + key + "]");
  }

  /** Says that the value here breaks a rule. */
  InvalidTaskException invalid(String rule) {
    String where = toString();
    return new InvalidTaskException(where.isEmpty() ? rule : where + ": " + rule);
  }

  /** A value as part of a message, shortened if it is long. */
  static String quoted(String value) {
    return value.length() > QUOTED ? "'" + value.substring(0, QUOTED) + "…'" : "'" + value + "'";
  }

  @Override
  public String toString() {
    return outer == null ? step : outer + step;
  }
}
