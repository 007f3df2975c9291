package io.borealis.scheduler.simulation;

/** Somebody who calls the API again and again. For one thread. */
interface Actor {
  /** Does something, unless it still waits for an answer. */
  void act();

  /** Whether it waits for an answer, after which it may go on with what it wanted. */
  boolean isBusy();
}
