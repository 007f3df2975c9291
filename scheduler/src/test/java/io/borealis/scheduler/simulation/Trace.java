package io.borealis.scheduler.simulation;

import io.borealis.runtime.Clock;
import java.util.ArrayList;
import java.util.List;

/** What happened in one history, in order. For one thread. */
final class Trace {
  private final Clock clock;
  private final List<String> lines = new ArrayList<>();
  private long digest;

  Trace(Clock clock) {
    this.clock = clock;
  }

  void say(String who, String what) {
    String line = (clock.nanoTime() / 1_000_000 - 1_000) + " " + who + ": " + what;
    lines.add(line);
    digest = digest * 1_000_003 + line.hashCode();
  }

  /** Equal for histories that are told in the same words. */
  long digest() {
    return digest;
  }

  List<String> lines() {
    return lines;
  }
}
