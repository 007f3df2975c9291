package io.borealis.config;

import java.util.Locale;

/** The commands that take settings. */
public enum Command {
  /** Everything in one process. */
  UP("Runs everything in one process: scheduler, ZooKeeper on disk, and a cluster"),
  /** A scheduler on an ensemble. */
  SCHEDULER("Runs one scheduler; start several on one ensemble for high availability"),
  /** What runs tasks. */
  AGENT("Runs the tasks of this machine for the scheduler that leads"),
  /** A ZooKeeper server. */
  ZOOKEEPER("Runs one ZooKeeper server, alone or as a member of an ensemble"),
  /** Offline work on a journal. */
  JOURNAL("Looks at, exports or resets a journal while no scheduler runs"),
  /** The way from Aurora, or from a backup. */
  IMPORT_BACKUP("Loads a backup of Aurora or Borealis into an empty journal"),
  /** Work on the locks of jobs. */
  LOCK("Shows the locks of jobs, and releases one that is stuck"),
  /** A look at what runners wrote. */
  CHECKPOINT("Shows what the checkpoint streams of tasks hold");

  private final String summary;

  Command(String summary) {
    this.summary = summary;
  }

  /** What it does, in one line. */
  public String summary() {
    return summary;
  }

  /** How it is written on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
