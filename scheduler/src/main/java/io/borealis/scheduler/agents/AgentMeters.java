package io.borealis.scheduler.agents;

import io.borealis.api.agent.AgentCommand;
import io.borealis.api.agent.AgentOrder;
import io.borealis.scheduler.agents.FleetAgent.Presence;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted about agents. Thread-safe. */
final class AgentMeters {
  final Counter registrations;
  final Counter polls;
  final Counter reports;
  final Counter updates;
  final Counter refused;
  private final Timer delivery;
  private final AtomicInteger registered = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger awaited = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();

  AgentMeters(MeterRegistry meters) {
    registrations = meters.counter("agent_registrations");
    polls = meters.counter("agent_polls");
    reports = meters.counter("agent_reports");
    updates = meters.counter("agent_reported_updates");
    refused = meters.counter("agent_requests_refused");
    delivery = meters.timer("agent_launch_delivery");
    meters.gauge("agents_registered", registered);
    meters.gauge("agents_lost", lost);
    meters.gauge("agents_awaited", awaited);
    meters.gauge("agent_commands_queued", queued);
  }

  /** A command was carried out that was queued so long ago. */
  void done(AgentCommand command, Duration after) {
    queued.decrementAndGet();
    if (command.order() instanceof AgentOrder.Launch) {
      delivery.record(after);
    }
  }

  /** Counts anew. */
  void count(Collection<FleetAgent> agents) {
    registered.set(of(agents, Presence.REGISTERED));
    lost.set(of(agents, Presence.LOST));
    awaited.set(of(agents, Presence.AWAITED));
    queued.set(agents.stream().mapToInt(agent -> agent.queue.size()).sum());
  }

  void queued() {
    queued.incrementAndGet();
  }

  private static int of(Collection<FleetAgent> agents, Presence presence) {
    return (int) agents.stream().filter(agent -> agent.presence == presence).count();
  }
}
