package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableSortedSet;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.State;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.Optional;

/**
 * The folder with the backups. A backup has its name only once it is whole and on the disk. Blocks
 * on the disk; for one thread at a time, except for reading.
 */
public final class BackupDirectory {
  private static final String PREFIX = "scheduler-backup-";
  private static final String UNFINISHED = "temp_";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd-HH-mm", Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private final Path folder;
  private final String cluster;
  private final int kept;
  private final ZoneId zone;

  /**
   * @param cluster the name of the cluster, noted in each backup
   * @param kept how many backups remain
   * @param zone the time zone of the names
   */
  public BackupDirectory(Path folder, String cluster, int kept, ZoneId zone) {
    this.folder = folder.toAbsolutePath().normalize();
    this.cluster = cluster;
    this.kept = kept;
    this.zone = zone;
  }

  /**
   * Makes the folder if it is missing, tries whether it can be written, and removes what a crash
   * left unfinished.
   *
   * @throws IOException when it cannot be used
   */
  public void prepare() throws IOException {
    Files.createDirectories(folder);
    Files.delete(Files.createTempFile(folder, UNFINISHED, ".probe"));
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, UNFINISHED + PREFIX + "*")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The names of all backups, oldest first. Files of other names are nobody's backups. */
  public ImmutableSortedSet<String> list() throws IOException {
    ImmutableSortedSet.Builder<String> names = ImmutableSortedSet.naturalOrder();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (isName(name) && Files.isRegularFile(file)) {
          names.add(name);
        }
      }
    }
    return names.build();
  }

  private static boolean isName(String name) {
    try {
      String date = name.substring(PREFIX.length());
      // Writing it again finds what reading takes in a wider sense.
      return NAME.format(LocalDateTime.parse(date, NAME)).equals(date);
    } catch (DateTimeException other) {
      return false;
    }
  }

  /** When the newest backup was written, in ms; empty when there is none. */
  Optional<Long> newestMs() throws IOException {
    ImmutableSortedSet<String> names = list();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(Files.getLastModifiedTime(folder.resolve(names.last())).toMillis());
  }

  /**
   * Writes the State as a backup named after the time, replacing one of the same minute, and
   * deletes the oldest beyond those to be kept.
   *
   * @return its name
   */
  String save(State state, long nowMs) throws IOException {
    String name = PREFIX + NAME.format(Instant.ofEpochMilli(nowMs).atZone(zone));
    Path unfinished = folder.resolve(UNFINISHED + name);
    try {
      try (FileChannel file =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream out = Channels.newOutputStream(file);
        BackupCodec.write(state, cluster, out);
        file.force(true);
      }
      Files.move(
          unfinished,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    syncFolder();
    prune(name);
    return name;
  }

  /** The new name must outlast a loss of power as the content does. */
  private void syncFolder() throws IOException {
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private void prune(String newest) throws IOException {
    ImmutableSortedSet<String> names = list();
    int superfluous = names.size() - kept;
    for (String name : names) {
      if (superfluous-- <= 0) {
        return;
      }
      // A clock that was set back gives the newest a name among the oldest.
      if (!name.equals(newest)) {
        Files.deleteIfExists(folder.resolve(name));
      }
    }
  }

  /**
   * Reads a backup.
   *
   * @throws BackupException when there is none of that name, or it cannot be read whole
   */
  public BackupContent load(String name, EntryCodec codec) {
    if (name.isBlank() || name.contains("/") || name.contains("\\") || name.startsWith(".")) {
      throw new BackupException("'" + name + "' cannot be the name of a backup.");
    }
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      throw new BackupException("Backup " + file + " does not exist.");
    }
    return load(file, codec);
  }

  /**
   * Reads a backup.
   *
   * @throws BackupException when it cannot be read whole
   */
  public static BackupContent load(Path file, EntryCodec codec) {
    if (!Files.isRegularFile(file)) {
      throw new BackupException("Failed to read backup " + file + ": it is not a file");
    }
    try {
      return BackupContent.of(BackupCodec.read(file, codec), codec);
    } catch (CorruptJournalException broken) {
      throw new BackupException(
          "Failed to decode backup " + file + ": " + broken.getMessage(), broken);
    } catch (IOException failure) {
      throw new BackupException("Failed to read backup " + file + ": " + failure, failure);
    }
  }
}
