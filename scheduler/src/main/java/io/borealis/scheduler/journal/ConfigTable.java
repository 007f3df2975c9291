package io.borealis.scheduler.journal;

import io.borealis.api.TaskConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers configurations in the order they are met. For one thread. */
final class ConfigTable {
  private final IdentityHashMap<TaskConfig, Integer> byIdentity = new IdentityHashMap<>();
  private final Map<ByteBuffer, Integer> byBytes = new HashMap<>();
  private final List<TaskConfig> configs = new ArrayList<>();

  /** What has been numbered, in that order. */
  List<TaskConfig> configs() {
    return configs;
  }

  /** The number of a configuration, −1 for none. */
  int idOf(@Nullable TaskConfig config) {
    if (config == null) {
      return -1;
    }
    Integer known = byIdentity.get(config);
    if (known == null) {
      known =
          byBytes.computeIfAbsent(
              ByteBuffer.wrap(EntryCodec.bytes(TaskConfig.TYPE, config)),
              unused -> {
                configs.add(config);
                return configs.size() - 1;
              });
      byIdentity.put(config, known);
    }
    return known;
  }
}
