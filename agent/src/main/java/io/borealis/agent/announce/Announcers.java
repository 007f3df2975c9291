package io.borealis.agent.announce;

import io.borealis.runtime.EventLoop;

/** Makes announcers of the tasks of this agent, over one connection. Thread-safe. */
@FunctionalInterface
public interface Announcers {
  /**
   * An announcer of one task, not started.
   *
   * @param path of the job
   */
  Announcer announcer(
      String path, Announcement announcement, EventLoop loop, Announcer.Listener listener);
}
