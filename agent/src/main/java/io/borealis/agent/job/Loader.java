package io.borealis.agent.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as values of a type. Members that the type does not know are passed over, absent ones
 * get their standard value, and null counts as absent. References stay as they are. Confined to its
 * caller.
 */
final class Loader {
  /** More than anybody writes, and little enough to be held several times. */
  static final int MAX_LENGTH = 1 << 20;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_VALUES = 100_000;

  private static final ObjectReader JSON =
      new JsonMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .reader()
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** How many more values may come; standard ones count too. */
  private int left = MAX_VALUES;

  private Loader() {}

  /**
   * Reads a text of at most {@code maxLength} characters.
   *
   * @throws InvalidTaskException if it is longer or no JSON object
   */
  static JsonNode parse(String text, int maxLength) throws InvalidTaskException {
    if (text.length() > maxLength) {
      throw Place.ROOT.invalid(
          "the configuration has " + text.length() + " characters, the most are " + maxLength);
    }
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException malformed) {
      throw Place.ROOT.invalid("the configuration is no JSON: " + malformed.getOriginalMessage());
    }
    if (!node.isObject()) {
      throw Place.ROOT.invalid("the configuration must be an object of JSON");
    }
    return node;
  }

  /**
   * The object as the type wants it.
   *
   * @throws InvalidTaskException if it is none
   */
  static Value.Struct load(JsonNode node, Type.Struct type, Place place)
      throws InvalidTaskException {
    return new Loader().struct(node, type, place);
  }

  private Value value(JsonNode node, Type type, Place place) throws InvalidTaskException {
    if (type instanceof Type.Struct struct) {
      return struct(node, struct, place);
    }
    if (type instanceof Type.Choice choice) {
      return struct(node, chosen(node, choice, place), place);
    }
    if (type instanceof Type.ListOf list) {
      return items(node, list.element(), place);
    }
    if (type instanceof Type.MapOf map) {
      return entries(node, map.value(), place);
    }
    return leaf(node, (Type.Leaf) type, place);
  }

  private Value.Struct struct(JsonNode node, Type.Struct type, Place place)
      throws InvalidTaskException {
    requireObject(node, place);
    count(type.members().size(), place);
    ImmutableMap.Builder<String, Value> members = ImmutableMap.builder();
    for (Map.Entry<String, Type.Member> entry : type.members().entrySet()) {
      String name = entry.getKey();
      Type.Member member = entry.getValue();
      JsonNode given = given(node, name);
      if (given != null) {
        members.put(name, value(given, member.type(), place.member(name)));
      } else if (member.standard() != null) {
        members.put(name, member.standard());
      } else if (member.required()) {
        throw place.member(name).invalid("is required");
      }
    }
    return new Value.Struct(type, members.buildOrThrow());
  }

  private static @Nullable JsonNode given(JsonNode node, String name) {
    JsonNode given = node.get(name);
    return given == null || given.isNull() ? null : given;
  }

  /** The first of those that have all they require and that leave out the least. */
  private static Type.Struct chosen(JsonNode node, Type.Choice choice, Place place)
      throws InvalidTaskException {
    requireObject(node, place);
    Type.Struct best = null;
    int fewest = Integer.MAX_VALUE;
    for (Type.Struct alternative : choice.alternatives()) {
      int unknown = unknown(node, alternative);
      if (unknown < fewest && hasRequired(node, alternative)) {
        best = alternative;
        fewest = unknown;
      }
    }
    if (best == null) {
      throw place.invalid("must be one of " + choice.alternatives());
    }
    return best;
  }

  private static boolean hasRequired(JsonNode node, Type.Struct type) {
    return type.members().entrySet().stream()
        .allMatch(member -> !member.getValue().required() || given(node, member.getKey()) != null);
  }

  private static int unknown(JsonNode node, Type.Struct type) {
    int unknown = 0;
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      if (!type.members().containsKey(names.next())) {
        unknown++;
      }
    }
    return unknown;
  }

  private Value items(JsonNode node, Type element, Place place) throws InvalidTaskException {
    if (!node.isArray()) {
      throw place.invalid("must be a list");
    }
    count(node.size(), place);
    ImmutableList.Builder<Value> items = ImmutableList.builder();
    int index = 0;
    for (JsonNode item : node) {
      items.add(value(item, element, place.item(index++)));
    }
    return new Value.Items(items.build());
  }

  private Value entries(JsonNode node, Type type, Place place) throws InvalidTaskException {
    requireObject(node, place);
    count(node.size(), place);
    ImmutableMap.Builder<String, Value> entries = ImmutableMap.builder();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isNull()) {
        entries.put(entry.getKey(), value(entry.getValue(), type, place.entry(entry.getKey())));
      }
    }
    return new Value.Entries(entries.buildOrThrow());
  }

  private static Value leaf(JsonNode node, Type.Leaf type, Place place)
      throws InvalidTaskException {
    if (node.isTextual() && node.textValue().contains(Template.OPEN)) {
      return new Value.Text(node.textValue());
    }
    return Coercion.coerce(type, scalar(node, place), place);
  }

  private static Value.Scalar scalar(JsonNode node, Place place) throws InvalidTaskException {
    if (node.isTextual()) {
      return new Value.Text(node.textValue());
    }
    if (node.isBoolean()) {
      return new Value.Flag(node.booleanValue());
    }
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return new Value.Int(node.longValue());
    }
    if (node.isNumber()) {
      double number = node.doubleValue();
      if (Double.isInfinite(number)) {
        throw place.invalid("is out of range");
      }
      return new Value.Real(number);
    }
    throw place.invalid("must be a text, a number or true or false");
  }

  private static void requireObject(JsonNode node, Place place) throws InvalidTaskException {
    if (!node.isObject()) {
      throw place.invalid("must be an object");
    }
  }

  private void count(int values, Place place) throws InvalidTaskException {
    left -= values;
    if (left < 0) {
      throw place.invalid("the configuration has more than " + MAX_VALUES + " values");
    }
  }
}
