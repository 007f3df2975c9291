package io.borealis.scheduler.journal;

import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/**
 * One look at a whole journal: every checksum, digest, chunk and operation. A scheduler may go on
 * writing meanwhile; what it deletes under the look is not missed. Blocks; for one thread.
 */
final class JournalInspection {
  private final ZooKeeper zooKeeper;
  private final Layout layout;
  private final Consumer<String> lines;
  private final EntryCodec codec = new EntryCodec();
  private final ChunkGroup group = new ChunkGroup();
  private final List<String> problems = new ArrayList<>();

  /** Newest and oldest snapshot from which a scheduler could start; 0 without. */
  private long newestSnapshot;

  private long oldestSnapshot;

  /**
   * @param lines takes a line of text for each snapshot and entry
   */
  JournalInspection(ZooKeeper zooKeeper, Layout layout, Consumer<String> lines) {
    this.zooKeeper = zooKeeper;
    this.layout = layout;
    this.lines = lines;
  }

  JournalTools.Findings run() throws IOException, InterruptedException {
    try {
      // Entries first: what is deleted while they are read is covered by snapshots listed later.
      List<Long> entries = Layout.indexes(zooKeeper.getChildren(layout.entries(), false));
      List<Long> snapshots = Layout.indexes(zooKeeper.getChildren(layout.snapshots(), false));
      for (long index : snapshots) {
        lines.accept(snapshot(index));
      }
      entries(entries);
      return new JournalTools.Findings(entries.size(), snapshots.size(), List.copyOf(problems));
    } catch (KeeperException failure) {
      throw new IOException("ZooKeeper answers: " + failure.getMessage(), failure);
    }
  }

  private void problem(String what, Exception why) {
    problems.add(what + ": " + why.getMessage());
  }

  // ---- Snapshots -----------------------------------------------------------------------------

  private String snapshot(long index) throws KeeperException, InterruptedException {
    try {
      SnapshotManifest manifest =
          Layout.decodeManifest(zooKeeper.getData(layout.manifest(index), false, null));
      byte[] plain = codec.unpack(manifest.codec(), bytes(manifest));
      if (!codec.digest(plain).equals(manifest.digest())) {
        throw new CorruptJournalException("its digest is not that of the manifest");
      }
      int tasks = codec.decodeSnapshot(plain).tasks().size();
      newestSnapshot = index;
      oldestSnapshot = oldestSnapshot == 0 ? index : oldestSnapshot;
      return "snapshot %d epoch %d transaction %d bytes %d tasks %d %s"
          .formatted(
              index,
              manifest.epoch(),
              manifest.lastTransaction(),
              manifest.bytes(),
              tasks,
              manifest.digest());
    } catch (KeeperException.NoNodeException incomplete) {
      if (zooKeeper.exists(layout.manifest(index), false) == null) {
        return "snapshot %d incomplete".formatted(index);
      }
      problems.add("snapshot " + index + ": a chunk of it is missing");
      return "snapshot %d BROKEN a chunk of it is missing".formatted(index);
    } catch (CorruptJournalException broken) {
      problem("snapshot " + index, broken);
      return "snapshot %d BROKEN %s".formatted(index, broken.getMessage());
    }
  }

  private byte[] bytes(SnapshotManifest manifest)
      throws KeeperException, InterruptedException, CorruptJournalException {
    List<byte[]> chunks = new ArrayList<>();
    for (int i = 0; i < manifest.chunks(); i++) {
      chunks.add(zooKeeper.getData(layout.chunk(manifest.index(), i), false, null));
    }
    return SnapshotFiles.join(manifest, chunks);
  }

  // ---- Entries -------------------------------------------------------------------------------

  private void entries(List<Long> indexes) throws KeeperException, InterruptedException {
    long before = oldestSnapshot;
    for (long index : indexes) {
      Optional<String> line = entry(index);
      if (line.isEmpty()) {
        continue; // Deleted since it was listed.
      }
      if (index > before + 1) {
        problems.add("entries %d to %d are missing".formatted(before + 1, index - 1));
        group.clear();
      }
      before = Math.max(before, index);
      lines.accept(line.get());
    }
    if (!indexes.isEmpty() && before < newestSnapshot) {
      problems.add("entries %d to %d are missing".formatted(before + 1, newestSnapshot));
    }
  }

  private Optional<String> entry(long index) throws KeeperException, InterruptedException {
    try {
      byte[] bytes = zooKeeper.getData(layout.entry(index), false, null);
      Frame frame = Frame.decode(bytes);
      String head = "entry %d epoch %d bytes %d ".formatted(index, frame.epoch(), bytes.length);
      return Optional.of(head + content(frame));
    } catch (KeeperException.NoNodeException deleted) {
      return Optional.empty();
    } catch (CorruptJournalException broken) {
      problem("entry " + index, broken);
      return Optional.of("entry %d BROKEN %s".formatted(index, broken.getMessage()));
    }
  }

  private String content(Frame frame) throws CorruptJournalException {
    Optional<EntryPayload> payload = group.add(frame);
    if (frame.kind() == Frame.Kind.TAKEOVER) {
      return "takeover by " + Layout.text(frame.data());
    }
    String range = "transactions %d-%d".formatted(frame.first(), frame.last());
    String chunk =
        frame.chunks() > 1 ? " chunk %d of %d".formatted(frame.chunk() + 1, frame.chunks()) : "";
    return range + chunk + (payload.isPresent() ? " " + operations(payload.get()) : "");
  }

  private String operations(EntryPayload payload) throws CorruptJournalException {
    Map<String, Integer> counts = new TreeMap<>();
    for (Transaction transaction : codec.decode(payload)) {
      for (Op op : transaction.ops()) {
        counts.merge(op.kind().name(), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(count -> count.getKey() + "=" + count.getValue())
        .collect(Collectors.joining(" "));
  }
}
