package io.borealis.thrift;

import io.borealis.thrift.MemberEntry.Endpoint;
import java.util.Optional;

/** Knows where the leader is, as far as anybody says. Thread-safe; never blocks. */
public interface LeaderFinder {
  /** The leader; empty when none, or more than one, claims to be it. */
  Optional<Endpoint> leader();

  /** Names who wants to know of changes; called on any thread. */
  void onChange(Runnable action);
}
