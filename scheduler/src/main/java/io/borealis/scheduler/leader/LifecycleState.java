package io.borealis.scheduler.leader;

/** The states of a process, under the names its gauges have always had. */
public enum LifecycleState {
  /** Started, nothing opened. */
  IDLE,
  /** Reading the journal for the first time; not yet a candidate. */
  PREPARING_STORAGE,
  /** Standing by: caught up, tailing, a candidate. */
  STORAGE_PREPARED,
  /** Elected: fencing, catching up, building the leader's components. */
  LEADER_AWAITING_REGISTRATION,
  /** Leading. */
  ACTIVE,
  /** Shutting down. */
  DEAD
}
