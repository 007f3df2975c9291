package io.borealis.cli;

import io.borealis.config.Command;
import io.borealis.config.ConfigException;
import io.borealis.config.Parsed;
import io.borealis.config.SettingsReader;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the command and runs it. Exit codes: 0 done, 1 failed, 2 wrongly called, 3 not done because
 * it was not confirmed.
 */
public final class Main {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int UNCONFIRMED = 3;

  /** Stopped by a signal: the JVM ends already, with code 0, as soon as the main thread returns. */
  static final int SIGNALLED = -1;

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    int exit = run(Arrays.asList(args), System.getenv(), System.out, System.err);
    if (exit != SIGNALLED) {
      System.exit(exit);
    }
  }

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    String word = args.isEmpty() ? "--help" : args.get(0);
    if (word.equals("--help") || word.equals("-h") || word.equals("help")) {
      out.print(usage());
      return args.isEmpty() ? USAGE : OK;
    }
    @Nullable Command command = find(word);
    if (command == null) {
      err.println("borealis: there is no command '" + word + "'");
      err.print(usage());
      return USAGE;
    }
    List<String> rest = args.subList(1, args.size());
    try {
      if (command == Command.JOURNAL) {
        return JournalCommand.run(rest, environment, out, err);
      } else if (command == Command.IMPORT_BACKUP) {
        return ImportCommand.run(rest, environment, out, err);
      } else if (command == Command.LOCK) {
        return LockCommand.run(rest, environment, out, err);
      } else if (command == Command.CHECKPOINT) {
        return CheckpointCommand.run(rest, environment, out, err);
      }
      Parsed parsed = SettingsReader.read(command, rest, environment);
      if (parsed.help() != null) {
        out.print(parsed.help());
        return OK;
      }
      parsed.warnings().forEach(warning -> err.println("borealis: " + warning));
      return switch (command) {
        case UP -> Daemons.up(parsed, out, err);
        case SCHEDULER -> Daemons.scheduler(parsed, out, err);
        case AGENT -> Daemons.agent(parsed, out, err);
        case ZOOKEEPER -> Daemons.zooKeeper(parsed, out, err);
        case JOURNAL, IMPORT_BACKUP, LOCK, CHECKPOINT ->
            throw new IllegalStateException("handled above");
      };
    } catch (ConfigException wrong) {
      err.println("borealis " + command.word() + ": " + wrong.getMessage());
      return USAGE;
    }
  }

  private static @Nullable Command find(String word) {
    for (Command command : Command.values()) {
      if (command.word().equals(word)) {
        return command;
      }
    }
    return null;
  }

  private static String usage() {
    StringBuilder usage = new StringBuilder("Usage: borealis COMMAND [--help] [settings]\n\n");
    for (Command command : Command.values()) {
      usage.append("  %-13s  %s\n".formatted(command.word(), command.summary()));
    }
    return usage.toString();
  }
}
