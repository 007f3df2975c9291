package io.borealis.agent.announce;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableMap;
import java.util.stream.Collectors;

/**
 * What is told about one task. Immutable.
 *
 * @param host where its ports are
 * @param primaryPort the port the service answers at; 0 if it has none
 * @param ports all ports by name, in the order they are told
 * @param shard the number of the instance
 */
public record Announcement(
    String host, int primaryPort, ImmutableMap<String, Integer> ports, int shard) {
  /** The bytes of the member, as those who look for services know them: with these blanks. */
  public byte[] toBytes() {
    String additional =
        ports.entrySet().stream()
            .map(port -> quote(port.getKey()) + ": " + endpoint(port.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
    return ("{\"serviceEndpoint\": "
            + endpoint(primaryPort)
            + ", \"additionalEndpoints\": "
            + additional
            + ", \"status\": \"ALIVE\", \"shard\": "
            + shard
            + "}")
        .getBytes(UTF_8);
  }

  private String endpoint(int port) {
    return "{\"host\": " + quote(host) + ", \"port\": " + port + "}";
  }

  private static String quote(String text) {
    return TextNode.valueOf(text).toString();
  }
}
