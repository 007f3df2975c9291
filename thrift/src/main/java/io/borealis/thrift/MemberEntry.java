package io.borealis.thrift;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What a leader advertises in ZooKeeper, in the exact JSON existing clients parse: three members in
 * this order, no blanks, and exactly one additional endpoint. Immutable.
 */
@JsonPropertyOrder({"serviceEndpoint", "additionalEndpoints", "status"})
@JsonIgnoreProperties(ignoreUnknown = true)
public record MemberEntry(
    Endpoint serviceEndpoint, Map<String, Endpoint> additionalEndpoints, String status) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A host and a port. Immutable. */
  @JsonPropertyOrder({"host", "port"})
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Endpoint(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** Additional endpoints may be missing in what others wrote. */
  public MemberEntry {
    additionalEndpoints = additionalEndpoints == null ? Map.of() : Map.copyOf(additionalEndpoints);
  }

  /** The entry of a live leader; clients use the endpoint's name as the URL scheme. */
  public static MemberEntry alive(Endpoint endpoint, String endpointName) {
    return new MemberEntry(endpoint, Map.of(endpointName, endpoint), "ALIVE");
  }

  /** The bytes of the node. */
  public byte[] toBytes() {
    try {
      return JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Reads a node; empty for one that is not such an entry. */
  public static Optional<MemberEntry> parse(byte[] bytes) {
    try {
      MemberEntry entry = JSON.readValue(bytes, MemberEntry.class);
      boolean usable =
          entry != null
              && entry.serviceEndpoint() != null
              && entry.serviceEndpoint().host() != null;
      return usable ? Optional.of(entry) : Optional.empty();
    } catch (IOException notJson) {
      return Optional.empty();
    }
  }
}
