package io.borealis.scheduler.agents;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportRequest;
import io.borealis.api.codec.Bytes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether requests of agents make sense, and which field does not. Pure functions. */
final class AgentRequests {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,200}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:-]{1,255}");

  /** Longer than any that jobs make: one task that its agent cannot run must not refuse all. */
  private static final Pattern TASK_ID = Pattern.compile("[^/\\\\\\p{Cntrl}]{1,1000}");

  private static final int UUID_BYTES = 16;
  private static final int LAST_PORT = 65535;
  private static final double MOST_CPUS = 1e6;
  private static final long MOST_MB = 1L << 40;
  private static final int MOST_RANGES = 1000;
  private static final String HOST_ATTRIBUTE = "host";

  private AgentRequests() {}

  /** What is wrong with it; null for nothing. */
  static @Nullable String problem(RegisterRequest request) {
    if (!matches(ID, request.agentId())) {
      return "agentId: '%s' is no id".formatted(request.agentId());
    } else if (!matches(HOST, request.host())) {
      return "host: '%s' is no name of a host".formatted(request.host());
    } else if (request.number() <= 0) {
      return "number: must be positive";
    }
    String resources = problem(request.resources());
    if (resources != null) {
      return "resources." + resources;
    }
    for (Attribute attribute : request.attributes()) {
      if (attribute.name() == null || attribute.name().isEmpty()) {
        return "attributes: one has no name";
      }
    }
    Set<String> ids = new HashSet<>();
    for (AgentTask task : request.tasks()) {
      String id = task.taskId();
      if (!matches(TASK_ID, id)) {
        return "tasks.taskId: '%s' is no id".formatted(id);
      } else if (!ids.add(id)) {
        return "tasks: %s is there twice".formatted(id);
      } else if (task.state() == null) {
        return "tasks.state: %s has none that is known".formatted(id);
      }
      AgentResources used = task.used();
      String wrong = used == null ? null : problem(used);
      if (wrong != null) {
        return "tasks.used of %s: %s".formatted(id, wrong);
      }
    }
    return null;
  }

  private static @Nullable String problem(@Nullable AgentResources resources) {
    if (resources == null) {
      return "cpus: there are none";
    } else if (!(resources.cpus() >= 0 && resources.cpus() <= MOST_CPUS)) {
      return "cpus: %s is no amount".formatted(resources.cpus());
    } else if (resources.ramMb() < 0 || resources.ramMb() > MOST_MB) {
      return "ramMb: %d is no amount".formatted(resources.ramMb());
    } else if (resources.diskMb() < 0 || resources.diskMb() > MOST_MB) {
      return "diskMb: %d is no amount".formatted(resources.diskMb());
    } else if (resources.gpus() < 0 || resources.gpus() > MOST_CPUS) {
      return "gpus: %d is no amount".formatted(resources.gpus());
    } else if (resources.ports().size() > MOST_RANGES) {
      return "ports: more than %d ranges".formatted(MOST_RANGES);
    }
    for (AgentPorts range : resources.ports()) {
      if (range.first() < 0 || range.last() < range.first() || range.last() > LAST_PORT) {
        return "ports: %d-%d is no range".formatted(range.first(), range.last());
      }
    }
    return null;
  }

  /** What is wrong with it; null for nothing. */
  static @Nullable String problem(ReportRequest request) {
    if (request.number() <= 0) {
      return "number: must be positive";
    }
    for (AgentUpdate update : request.updates()) {
      Bytes uuid = update.uuid();
      if (!matches(TASK_ID, update.taskId())) {
        return "updates.taskId: '%s' is no id".formatted(update.taskId());
      } else if (update.state() == null) {
        return "updates.state: %s has none that is known".formatted(update.taskId());
      } else if (uuid != null && uuid.toByteBuffer().remaining() != UUID_BYTES) {
        return "updates.uuid: %s has one that is not of 16 bytes".formatted(update.taskId());
      }
    }
    return null;
  }

  private static boolean matches(Pattern pattern, @Nullable String text) {
    return text != null && pattern.matcher(text).matches();
  }

  /** One for each name, and that of the host, which constraints refer to. */
  static ImmutableList<Attribute> attributes(RegisterRequest request) {
    Map<String, ImmutableSet.Builder<String>> values = new TreeMap<>();
    for (Attribute attribute : request.attributes()) {
      String name = attribute.name();
      if (name != null && !name.equals(HOST_ATTRIBUTE)) {
        values.computeIfAbsent(name, each -> ImmutableSet.builder()).addAll(attribute.values());
      }
    }
    ImmutableList.Builder<Attribute> all = ImmutableList.builder();
    String host = request.host();
    if (host != null) {
      all.add(new Attribute(HOST_ATTRIBUTE, ImmutableSet.of(host)));
    }
    values.forEach((name, found) -> all.add(new Attribute(name, found.build())));
    return all.build();
  }
}
