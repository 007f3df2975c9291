package io.borealis.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes values as JSON. Pure. */
final class ValueJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper MAPPER = new JsonMapper();

  private ValueJson() {}

  static String write(Value value) {
    return write(node(value));
  }

  static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static JsonNode node(Value value) {
    if (value instanceof Value.Text text) {
      return NODES.textNode(text.text());
    }
    if (value instanceof Value.Int number) {
      return NODES.numberNode(number.number());
    }
    if (value instanceof Value.Real number) {
      return NODES.numberNode(number.number());
    }
    if (value instanceof Value.Flag flag) {
      return NODES.booleanNode(flag.on());
    }
    if (value instanceof Value.Items list) {
      ArrayNode array = NODES.arrayNode();
      list.items().forEach(item -> array.add(node(item)));
      return array;
    }
    ObjectNode object = NODES.objectNode();
    (value instanceof Value.Struct struct ? struct.members() : ((Value.Entries) value).entries())
        .forEach((name, member) -> object.set(name, node(member)));
    return object;
  }
}
