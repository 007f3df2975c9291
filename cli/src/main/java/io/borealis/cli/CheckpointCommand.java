package io.borealis.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointJson;
import io.borealis.agent.checkpoint.CheckpointReader;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.Replay;
import io.borealis.config.Command;
import io.borealis.config.ConfigException;
import io.borealis.config.Parsed;
import io.borealis.config.SettingsReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is in the streams of tasks, as JSON: {@code checkpoint show | records FILE…}. */
final class CheckpointCommand {
  private static final Set<String> ACTIONS = Set.of("show", "records");
  private static final String MODE = "--mode";

  /** How many bytes come before each record. */
  private static final int LENGTH_BYTES = 4;

  /** Only ASCII goes out, whatever the terminal takes. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final String USAGE =
      """
      Usage: borealis checkpoint ACTION FILE…

        show [--mode MODE] FILE…    prints what each stream leads to, one line of JSON a file
        records FILE…               prints the records of each stream, one line of JSON a file

      MODE is strict (the default), strict_truncate, recovery or recovery_truncate. Files may follow a --.
      Exit codes: 0 all were whole, 1 one was damaged, 2 one could not be opened, or wrongly called.

      """;

  private final PrintStream out;
  private final PrintStream err;
  private int exit = Main.OK;

  private CheckpointCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    String action = args.isEmpty() ? "--help" : args.get(0);
    Arguments arguments = Arguments.of(args.isEmpty() ? args : args.subList(1, args.size()));
    boolean asked = action.equals("--help") || action.equals("-h");
    if (asked || arguments.help()) {
      return help(environment, out, args.isEmpty() ? Main.USAGE : Main.OK);
    } else if (!ACTIONS.contains(action)) {
      err.println("borealis checkpoint: there is no action '" + action + "'");
      return help(environment, err, Main.USAGE);
    }
    boolean show = action.equals("show");
    if (!show && arguments.mode() != null) {
      throw new ConfigException("--mode goes with show only");
    }
    Mode mode = mode(arguments.mode() == null ? "strict" : arguments.mode());
    Parsed parsed = SettingsReader.read(Command.CHECKPOINT, arguments.settings(), environment);
    parsed.warnings().forEach(warning -> err.println("borealis: " + warning));
    if (arguments.files().isEmpty()) {
      throw new ConfigException(action + " needs a file: " + action + " FILE…");
    }
    CheckpointCommand command = new CheckpointCommand(out, err);
    for (String file : arguments.files()) {
      command.print(file, show ? path -> command.show(path, mode) : command::records);
    }
    return command.exit;
  }

  private static int help(Map<String, String> environment, PrintStream stream, int exit) {
    stream.print(USAGE);
    stream.print(SettingsReader.read(Command.CHECKPOINT, List.of("--help"), environment).help());
    return exit;
  }

  private static Mode mode(String word) {
    for (Mode mode : Mode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
        return mode;
      }
    }
    throw new ConfigException(
        "--mode: '%s' is not strict, strict_truncate, recovery or recovery_truncate"
            .formatted(word));
  }

  private void print(String file, Look look) {
    try {
      Path path = Path.of(file);
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new FileSystemException(file, null, "is not a file");
      }
      ObjectNode line = JSON.createObjectNode().put("file", file);
      line.setAll(look.at(path));
      out.println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException | IllegalArgumentException e) {
      err.println("borealis checkpoint: " + why(file, e));
      exit = Main.USAGE;
    }
  }

  private static String why(String file, Exception e) {
    if (e instanceof NoSuchFileException) {
      return file + ": there is no such file";
    }
    @Nullable String reason =
        e instanceof FileSystemException failure ? failure.getReason() : e.getMessage();
    return file + ": " + (reason == null ? e.getClass().getSimpleName() : reason);
  }

  private ObjectNode show(Path path, Mode mode) throws IOException {
    Replay replay = Replay.of(path, mode);
    ObjectNode json = JSON.createObjectNode();
    json.put("outcome", replay.error() == null ? "OK" : "ERROR");
    if (replay.error() != null) {
      damaged();
      json.putObject("error")
          .put("at_record", replay.records())
          .put("kind", replay.error().kind().inReplay());
    }
    json.set("state", CheckpointJson.of(replay.state()));
    return json;
  }

  private ObjectNode records(Path path) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode records = json.putArray("records");
    try (CheckpointReader reader = CheckpointReader.open(path)) {
      long offset = 0;
      try {
        for (Checkpoint record = reader.next(); record != null; record = reader.next()) {
          records
              .addObject()
              .put("offset", offset)
              .put("frame_length", reader.position() - offset - LENGTH_BYTES)
              .set("record", CheckpointJson.of(record));
          offset = reader.position();
        }
        json.put("end", "EOF");
      } catch (CheckpointException e) {
        damaged();
        json.putObject("end").put("kind", e.kind().name()).put("at_offset", offset);
      }
    }
    return json;
  }

  private void damaged() {
    exit = Math.max(exit, Main.FAILED);
  }

  /** What is looked at in a file. */
  private interface Look {
    ObjectNode at(Path path) throws IOException;
  }

  /** The words of the command line by what they are. */
  private record Arguments(
      @Nullable String mode, List<String> files, List<String> settings, boolean help) {

    static Arguments of(List<String> words) {
      @Nullable String mode = null;
      List<String> files = new ArrayList<>();
      List<String> settings = new ArrayList<>();
      boolean help = false;
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        if (word.equals("--")) {
          files.addAll(words.subList(i + 1, words.size()));
          break;
        } else if (word.equals("--help") || word.equals("-h")) {
          help = true;
        } else if (word.startsWith(MODE + "=")) {
          mode = word.substring(MODE.length() + 1);
        } else if (word.equals(MODE)) {
          if (++i == words.size()) {
            throw new ConfigException("--mode needs a value");
          }
          mode = words.get(i);
        } else if (word.equals("--config") && i + 1 < words.size()) {
          settings.add(word);
          settings.add(words.get(++i));
        } else if (word.startsWith("-") && word.length() > 1) {
          settings.add(word);
        } else {
          files.add(word);
        }
      }
      return new Arguments(mode, files, settings, help);
    }
  }
}
