package io.borealis.scheduler.agents;

import io.borealis.scheduler.cluster.ClusterTaskState;

/** One task on its agent. Confined to the loop. */
final class FleetTask {
  final String id;
  final FleetAgent agent;
  ClusterTaskState state;

  /** What it takes of its agent until it has ended. */
  Share share;

  FleetTask(String id, FleetAgent agent, ClusterTaskState state, Share share) {
    this.id = id;
    this.agent = agent;
    this.state = state;
    this.share = share;
  }
}
