package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;

/** Makes journals. Stateless. */
public final class Journals {
  private Journals() {}

  /** A journal in ZooKeeper, on a loop and a session of its own; {@code follow} opens it. */
  public static Journal onZooKeeper(JournalSettings settings, Runtimes runtimes) {
    EventLoop loop = runtimes.newLoop("journal");
    Znodes znodes =
        new ZooKeeperZnodes(
            loop, settings.connect(), settings.sessionTimeout(), settings.credentials());
    return new LogJournal(settings, loop, runtimes.clock(), znodes);
  }
}
