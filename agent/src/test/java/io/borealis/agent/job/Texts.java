package io.borealis.agent.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/** Lists and maps of JSON as those of Java. Pure. */
final class Texts {
  private Texts() {}

  static ImmutableList<String> of(JsonNode array) {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    array.forEach(text -> texts.add(text.asText()));
    return texts.build();
  }

  static ImmutableMap<String, Integer> numbers(JsonNode object) {
    ImmutableMap.Builder<String, Integer> numbers = ImmutableMap.builder();
    object.properties().forEach(entry -> numbers.put(entry.getKey(), entry.getValue().asInt()));
    return numbers.buildOrThrow();
  }
}
