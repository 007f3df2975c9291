package io.borealis.scheduler.agents;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.api.Attribute;
import io.borealis.api.MaintenanceMode;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * {@code GET /agents}: the agents that the leader knows, with what they have and where their own
 * pages are. Thread-safe.
 */
public final class AgentsPage {
  private final AgentCluster cluster;
  private final Function<String, MaintenanceMode> modes;

  /**
   * @param modes of maintenance, by host
   */
  public AgentsPage(AgentCluster cluster, Function<String, MaintenanceMode> modes) {
    this.cluster = cluster;
    this.modes = modes;
  }

  /** Shows them, by host. */
  public CompletionStage<HttpReply> show(HttpCall call) {
    return cluster.agents().thenApply(this::page);
  }

  private HttpReply page(List<AgentView> agents) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    agents.stream()
        .sorted(Comparator.comparing(AgentView::host).thenComparing(AgentView::agentId))
        .forEach(agent -> all.add(shown(agent)));
    return HttpReply.of(200, "application/json", all.toString().getBytes(UTF_8));
  }

  private ObjectNode shown(AgentView agent) {
    ObjectNode shown =
        JsonNodeFactory.instance
            .objectNode()
            .put("host", agent.host())
            .put("agentId", agent.agentId())
            .put("state", agent.presence())
            .put("mode", modes.apply(agent.host()).name())
            .put("version", agent.version())
            .put("silentMs", agent.silentMs())
            .put("tasks", agent.tasks())
            .put("commands", agent.commands());
    if (agent.observer() != null) {
      shown.put("observer", "http://" + agent.observer());
    }
    ObjectNode attributes = shown.putObject("attributes");
    for (Attribute attribute : agent.attributes()) {
      ArrayNode values = attributes.putArray(attribute.name());
      attribute.values().stream().sorted().forEach(values::add);
    }
    shown.set("total", amounts(agent.total()));
    shown.set("free", amounts(agent.free()));
    return shown;
  }

  private static ObjectNode amounts(ResourceVector amounts) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("cpus", amounts.cpus())
        .put("ramMb", amounts.ramMb())
        .put("diskMb", amounts.diskMb())
        .put("ports", amounts.ports())
        .put("gpus", amounts.gpus());
  }
}
