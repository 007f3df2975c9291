package io.borealis.scheduler.journal;

import io.borealis.api.TaskConfig;
import io.borealis.api.codec.BinaryOutput;
import io.borealis.api.codec.OutputBuffer;
import io.borealis.api.codec.StructType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.thrift.TException;
import org.jspecify.annotations.Nullable;

/**
 * Numbers configurations in the order they are met, and writes what refers to them. Each is encoded
 * once. For one thread.
 */
final class EntryCodecTable {
  private final OutputBuffer buffer;
  private final IdentityHashMap<TaskConfig, Integer> byIdentity = new IdentityHashMap<>();
  private final Map<ByteBuffer, Integer> byBytes = new HashMap<>();
  private final List<TaskConfig> configs = new ArrayList<>();

  EntryCodecTable() {
    try {
      buffer = new OutputBuffer(1024, BinaryOutput::of, TaskConfig.TYPE);
    } catch (TException impossible) {
      throw new IllegalStateException("There is no buffer", impossible);
    }
  }

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
              ByteBuffer.wrap(encoded(config)),
              unused -> {
                configs.add(config);
                return configs.size() - 1;
              });
      byIdentity.put(config, known);
    }
    return known;
  }

  /** The bytes of a configuration alone. */
  byte[] encoded(TaskConfig config) {
    try {
      return buffer.body(TaskConfig.TYPE, config);
    } catch (TException impossible) {
      throw new IllegalStateException("A value of memory cannot be written", impossible);
    }
  }

  /** The bytes of a value; to be asked for once. */
  <T> byte[] bytes(StructType<T> type, T value) {
    try {
      type.write(buffer.protocol(), value);
      return buffer.toByteArray();
    } catch (TException impossible) {
      throw new IllegalStateException("A value of memory cannot be written", impossible);
    }
  }
}
