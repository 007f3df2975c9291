package io.borealis.scheduler.simulation;

import io.borealis.config.DaemonSettings;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.journal.SimulatedEnsemble;
import io.borealis.scheduler.sla.MoodyCoordinators;
import io.borealis.scheduler.store.Snapshotter;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** What all processes of a history share. For one thread. */
interface World {
  VirtualRuntimes runtimes();

  /** Where everything travels between processes; outlives all of them. */
  EventLoop network();

  Random random();

  SimulatedEnsemble ensemble();

  SimulatedElection election();

  SimulatedCluster cluster();

  /** Of the leaders the cluster knows of. */
  AtomicLong newestEpoch();

  MoodyCoordinators coordinators();

  Snapshotter.Policy snapshots();

  Truth truth();

  Trace trace();

  /**
   * Whether only those who were silent for long are taken for dead, so that one leads at a time.
   */
  boolean isPolite();

  /** What the history is about. */
  Parts parts();

  /** What each scheduler is told at its start. */
  DaemonSettings settings();

  /** Whether things go wrong at present. */
  boolean isRough();
}
