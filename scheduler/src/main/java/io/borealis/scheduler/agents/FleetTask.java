package io.borealis.scheduler.agents;

import io.borealis.api.AssignedTask;
import io.borealis.scheduler.cluster.ClusterTaskState;
import org.jspecify.annotations.Nullable;

/** One task on its agent. Confined to the loop. */
final class FleetTask {
  final String id;
  final FleetAgent agent;
  ClusterTaskState state;

  /** What it takes of its agent until it has ended. */
  Share share;

  /** Set when State does not know whether an earlier leader's launch has reached the agent. */
  @Nullable AssignedTask inDoubt;

  FleetTask(String id, FleetAgent agent, ClusterTaskState state, Share share) {
    this.id = id;
    this.agent = agent;
    this.state = state;
    this.share = share;
  }

  /** The same on the agent under another name of its host. */
  FleetTask on(FleetAgent named) {
    FleetTask task = new FleetTask(id, named, state, share);
    task.inDoubt = inDoubt;
    return task;
  }
}
