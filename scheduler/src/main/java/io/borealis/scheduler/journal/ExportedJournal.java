package io.borealis.scheduler.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A journal in files, as {@link JournalTools#export} makes them. Stateless; blocks on the disk. */
public final class ExportedJournal {
  private ExportedJournal() {}

  /** The name of the cluster the journal was of. */
  public static String cluster(Path folder) throws IOException {
    return Files.readString(folder.resolve("cluster")).lines().findFirst().orElse("");
  }

  /**
   * Reads the newest sound snapshot and all entries after it, as a follower does.
   *
   * @throws CorruptJournalException when an entry is missing or broken; says which
   */
  public static void read(Path folder, JournalListener listener)
      throws IOException, CorruptJournalException {
    long before = snapshot(folder.resolve("snapshots"), listener);
    ChunkGroup group = new ChunkGroup();
    Path entries = folder.resolve("entries");
    for (long index : indexes(entries)) {
      if (index <= before) {
        continue;
      } else if (index != before + 1) {
        throw new CorruptJournalException(
            "entries %d to %d are missing".formatted(before + 1, index - 1));
      }
      before = index;
      try {
        Frame frame = Frame.decode(Files.readAllBytes(entries.resolve("%020d".formatted(index))));
        Optional<EntryPayload> payload = group.add(frame);
        if (payload.isPresent()) {
          listener.onEntry(index, payload.get());
        }
      } catch (CorruptJournalException broken) {
        throw new CorruptJournalException("entry " + index + ": " + broken.getMessage(), broken);
      }
    }
  }

  /** The index of the snapshot that was read; 0 when there is none. */
  private static long snapshot(Path folder, JournalListener listener)
      throws IOException, CorruptJournalException {
    List<Long> newestFirst = indexes(folder);
    Collections.reverse(newestFirst);
    for (long index : newestFirst) {
      Path snapshot = folder.resolve("%020d".formatted(index));
      if (Files.exists(snapshot.resolve("manifest"))) {
        try {
          SnapshotManifest manifest =
              Layout.decodeManifest(Files.readAllBytes(snapshot.resolve("manifest")));
          List<byte[]> chunks = new ArrayList<>();
          for (int i = 0; i < manifest.chunks(); i++) {
            chunks.add(Files.readAllBytes(snapshot.resolve("chunk-%05d".formatted(i))));
          }
          listener.onSnapshot(index, manifest, SnapshotFiles.join(manifest, chunks));
          return index;
        } catch (CorruptJournalException broken) {
          if (index == newestFirst.get(newestFirst.size() - 1)) {
            throw new CorruptJournalException(
                "snapshot " + index + ": " + broken.getMessage(), broken);
          }
        }
      }
    }
    return 0;
  }

  private static List<Long> indexes(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return new ArrayList<>();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return Layout.indexes(files.map(file -> String.valueOf(file.getFileName())).toList());
    }
  }
}
