package io.borealis.thrift;

/** Where the leader is, seen from this process. Immutable. */
public sealed interface LeaderLocation {
  /** Here. */
  record Self() implements LeaderLocation {}

  /**
   * In another process.
   *
   * @param host where its HTTP server listens
   * @param port the port it listens on
   */
  record Other(String host, int port) implements LeaderLocation {}

  /** Nowhere for certain: there is none, or more than one claims to be it. */
  record None() implements LeaderLocation {}
}
