package io.borealis.cli;

import io.borealis.config.Command;
import io.borealis.config.ConfigException;
import io.borealis.config.DaemonSettings;
import io.borealis.config.Parsed;
import io.borealis.config.SettingsReader;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.scheduler.BackupImport;
import io.borealis.scheduler.backup.BackupContent;
import io.borealis.scheduler.backup.BackupException;
import io.borealis.scheduler.journal.EmbeddedZooKeeper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Loads a backup into an empty journal: {@code import-backup FILE}. */
final class ImportCommand {
  private static final String DRY_RUN = "--dry-run";
  private static final String SKIP_UNREADABLE = "--skip-unreadable";
  private static final String DATA_DIR = "--data-dir";
  private static final Duration TICK = Duration.ofMillis(500);
  private static final String USAGE =
      """
      Usage: borealis import-backup FILE [--dry-run] [--skip-unreadable] [settings]

        FILE                a backup of Aurora or Borealis, or a folder made by borealis journal export
        --dry-run           reads the backup and says what is in it; touches no journal
        --skip-unreadable   loads the rest when something in it cannot be taken
        --data-dir DIR      loads into the journal of borealis up, which keeps it in DIR, instead of
                            one at --zk-endpoints

      Stop the schedulers first; the journal must be empty.
      Exit codes: 0 everything was taken, 1 something could not be taken (then nothing is loaded but with
      --skip-unreadable), 2 wrongly called or refused.

      """;

  private final PrintStream out;
  private final PrintStream err;

  private ImportCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    List<String> settings = new ArrayList<>(args);
    boolean help = settings.isEmpty() || settings.contains("--help") || settings.contains("-h");
    if (help) {
      PrintStream stream = args.isEmpty() ? err : out;
      stream.print(USAGE);
      stream.print(
          SettingsReader.read(Command.IMPORT_BACKUP, List.of("--help"), environment).help());
      return args.isEmpty() ? Main.USAGE : Main.OK;
    }
    boolean dryRun = settings.remove(DRY_RUN);
    boolean skip = settings.remove(SKIP_UNREADABLE);
    @Nullable Path dataDir = dataDir(settings);
    if (settings.isEmpty() || settings.get(0).startsWith("-")) {
      throw new ConfigException("the file comes first: import-backup FILE");
    }
    Path file = Path.of(settings.remove(0));
    Parsed parsed = SettingsReader.read(Command.IMPORT_BACKUP, settings, environment);
    parsed.warnings().forEach(warning -> err.println("borealis: " + warning));
    ImportCommand command = new ImportCommand(out, err);
    try {
      BackupContent content = BackupImport.read(file);
      command.tell(file, content, DaemonSettings.clusterName(parsed));
      if (!content.unreadable().isEmpty() && !skip) {
        out.println("Nothing was loaded: with --skip-unreadable all else would be");
      } else if (dryRun) {
        out.println("Nothing was loaded: " + DRY_RUN);
      } else {
        command.load(content, file, dataDir, parsed);
        out.println("Loaded; start the schedulers");
      }
      return content.unreadable().isEmpty() ? Main.OK : Main.FAILED;
    } catch (BackupException | IOException refused) {
      err.println("borealis import-backup: " + refused.getMessage());
      return Main.USAGE;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Main.USAGE;
    }
  }

  private static @Nullable Path dataDir(List<String> settings) {
    for (int i = 0; i < settings.size(); i++) {
      if (settings.get(i).startsWith(DATA_DIR + "=")) {
        return Path.of(settings.remove(i).substring(DATA_DIR.length() + 1));
      } else if (settings.get(i).equals(DATA_DIR) && i + 1 < settings.size()) {
        settings.remove(i);
        return Path.of(settings.remove(i));
      }
    }
    return null;
  }

  private void tell(Path file, BackupContent content, String cluster) {
    out.println(
        "%s: a backup of %s%s, made %s"
            .formatted(
                file,
                content.ours() ? "Borealis" : "Aurora",
                content.cluster() == null ? "" : ", cluster " + content.cluster(),
                content.madeMs() == 0
                    ? "at an unknown time"
                    : Instant.ofEpochMilli(content.madeMs())));
    if (content.cluster() != null && !content.cluster().equals(cluster)) {
      out.println("It goes into cluster " + cluster);
    }
    content.counts().forEach((kind, count) -> out.println("  %-22s%d".formatted(kind, count)));
    content.converted().forEach((what, count) -> out.println("Converted: " + what + ": " + count));
    int updating = content.updating();
    if (updating > 0) {
      out.println("Active updates that get a new lock: " + updating);
    }
    int waiting = content.waiting();
    if (waiting > 0) {
      out.println("Waiting tasks that get a new id: " + waiting);
    }
    content.unreadable().forEach(what -> out.println("Cannot be taken: " + what));
  }

  private void load(BackupContent content, Path file, @Nullable Path dataDir, Parsed parsed)
      throws IOException, InterruptedException {
    if (dataDir == null) {
      load(content, file, DaemonSettings.zooKeeper(parsed, false), false, parsed);
      return;
    }
    EmbeddedZooKeeper.Settings embedded =
        new EmbeddedZooKeeper.Settings(dataDir, "127.0.0.1", Daemons.freePort(), TICK, 0, Map.of());
    try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(embedded, () -> {})) {
      DaemonSettings.ZooKeeper zooKeeper =
          DaemonSettings.zooKeeper(parsed, true).withConnect(server.connectString());
      load(content, file, zooKeeper, true, parsed);
    }
  }

  private void load(
      BackupContent content,
      Path file,
      DaemonSettings.ZooKeeper zooKeeper,
      boolean alone,
      Parsed parsed)
      throws InterruptedException {
    try (SystemRuntimes runtimes =
        new SystemRuntimes(
            (loop, failure) -> err.println("Unexpected on " + loop + ": " + failure))) {
      long unused =
          new BackupImport(zooKeeper, DaemonSettings.clusterName(parsed), runtimes)
              .load(content, String.valueOf(file.getFileName()), alone);
    }
  }
}
