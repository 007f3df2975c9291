package io.borealis.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Merges flags over environment over file over defaults. Stateless. */
public final class SettingsReader {
  private SettingsReader() {}

  /**
   * Reads the settings of a command.
   *
   * @throws ConfigException with a message for the user
   */
  public static Parsed read(Command command, List<String> args, Map<String, String> environment) {
    List<String> warnings = new ArrayList<>();
    CommandLine line = commandLine(command);
    ParseResult result;
    try {
      result = line.parseArgs(translated(command, args, warnings).toArray(String[]::new));
    } catch (UnmatchedArgumentException unknown) {
      List<String> similar = unknown.getSuggestions();
      throw new ConfigException(
          unknown.getMessage()
              + (similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?"));
    } catch (ParameterException wrong) {
      throw new ConfigException(wrong.getMessage());
    }
    if (result.isUsageHelpRequested()) {
      return new Parsed(ImmutableMap.of(), ImmutableList.of(), line.getUsageMessage());
    }
    Map<String, String> flags = new HashMap<>();
    for (Setting<?> setting : Settings.of(command)) {
      if (result.hasMatchedOption(setting.flag())) {
        String text = result.matchedOptionValue(setting.flag(), "");
        flags.put(setting.name(), text);
      }
    }
    Map<String, String> file = file(command, flags, environment);
    String fileName = "file " + fileName(flags, environment);
    warnUnknown(environment, warnings);
    Map<String, Object> values = new LinkedHashMap<>();
    for (Setting<?> setting : Settings.of(command)) {
      Object value = value(setting, flags, environment, file, fileName);
      if (value != null) {
        values.put(setting.name(), value);
      }
    }
    return new Parsed(ImmutableMap.copyOf(values), ImmutableList.copyOf(warnings), null);
  }

  private static @Nullable Object value(
      Setting<?> setting,
      Map<String, String> flags,
      Map<String, String> environment,
      Map<String, String> file,
      String fileName) {
    if (flags.containsKey(setting.name())) {
      return setting.read(flags.get(setting.name()), "flag");
    } else if (environment.containsKey(setting.variable())) {
      return setting.read(
          environment.get(setting.variable()), "environment variable " + setting.variable());
    } else if (file.containsKey(setting.name())) {
      return setting.read(file.get(setting.name()), fileName);
    }
    return setting.defaultText() == null ? null : setting.read(setting.defaultText(), "default");
  }

  private static CommandLine commandLine(Command command) {
    CommandSpec spec = CommandSpec.create().name("borealis " + command.word());
    spec.usageMessage().description(command.summary() + ".").width(100).abbreviateSynopsis(true);
    for (Setting<?> setting : Settings.of(command)) {
      String shown = setting.defaultText();
      spec.addOption(
          OptionSpec.builder(setting.flag())
              .type(String.class)
              .arity(setting.parser().equals(Parser.FLAG) ? "0..1" : "1")
              .paramLabel("VALUE")
              .description(
                  setting.description()
                      + (shown == null || shown.isEmpty()
                          ? "."
                          : " (default: " + escaped(shown) + ")."))
              .build());
    }
    spec.addOption(
        OptionSpec.builder("--help", "-h").usageHelp(true).description("Shows this.").build());
    return new CommandLine(spec);
  }

  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  /** Aurora's flags in our spelling; those that mean nothing here are dropped with a warning. */
  private static List<String> translated(
      Command command, List<String> args, List<String> warnings) {
    Map<String, Setting<?>> aliases = new HashMap<>();
    for (Setting<?> setting : Settings.of(command)) {
      setting.aliases().forEach(alias -> aliases.put(alias, setting));
    }
    List<String> translated = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (!arg.startsWith("-") || arg.length() < 3) {
        translated.add(arg);
        continue;
      }
      int equals = arg.indexOf('=');
      // The flags of the scheduler had one dash, those of the executor two.
      boolean two = arg.startsWith("--");
      String name = arg.substring(two ? 2 : 1, equals < 0 ? arg.length() : equals);
      boolean ours = two && Settings.of(command).stream().anyMatch(s -> s.name().equals(name));
      Setting<?> setting = ours ? null : aliases.get(name);
      boolean ignored = setting == null && !two && Settings.IGNORED.contains(name);
      if (setting == null && !ignored) {
        translated.add(arg);
        continue;
      }
      @Nullable String value = equals < 0 ? null : arg.substring(equals + 1);
      if (value == null && i + 1 < args.size() && !args.get(i + 1).startsWith("-")) {
        value = args.get(++i);
      }
      if (ignored) {
        warnings.add(ignored(name, value));
      } else if (setting != null) {
        translated.add(setting.flag() + "=" + (value == null ? "" : value));
      }
    }
    return translated;
  }

  private static String ignored(String name, @Nullable String value) {
    String warning = "-" + name + " means nothing to Borealis and is ignored";
    boolean asksWho = name.equals("http_authentication_mechanism") && !"NONE".equals(value);
    return asksWho ? warning + ": everybody may call, whoever they are" : warning;
  }

  private static @Nullable String fileName(
      Map<String, String> flags, Map<String, String> environment) {
    return flags.getOrDefault(Settings.CONFIG.name(), environment.get(Settings.CONFIG.variable()));
  }

  /** A misspelt variable would silently do nothing. */
  private static void warnUnknown(Map<String, String> environment, List<String> warnings) {
    environment.keySet().stream()
        .filter(name -> name.startsWith("BOREALIS_") && !name.endsWith("JAVA_OPTS"))
        .filter(name -> Settings.all().stream().noneMatch(s -> s.variable().equals(name)))
        .sorted()
        .forEach(name -> warnings.add("the environment variable " + name + " is no setting"));
  }

  private static Map<String, String> file(
      Command command, Map<String, String> flags, Map<String, String> environment) {
    String name = fileName(flags, environment);
    if (name == null) {
      return Map.of();
    }
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(Path.of(name).toFile());
    } catch (IOException unreadable) {
      throw new ConfigException(
          "--config: %s cannot be read: %s".formatted(name, unreadable.getMessage()));
    }
    if (root.isMissingNode() || root.isNull()) {
      return Map.of();
    }
    if (!root.isObject()) {
      throw new ConfigException("--config: " + name + " must hold lines of the form 'name: value'");
    }
    Map<String, String> values = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (Settings.all().stream().noneMatch(s -> s.name().equals(entry.getKey()))) {
        throw new ConfigException(
            "--config: %s sets '%s', which is no setting".formatted(name, entry.getKey()));
      }
      // A file may serve several commands: what is not for this one is left.
      if (!entry.getValue().isNull()
          && Settings.of(command).stream().anyMatch(s -> s.name().equals(entry.getKey()))) {
        values.put(entry.getKey(), text(entry.getValue()));
      }
    }
    return values;
  }

  private static String text(JsonNode value) {
    if (!value.isArray()) {
      return value.asText();
    }
    List<String> parts = new ArrayList<>();
    value.forEach(part -> parts.add(part.asText()));
    return String.join(",", parts);
  }
}
