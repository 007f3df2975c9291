/**
 * The cluster of agents: who has registered, what is free there, the commands on their way to each,
 * and what they report. {@link io.borealis.scheduler.agents.AgentCluster} outlives the terms of a
 * leader, {@link io.borealis.scheduler.agents.AgentFleet} is what one term knows. All of it is
 * confined to one loop; nothing blocks.
 */
@NullMarked
package io.borealis.scheduler.agents;

import org.jspecify.annotations.NullMarked;
