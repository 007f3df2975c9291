package io.borealis.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/** A file in JSON that a setting names; whatever is wrong in it is told by member. Immutable. */
public final class JsonFile {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String flag;
  private final Path path;
  private final JsonNode root;

  private JsonFile(String flag, Path path, JsonNode root) {
    this.flag = flag;
    this.path = path;
    this.root = root;
  }

  /**
   * Reads the file.
   *
   * @param flag the setting that names it, with its dashes
   * @throws ConfigException when it cannot be read or is not JSON
   */
  public static JsonFile read(String flag, Path path) {
    try {
      String text = Files.readString(path, StandardCharsets.UTF_8);
      return new JsonFile(flag, path, JSON.readTree(text));
    } catch (JsonProcessingException wrong) {
      var at = wrong.getLocation();
      throw new ConfigException(
          "%s: %s is not JSON: %s%s"
              .formatted(
                  flag,
                  path,
                  wrong.getOriginalMessage(),
                  at == null
                      ? ""
                      : " in line %d, column %d".formatted(at.getLineNr(), at.getColumnNr())));
    } catch (IOException unreadable) {
      throw new ConfigException(
          "%s: %s cannot be read: %s".formatted(flag, path, unreadable.toString()));
    }
  }

  /** The whole content. */
  public JsonNode root() {
    return root;
  }

  /** Says that a member is against a rule, such as {@code tiers.gold must be an object}. */
  public ConfigException wrong(String member, String rule) {
    return new ConfigException("%s: %s: %s %s".formatted(flag, path, member, rule));
  }

  /** Checks that an object has no other members than these. */
  public void requireOnly(JsonNode object, String member, ImmutableSet<String> allowed) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!allowed.contains(name)) {
        throw wrong(
            member.isEmpty() ? name : member + "." + name, "is unknown; known are " + allowed);
      }
    }
  }
}
