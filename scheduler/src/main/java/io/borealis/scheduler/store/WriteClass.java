package io.borealis.scheduler.store;

/** The classes of writes; each has a bounded queue of its own and they are served by turns. */
public enum WriteClass {
  /** Task status updates; unanswered ones are sent again, so a full queue may refuse. */
  STATUS(20_000),
  /** Calls of clients. */
  RPC(5_000),
  /** Assignments found by the matcher. */
  SCHEDULING(5_000),
  /** Timers, pruning, pulses. */
  BACKGROUND(20_000);

  private final int capacity;

  WriteClass(int capacity) {
    this.capacity = capacity;
  }

  /** How many writes may wait. */
  int capacity() {
    return capacity;
  }
}
