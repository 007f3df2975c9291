package io.borealis.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads recorded answers of others and compares JSON with them. Pure. */
final class Golden {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Golden() {}

  static JsonNode file(String name) throws IOException {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
      return MAPPER.readTree(in);
    }
  }

  /** The cases of a file as parameters of a test: name and case. */
  static List<Object[]> cases(String name) throws IOException {
    List<Object[]> cases = new ArrayList<>();
    for (JsonNode its : file(name).get("cases")) {
      cases.add(new Object[] {its.get("name").asText(), its});
    }
    return cases;
  }

  /** JSON as maps, lists, texts and numbers, whose order of members and form does not count. */
  static Object plain(String text) throws JsonProcessingException {
    return plain(MAPPER.readTree(text));
  }

  /** The same of what is read already. */
  static Object plain(JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isArray()) {
      List<Object> items = new ArrayList<>();
      node.forEach(item -> items.add(plain(item)));
      return items;
    }
    if (node.isObject()) {
      Map<String, Object> members = new TreeMap<>();
      node.properties().forEach(member -> members.put(member.getKey(), plain(member.getValue())));
      return members;
    }
    return node.isBoolean() ? (Object) node.booleanValue() : node.textValue();
  }
}
