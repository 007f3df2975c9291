package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ConfigGroup;
import io.borealis.api.TaskConfig;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Puts instances with equal configurations together. Stateless. */
final class InstanceGroups {
  private InstanceGroups() {}

  /** The groups as clients see them. */
  static ImmutableSet<ConfigGroup> of(Map<Integer, TaskConfig> configs) {
    return map(configs, (config, ids) -> new ConfigGroup(config, InstanceRanges.of(ids)));
  }

  /** Makes something of each configuration and its instances, in the order they come in. */
  static <T> ImmutableSet<T> map(
      Map<Integer, TaskConfig> configs, BiFunction<TaskConfig, List<Integer>, T> make) {
    Map<TaskConfig, List<Integer>> groups = new LinkedHashMap<>();
    // To hash a configuration is slow, but most instances share theirs.
    IdentityHashMap<TaskConfig, List<Integer>> known = new IdentityHashMap<>();
    configs.forEach(
        (id, config) ->
            known
                .computeIfAbsent(
                    config, one -> groups.computeIfAbsent(one, any -> new ArrayList<>()))
                .add(id));
    ImmutableSet.Builder<T> made = ImmutableSet.builder();
    groups.forEach((config, ids) -> made.add(make.apply(config, ids)));
    return made.build();
  }
}
