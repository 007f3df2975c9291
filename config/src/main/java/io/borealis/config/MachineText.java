package io.borealis.config;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.config.AgentSettings.PortRange;
import io.borealis.config.AgentSettings.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a machine offers, in the notation of Mesos. Stateless. */
final class MachineText {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})\\s*-\\s*([0-9]{1,5})");
  private static final Pattern NAME = Pattern.compile("[\\w.-]+");
  private static final long MOST = 1L << 40;
  private static final int LAST_PORT = 65_535;

  private MachineText() {}

  /** What is wrong in which part. */
  static final class WrongPart extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    WrongPart(String message) {
      super(message);
    }
  }

  /**
   * Reads {@code cpus:4;mem:8192;disk:20000;ports:[31000-32000];gpus:1}, each at most once.
   *
   * @throws WrongPart naming the part that is wrong
   */
  static Resources resources(String text) {
    Map<String, String> parts = new HashMap<>();
    for (String part : parts(text)) {
      int colon = colon(part);
      String name = part.substring(0, colon).strip();
      if (name.contains("(")) {
        throw new WrongPart("'%s' reserves, which is not supported".formatted(part));
      } else if (parts.put(name, part.substring(colon + 1).strip()) != null) {
        throw new WrongPart("'%s' comes twice".formatted(name));
      }
    }
    String cpus = parts.remove("cpus");
    String mem = parts.remove("mem");
    String disk = parts.remove("disk");
    String ports = parts.remove("ports");
    String gpus = parts.remove("gpus");
    if (!parts.isEmpty()) {
      throw new WrongPart(
          "'%s' is none of cpus, mem, disk, ports and gpus"
              .formatted(parts.keySet().iterator().next()));
    }
    return new Resources(
        cpus == null ? OptionalDouble.empty() : OptionalDouble.of(amount("cpus", cpus)),
        whole("mem", mem),
        whole("disk", disk),
        ports == null ? Optional.empty() : Optional.of(ports(ports)),
        whole("gpus", gpus));
  }

  /**
   * Reads {@code rack:r1;zones:{a,b}}; a name that comes again has all its values.
   *
   * @throws WrongPart naming the part that is wrong
   */
  static ImmutableSetMultimap<String, String> attributes(String text) {
    ImmutableSetMultimap.Builder<String, String> attributes = ImmutableSetMultimap.builder();
    for (String part : parts(text)) {
      int colon = colon(part);
      String name = part.substring(0, colon).strip();
      String value = part.substring(colon + 1).strip();
      boolean set = value.startsWith("{") && value.endsWith("}");
      List<String> values =
          set ? list(value.substring(1, value.length() - 1)) : ImmutableList.of(value);
      if (!NAME.matcher(name).matches() || values.isEmpty() || values.contains("")) {
        throw new WrongPart(
            "'%s' is not of the form name:value or name:{value,value}".formatted(part));
      }
      attributes.putAll(name, values);
    }
    return attributes.build();
  }

  private static List<String> parts(String text) {
    return Splitter.on(';').trimResults().omitEmptyStrings().splitToList(text);
  }

  private static List<String> list(String text) {
    return Splitter.on(',').trimResults().splitToList(text);
  }

  private static int colon(String part) {
    int colon = part.indexOf(':');
    if (colon < 1) {
      throw new WrongPart("'%s' is not of the form name:value".formatted(part));
    }
    return colon;
  }

  private static OptionalLong whole(String name, @Nullable String text) {
    if (text == null) {
      return OptionalLong.empty();
    }
    double amount = amount(name, text);
    if (amount != Math.rint(amount)) {
      throw new WrongPart("'%s:%s' is no whole number".formatted(name, text));
    }
    return OptionalLong.of((long) amount);
  }

  private static double amount(String name, String text) {
    double amount;
    try {
      amount = Double.parseDouble(text);
    } catch (NumberFormatException wrong) {
      throw new WrongPart("'%s:%s' is no number".formatted(name, text));
    }
    if (!(amount >= 0 && amount <= MOST)) {
      throw new WrongPart("'%s:%s' is not from 0 up".formatted(name, text));
    }
    return amount;
  }

  private static ImmutableList<PortRange> ports(String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw new WrongPart("'ports:%s' is not of the form ports:[31000-32000]".formatted(text));
    }
    ImmutableList.Builder<PortRange> ranges = ImmutableList.builder();
    String inner = text.substring(1, text.length() - 1).strip();
    int before = -1;
    for (String part : inner.isEmpty() ? List.<String>of() : list(inner)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        throw new WrongPart("'%s' in ports is not of the form first-last".formatted(part));
      }
      PortRange ports =
          new PortRange(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
      if (ports.first() > ports.last() || ports.last() > LAST_PORT || ports.first() == 0) {
        throw new WrongPart("'%s' in ports does not go up within 1 to 65535".formatted(part));
      } else if (ports.first() <= before) {
        throw new WrongPart("'%s' in ports is not above the one before".formatted(part));
      }
      before = ports.last();
      ranges.add(ports);
    }
    return ranges.build();
  }
}
