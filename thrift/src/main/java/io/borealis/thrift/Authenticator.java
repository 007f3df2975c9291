package io.borealis.thrift;

/** Tells who sends a request. Called by any thread; must not block. */
@FunctionalInterface
public interface Authenticator {
  /** Believes nobody and asks nobody. */
  Authenticator NONE = call -> "UNSECURE";

  /** The name of the user. */
  String user(HttpCall call);
}
