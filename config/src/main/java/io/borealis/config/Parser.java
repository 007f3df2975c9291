package io.borealis.config;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a kind of value from text. Stateless.
 *
 * @param what the kind, for messages
 * @param reader throws IllegalArgumentException when the text is something else
 */
public record Parser<T>(String what, Function<String, T> reader) {
  static final Parser<String> TEXT = new Parser<>("a text", text -> text);
  static final Parser<Integer> NUMBER = new Parser<>("a whole number", Integer::parseInt);
  static final Parser<Double> DECIMAL = new Parser<>("a number", Parser::decimal);
  static final Parser<Boolean> FLAG = new Parser<>("true or false", Parser::bool);
  static final Parser<Path> PATH = new Parser<>("a path", Path::of);
  static final Parser<Duration> TIME =
      new Parser<>(
          "an amount of time such as 500ms, 6s, 2mins or 1hrs, up to 10000days", Parser::time);
  static final Parser<Duration> MILLIS =
      new Parser<>(
          "a number of milliseconds",
          text -> text.matches("[0-9]+") ? Duration.ofMillis(Long.parseLong(text)) : time(text));
  static final Parser<Long> SIZE =
      new Parser<>("an amount of data such as 512KB, 16MB or 1GB", Parser::size);
  static final Parser<ImmutableList<HostAndPort>> ENDPOINTS =
      new Parser<>("a list of host:port, separated by commas", Parser::endpoints);
  static final Parser<HostAndPort> ENDPOINT = new Parser<>("host:port", Parser::endpoint);
  static final Parser<ImmutableList<String>> LIST =
      new Parser<>(
          "a list separated by commas",
          text ->
              ImmutableList.copyOf(Splitter.on(',').trimResults().omitEmptyStrings().split(text)));
  static final Parser<ImmutableMap<String, String>> PAIRS =
      new Parser<>("a list of name=value, separated by commas, each name once", Parser::pairs);
  static final Parser<ImmutableMap<Integer, String>> MEMBERS =
      new Parser<>("a list such as 1=host:2888:3888,2=host:2889:3889", Parser::members);

  static final Parser<ZoneId> ZONE =
      new Parser<>("a time zone such as GMT, Europe/Berlin or +05:30", Parser::zone);

  static final Parser<Duration> SECONDS =
      new Parser<>(
          "a number of seconds, or an amount of time such as 2mins",
          text -> time(text.matches("[0-9]+") ? text + "s" : text));
  static final Parser<Long> MEGABYTES =
      new Parser<>(
          "a number of megabytes, or an amount of data such as 1GB",
          text -> size(text.matches("[0-9]+") ? text + "MB" : text));
  static final Parser<AgentSettings.Resources> RESOURCES =
      new Parser<>(
          "of the form cpus:4;mem:8192;disk:20000;ports:[31000-32000]", MachineText::resources);
  static final Parser<ImmutableSetMultimap<String, String>> ATTRIBUTES =
      new Parser<>("of the form rack:r1;zones:{a,b}", MachineText::attributes);

  private static final Duration LONGEST = Duration.ofDays(10_000);
  private static final Pattern AMOUNT = Pattern.compile("([0-9]+)\\s*([A-Za-z]*)");

  T parse(String text) {
    return reader.apply(text);
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text, ZoneId.SHORT_IDS);
    } catch (DateTimeException unknown) {
      throw new IllegalArgumentException(text, unknown);
    }
  }

  private static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Duration time(String text) {
    Duration time = anyTime(text);
    // What timers cannot count is a mistake in any setting.
    if (time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(text);
    }
    return time;
  }

  private static Duration anyTime(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      try {
        return Duration.parse(text);
      } catch (DateTimeParseException other) {
        throw new IllegalArgumentException(text, other);
      }
    }
    long number = Long.parseLong(amount.group(1));
    return switch (amount.group(2).toLowerCase(Locale.ROOT)) {
      case "ns" -> Duration.ofNanos(number);
      case "us" -> Duration.ofNanos(Math.multiplyExact(number, 1000L));
      case "ms" -> Duration.ofMillis(number);
      case "s", "sec", "secs" -> Duration.ofSeconds(number);
      case "m", "min", "mins" -> Duration.ofMinutes(number);
      case "h", "hr", "hrs" -> Duration.ofHours(number);
      case "d", "day", "days" -> Duration.ofDays(number);
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static long size(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      throw new IllegalArgumentException(text);
    }
    long number = Long.parseLong(amount.group(1));
    int shift =
        switch (amount.group(2).toUpperCase(Locale.ROOT)) {
          case "", "B", "BYTES" -> 0;
          case "K", "KB", "KIB" -> 10;
          case "M", "MB", "MIB" -> 20;
          case "G", "GB", "GIB" -> 30;
          case "T", "TB", "TIB" -> 40;
          default -> throw new IllegalArgumentException(text);
        };
    return Math.multiplyExact(number, 1L << shift);
  }

  private static ImmutableList<HostAndPort> endpoints(String text) {
    ImmutableList.Builder<HostAndPort> endpoints = ImmutableList.builder();
    for (String part : Splitter.on(',').trimResults().omitEmptyStrings().split(text)) {
      endpoints.add(endpoint(part));
    }
    return endpoints.build();
  }

  private static HostAndPort endpoint(String text) {
    HostAndPort endpoint = HostAndPort.fromString(text);
    if (!endpoint.hasPort() || endpoint.getHost().isEmpty()) {
      throw new IllegalArgumentException(text);
    }
    return endpoint;
  }

  private static ImmutableMap<Integer, String> members(String text) {
    ImmutableMap.Builder<Integer, String> members = ImmutableMap.builder();
    for (String part : Splitter.on(',').trimResults().omitEmptyStrings().split(text)) {
      int equals = part.indexOf('=');
      String address = part.substring(equals + 1);
      if (equals < 1 || Splitter.on(':').splitToList(address).size() != 3) {
        throw new IllegalArgumentException(part);
      }
      members.put(Integer.parseInt(part.substring(0, equals)), address);
    }
    return members.buildOrThrow();
  }

  private static double decimal(String text) {
    double number = Double.parseDouble(text);
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(text);
    }
    return number;
  }

  private static ImmutableMap<String, String> pairs(String text) {
    ImmutableMap.Builder<String, String> pairs = ImmutableMap.builder();
    for (String part : Splitter.on(',').trimResults().omitEmptyStrings().split(text)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(part);
      }
      pairs.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return pairs.buildOrThrow();
  }
}
