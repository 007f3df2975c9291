package io.borealis.scheduler.tier;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.config.JsonFile;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads tiers from a file in Aurora's format (task rules, section 8.7). Stateless. */
public final class TierFile {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,255}");
  private static final ImmutableSet<String> MEMBERS = ImmutableSet.of("default", "tiers");
  private static final ImmutableSet<String> PROPERTIES =
      ImmutableSet.of("preemptible", "revocable");

  private TierFile() {}

  /**
   * The tiers in the file.
   *
   * @throws io.borealis.config.ConfigException naming the member that is wrong
   */
  public static TierRegistry read(JsonFile file) {
    JsonNode root = file.root();
    if (!root.isObject()) {
      throw file.wrong("the content", "must be an object");
    }
    file.requireOnly(root, "", MEMBERS);
    JsonNode listed = root.path("tiers");
    if (!listed.isObject() || listed.isEmpty()) {
      throw file.wrong("tiers", "must be an object with at least one tier");
    }
    ImmutableMap.Builder<String, TierRegistry.Tier> tiers = ImmutableMap.builder();
    for (Map.Entry<String, JsonNode> tier : listed.properties()) {
      tiers.put(tier.getKey(), tier(file, "tiers." + tier.getKey(), tier));
    }
    JsonNode name = root.path("default");
    if (!name.isTextual() || !listed.has(name.asText())) {
      throw file.wrong("default", "must be the name of one of the tiers");
    }
    return new TierRegistry(name.asText(), tiers.buildOrThrow());
  }

  private static TierRegistry.Tier tier(
      JsonFile file, String member, Map.Entry<String, JsonNode> tier) {
    if (!NAME.matcher(tier.getKey()).matches()) {
      throw file.wrong(member, "must have a name of 1 to 255 letters, digits, '_', '-' and '.'");
    }
    if (!tier.getValue().isObject()) {
      throw file.wrong(member, "must be an object");
    }
    file.requireOnly(tier.getValue(), member, PROPERTIES);
    return new TierRegistry.Tier(
        flag(file, member, tier.getValue(), "preemptible"),
        flag(file, member, tier.getValue(), "revocable"));
  }

  /** What is left out is false, as in Aurora. */
  private static boolean flag(JsonFile file, String member, JsonNode tier, String name) {
    JsonNode value = tier.path(name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw file.wrong(member + "." + name, "must be true or false");
    }
    return value.asBoolean();
  }
}
