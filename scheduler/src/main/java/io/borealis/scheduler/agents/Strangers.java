package io.borealis.scheduler.agents;

import java.util.HashSet;
import java.util.Set;

/** Addresses that were turned away, each of which is worth one line in the log. Thread-safe. */
final class Strangers {
  /** Whoever sends from more addresses than this shall not fill the memory. */
  private static final int MOST = 1000;

  private final Set<String> known = new HashSet<>();

  /** Whether somebody is turned away there for the first time since somebody was let in. */
  synchronized boolean isNews(String address) {
    return known.size() < MOST && known.add(address);
  }

  /** Somebody at this address was let in. */
  synchronized void welcome(String address) {
    boolean unused = known.remove(address);
  }
}
