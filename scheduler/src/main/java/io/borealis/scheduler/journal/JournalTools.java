package io.borealis.scheduler.journal;

import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * Offline work on a journal: looks at it, copies it out, empties it. What writes fences everybody
 * else off first, as a leader does. Blocks; for one thread.
 */
public final class JournalTools implements AutoCloseable {
  private static final int DELETED_TOGETHER = 100;

  private final ZooKeeper zooKeeper;
  private final Layout layout;
  private final EntryCodec codec = new EntryCodec();
  private final PrintStream out;

  /** What a look at the journal found. Immutable. */
  public record Findings(long entries, long snapshots, List<String> problems) {}

  private JournalTools(ZooKeeper zooKeeper, Layout layout, PrintStream out) {
    this.zooKeeper = zooKeeper;
    this.layout = layout;
    this.out = out;
  }

  /**
   * Connects.
   *
   * @throws IOException when there is no server or no journal at the root
   */
  public static JournalTools open(
      String connect, String root, Duration timeout, Optional<String> credentials, PrintStream out)
      throws IOException, InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper zooKeeper =
        new ZooKeeper(
            connect,
            Math.toIntExact(timeout.toMillis()),
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    credentials.ifPresent(c -> zooKeeper.addAuthInfo("digest", c.getBytes(StandardCharsets.UTF_8)));
    JournalTools tools = new JournalTools(zooKeeper, new Layout(root), out);
    try {
      if (!connected.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("No ZooKeeper server answers at " + connect);
      }
      if (zooKeeper.exists(tools.layout.epoch(), false) == null) {
        throw new IOException("There is no journal at " + root);
      }
      return tools;
    } catch (IOException | InterruptedException failure) {
      tools.close();
      throw failure;
    } catch (KeeperException failure) {
      tools.close();
      throw new IOException(failure);
    }
  }

  /** Reads everything and checks every checksum, digest, chunk and operation. */
  public Findings verify() throws IOException, InterruptedException {
    return read(false);
  }

  /** The same, printing a line for each snapshot and entry. */
  public Findings dump() throws IOException, InterruptedException {
    return read(true);
  }

  private Findings read(boolean print) throws IOException, InterruptedException {
    List<String> problems = new ArrayList<>();
    try {
      List<Long> snapshots = Layout.indexes(zooKeeper.getChildren(layout.snapshots(), false));
      for (long index : snapshots) {
        String line = snapshot(index, problems);
        if (print) {
          out.println(line);
        }
      }
      List<Long> entries = Layout.indexes(zooKeeper.getChildren(layout.entries(), false));
      long before = -1;
      for (long index : entries) {
        if (before >= 0 && index != before + 1) {
          problems.add("entries %d to %d are missing".formatted(before + 1, index - 1));
        }
        before = index;
        String line = entry(index, problems);
        if (print) {
          out.println(line);
        }
      }
      return new Findings(entries.size(), snapshots.size(), List.copyOf(problems));
    } catch (KeeperException failure) {
      throw new IOException(failure);
    }
  }

  private String snapshot(long index, List<String> problems)
      throws KeeperException, InterruptedException {
    try {
      SnapshotManifest manifest =
          Layout.decodeManifest(zooKeeper.getData(layout.manifest(index), false, null));
      byte[] bytes = bytes(manifest);
      byte[] plain = codec.unpack(manifest.codec(), bytes);
      if (!codec.digest(plain).equals(manifest.digest())) {
        throw new CorruptJournalException("its digest is not that of the manifest");
      }
      int tasks = codec.decodeSnapshot(plain).tasks().size();
      return "snapshot %d epoch %d transaction %d bytes %d tasks %d %s"
          .formatted(
              index,
              manifest.epoch(),
              manifest.lastTransaction(),
              manifest.bytes(),
              tasks,
              manifest.digest());
    } catch (KeeperException.NoNodeException incomplete) {
      return "snapshot %d incomplete".formatted(index);
    } catch (CorruptJournalException broken) {
      problems.add("snapshot " + index + ": " + broken.getMessage());
      return "snapshot %d BROKEN %s".formatted(index, broken.getMessage());
    }
  }

  private byte[] bytes(SnapshotManifest manifest)
      throws KeeperException, InterruptedException, CorruptJournalException {
    byte[] bytes = new byte[manifest.bytes()];
    int at = 0;
    for (int i = 0; i < manifest.chunks(); i++) {
      byte[] chunk = zooKeeper.getData(layout.chunk(manifest.index(), i), false, null);
      if (at + chunk.length > bytes.length) {
        throw new CorruptJournalException("its chunks are longer than the manifest says");
      }
      System.arraycopy(chunk, 0, bytes, at, chunk.length);
      at += chunk.length;
    }
    if (at != bytes.length || Layout.checksum(bytes) != manifest.crc32c()) {
      throw new CorruptJournalException("its chunks do not have the checksum of the manifest");
    }
    return bytes;
  }

  private String entry(long index, List<String> problems)
      throws KeeperException, InterruptedException {
    byte[] bytes = zooKeeper.getData(layout.entry(index), false, null);
    try {
      Frame frame = Frame.decode(bytes);
      String head = "entry %d epoch %d bytes %d ".formatted(index, frame.epoch(), bytes.length);
      if (frame.kind() == Frame.Kind.TAKEOVER) {
        return head + "takeover by " + Layout.text(frame.data());
      }
      String range = "transactions %d-%d ".formatted(frame.first(), frame.last());
      return frame.chunks() > 1
          ? head + range + "chunk %d of %d".formatted(frame.chunk() + 1, frame.chunks())
          : head + range + operations(frame);
    } catch (CorruptJournalException broken) {
      problems.add("entry " + index + ": " + broken.getMessage());
      return "entry %d BROKEN %s".formatted(index, broken.getMessage());
    }
  }

  private String operations(Frame frame) throws CorruptJournalException {
    Map<String, Integer> counts = new TreeMap<>();
    for (Transaction transaction :
        codec.decode(new EntryPayload(frame.first(), frame.last(), frame.codec(), frame.data()))) {
      for (Op op : transaction.ops()) {
        counts.merge(op.kind().name(), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(count -> count.getKey() + "=" + count.getValue())
        .collect(Collectors.joining(" "));
  }

  /**
   * Copies every node to files below the folder, as it is.
   *
   * @throws IOException when the folder is not empty or cannot be written
   */
  public long export(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    try (var content = Files.list(folder)) {
      if (content.findAny().isPresent()) {
        throw new IOException(folder + " is not empty");
      }
    }
    try {
      return copy(layout.root(), folder);
    } catch (KeeperException failure) {
      throw new IOException(failure);
    }
  }

  private long copy(String node, Path target)
      throws IOException, KeeperException, InterruptedException {
    List<String> children = zooKeeper.getChildren(node, false);
    byte[] data = zooKeeper.getData(node, false, null);
    long count = 1;
    if (children.isEmpty()) {
      Files.write(target, data == null ? new byte[0] : data);
      return count;
    }
    Files.createDirectories(target);
    for (String child : children) {
      Path file = target.resolve(child);
      String path = node + "/" + child;
      if (zooKeeper.getChildren(path, false).isEmpty() && isFolder(path)) {
        Files.createDirectories(file);
      } else {
        count += copy(path, file);
      }
    }
    return count;
  }

  private boolean isFolder(String path) {
    return path.equals(layout.entries()) || path.equals(layout.snapshots());
  }

  /**
   * Copies everything to the folder and then empties the journal. The epoch goes on rising, so that
   * a leader that still runs cannot write any more.
   */
  public long reset(Path backup) throws IOException, InterruptedException {
    try {
      Stat fenced =
          zooKeeper.setData(
              layout.epoch(), Layout.text("offline reset\n" + UUID.randomUUID() + "\n"), -1);
      long copied = export(backup);
      out.println("Copied " + copied + " nodes to " + backup.toAbsolutePath());
      for (long index : Layout.indexes(zooKeeper.getChildren(layout.snapshots(), false))) {
        List<String> paths = new ArrayList<>();
        for (String child : zooKeeper.getChildren(layout.snapshot(index), false)) {
          paths.add(layout.snapshot(index) + "/" + child);
        }
        paths.add(layout.snapshot(index));
        delete(paths, fenced.getVersion());
      }
      List<String> batch = new ArrayList<>();
      long deleted = 0;
      for (long index : Layout.indexes(zooKeeper.getChildren(layout.entries(), false))) {
        batch.add(layout.entry(index));
        deleted++;
        if (batch.size() == DELETED_TOGETHER) {
          delete(batch, fenced.getVersion());
          batch.clear();
        }
      }
      delete(batch, fenced.getVersion());
      return deleted;
    } catch (KeeperException.BadVersionException foreign) {
      throw new IOException("A scheduler has taken the journal over meanwhile; stop it", foreign);
    } catch (KeeperException failure) {
      throw new IOException(failure);
    }
  }

  private void delete(List<String> paths, int epoch) throws KeeperException, InterruptedException {
    if (paths.isEmpty()) {
      return;
    }
    List<org.apache.zookeeper.Op> operations = new ArrayList<>();
    operations.add(org.apache.zookeeper.Op.check(layout.epoch(), epoch));
    paths.forEach(path -> operations.add(org.apache.zookeeper.Op.delete(path, -1)));
    var unused = zooKeeper.multi(operations);
  }

  @Override
  public void close() {
    try {
      zooKeeper.close();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
