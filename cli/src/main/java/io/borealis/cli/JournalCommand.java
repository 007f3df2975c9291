package io.borealis.cli;

import io.borealis.config.Command;
import io.borealis.config.ConfigException;
import io.borealis.config.DaemonSettings;
import io.borealis.config.Parsed;
import io.borealis.config.SettingsReader;
import io.borealis.scheduler.journal.JournalTools;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Offline work on a journal: {@code journal verify | dump | export DIR | reset --keep-backup DIR}.
 */
final class JournalCommand {
  private static final Set<String> ACTIONS = Set.of("verify", "dump", "export", "reset");
  private static final String KEEP_BACKUP = "--keep-backup";
  private static final String USAGE =
      """
      Usage: borealis journal ACTION --zk-endpoints h:p[,h:p…] [settings]

        verify                    reads everything and checks it; exit code 1 when something is broken
        dump                      the same, with a line for each snapshot and entry
        export DIR                copies every node to files in DIR, which must be empty
        reset --keep-backup DIR   copies every node to DIR, then empties the journal

      Stop every scheduler first; reset fails while one leads.

      """;

  private JournalCommand() {}

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    List<String> settings = new ArrayList<>(args);
    String action = settings.isEmpty() ? "--help" : settings.remove(0);
    if (!ACTIONS.contains(action)) {
      PrintStream stream = action.equals("--help") || action.equals("-h") ? out : err;
      stream.print(USAGE);
      stream.print(SettingsReader.read(Command.JOURNAL, List.of("--help"), environment).help());
      return stream.equals(out) ? Main.OK : Main.USAGE;
    }
    boolean help = settings.contains("--help") || settings.contains("-h");
    Path folder = help ? Path.of("") : folder(action, settings);
    Parsed parsed = SettingsReader.read(Command.JOURNAL, settings, environment);
    if (parsed.help() != null) {
      out.print(USAGE);
      out.print(parsed.help());
      return Main.OK;
    }
    parsed.warnings().forEach(warning -> err.println("borealis: " + warning));
    DaemonSettings.ZooKeeper zooKeeper = DaemonSettings.zooKeeper(parsed, false);
    try (JournalTools tools =
        JournalTools.open(
            zooKeeper.connect(),
            zooKeeper.journalRoot(),
            zooKeeper.sessionTimeout(),
            zooKeeper.credentials(),
            out)) {
      return run(action, tools, folder, out);
    } catch (IOException failure) {
      err.println("borealis journal " + action + ": " + failure.getMessage());
      return Main.FAILED;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Main.FAILED;
    }
  }

  private static Path folder(String action, List<String> settings) {
    if (action.equals("reset")) {
      for (int i = 0; i < settings.size(); i++) {
        if (settings.get(i).startsWith(KEEP_BACKUP + "=")) {
          return Path.of(settings.remove(i).substring(KEEP_BACKUP.length() + 1));
        } else if (settings.get(i).equals(KEEP_BACKUP) && i + 1 < settings.size()) {
          settings.remove(i);
          return Path.of(settings.remove(i));
        }
      }
      throw new ConfigException("reset needs --keep-backup DIR, where everything is copied first");
    }
    if (action.equals("export")) {
      if (settings.isEmpty() || settings.get(0).startsWith("-")) {
        throw new ConfigException("export needs a folder: export DIR");
      }
      return Path.of(settings.remove(0));
    }
    return Path.of("");
  }

  private static int run(String action, JournalTools tools, Path folder, PrintStream out)
      throws IOException, InterruptedException {
    switch (action) {
      case "export" -> out.println("Copied " + tools.export(folder) + " nodes to " + folder);
      case "reset" -> out.println("Deleted " + tools.reset(folder) + " entries");
      default -> {
        JournalTools.Findings found = action.equals("dump") ? tools.dump() : tools.verify();
        out.println(
            "%d snapshots, %d entries, %d problems"
                .formatted(found.snapshots(), found.entries(), found.problems().size()));
        found.problems().forEach(problem -> out.println("  " + problem));
        return found.problems().isEmpty() ? Main.OK : Main.FAILED;
      }
    }
    return Main.OK;
  }
}
