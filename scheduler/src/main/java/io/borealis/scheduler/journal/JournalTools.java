package io.borealis.scheduler.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ZKConfig;
import org.apache.zookeeper.data.Stat;

/**
 * Offline work on a journal: looks at it, copies it out, empties it. What writes fences everybody
 * else off first, as a leader does. Blocks; for one thread.
 */
public final class JournalTools implements AutoCloseable {
  private static final int DELETED_TOGETHER = 100;

  /** A full journal has more entries than a list of the usual size can name. */
  private static final int LONGEST_ANSWER = 16 << 20;

  private final ZooKeeper zooKeeper;
  private final Layout layout;
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
    ZKClientConfig config = new ZKClientConfig();
    config.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(LONGEST_ANSWER));
    ZooKeeper zooKeeper =
        new ZooKeeper(
            connect,
            Math.toIntExact(timeout.toMillis()),
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            config);
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
    return new JournalInspection(zooKeeper, layout, line -> {}).run();
  }

  /** The same, printing a line for each snapshot and entry. */
  public Findings dump() throws IOException, InterruptedException {
    return new JournalInspection(zooKeeper, layout, out::println).run();
  }

  /**
   * Copies every node to files below the folder, as it is.
   *
   * @throws IOException when the folder is not empty or cannot be written
   */
  public long export(Path folder) throws IOException, InterruptedException {
    requireEmpty(folder);
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

  private static void requireEmpty(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var content = Files.list(folder)) {
      if (content.findAny().isPresent()) {
        throw new IOException(folder + " is not empty");
      }
    }
  }

  private boolean isFolder(String path) {
    return path.equals(layout.entries()) || path.equals(layout.snapshots());
  }

  /**
   * Copies everything to the folder and then empties the journal. The epoch goes on rising, so that
   * a leader that still runs cannot write any more.
   */
  public long reset(Path backup) throws IOException, InterruptedException {
    requireEmpty(backup); // Before a scheduler that runs is fenced for nothing.
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
