package io.borealis.scheduler.sla;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What an answer of a coordinator means. Pure. */
final class CoordinatorReplies {
  private static final String DEFAULT_KEY = "drain";
  private static final ObjectReader JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().reader();

  private CoordinatorReplies() {}

  /** What it comes to. */
  sealed interface Meaning {
    /** A clear yes or no. */
    record Said(boolean yes) implements Meaning {}

    /**
     * Neither.
     *
     * @param problem what the coordinator did
     */
    record Nonsense(String problem) implements Meaning {}
  }

  /**
   * @param statusKey the member that decides; null or empty for the usual one
   */
  static Meaning meaning(CoordinatorHttp.Reply reply, @Nullable String statusKey) {
    if (reply.status() != 200) {
      return new Meaning.Nonsense("answered with status " + reply.status());
    } else if (!reply.whole()) {
      return new Meaning.Nonsense(
          "answered with more than " + JdkCoordinatorHttp.MAX_BODY + " bytes");
    }
    String key = statusKey == null || statusKey.isEmpty() ? DEFAULT_KEY : statusKey;
    JsonNode root;
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(reply.body().toByteBuffer()).toString();
      root = JSON.readTree(text);
    } catch (CharacterCodingException | JsonProcessingException malformed) {
      return new Meaning.Nonsense("answered with what is not JSON");
    }
    if (root == null || !root.isObject()) {
      return new Meaning.Nonsense("answered with what is not a JSON object");
    }
    JsonNode member = root.get(key);
    if (member == null) {
      return new Meaning.Nonsense("answered without the member '" + key + "'");
    }
    String said = member.isBoolean() || member.isTextual() ? member.asText() : "";
    return switch (said) {
      case "true" -> new Meaning.Said(true);
      case "false" -> new Meaning.Said(false);
      default -> new Meaning.Nonsense("answered neither true nor false in '" + key + "'");
    };
  }
}
