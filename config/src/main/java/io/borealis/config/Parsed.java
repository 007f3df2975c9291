package io.borealis.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * What a command was told. Immutable.
 *
 * @param values the value of each setting that has one, by name
 * @param warnings what was accepted but does nothing
 * @param help the help page when that was asked for
 */
public record Parsed(
    ImmutableMap<String, Object> values, ImmutableList<String> warnings, @Nullable String help) {

  /** The value of a setting that has one, if only by default. */
  @SuppressWarnings("unchecked") // A setting's value was read by its own parser.
  <T> T get(Setting<T> setting) {
    T value = (T) values.get(setting.name());
    if (value == null) {
      throw new ConfigException(setting.flag() + " is required: " + setting.description());
    }
    return value;
  }

  /** The value of a setting that may have none. */
  @SuppressWarnings("unchecked") // A setting's value was read by its own parser.
  <T> @Nullable T find(Setting<T> setting) {
    return (T) values.get(setting.name());
  }
}
