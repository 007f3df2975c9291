package io.borealis.bench;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A ZooKeeper server as a process, on disk, and schedulers as processes beside it. For one thread.
 */
final class Testbed implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Path folder;
  private final int zooKeeperPort;
  private final Child zooKeeper;
  private final List<Child> children = new ArrayList<>();

  /** A scheduler process and where it listens. */
  record Scheduler(Child process, int port) {
    /** Waits until it answers calls. */
    void awaitLeading() throws InterruptedException {
      String unused = process.awaitLine("leading at", START);
    }

    Connection connect() throws IOException {
      return new Connection(port);
    }
  }

  private Testbed(Path folder, int port, Child zooKeeper) {
    this.folder = folder;
    this.zooKeeperPort = port;
    this.zooKeeper = zooKeeper;
  }

  /** Starts ZooKeeper. */
  static Testbed start() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("borealis-bench");
    int port = freePort();
    Child zooKeeper =
        Child.borealis(
            "zookeeper", "--data-dir", folder.toString(), "--port", Integer.toString(port));
    Testbed testbed = new Testbed(folder, port, zooKeeper);
    String unused = zooKeeper.awaitLine("ZooKeeper listens", START);
    return testbed;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Servers as {@code host:port}. */
  String connectString() {
    return "127.0.0.1:" + zooKeeperPort;
  }

  RawZooKeeper client() throws IOException, InterruptedException {
    return RawZooKeeper.connect(connectString());
  }

  /** Starts a scheduler; it may follow or lead. */
  Scheduler scheduler(String... settings) throws IOException {
    int port = freePort();
    List<String> args =
        new ArrayList<>(
            List.of(
                "scheduler",
                "--zk-endpoints",
                connectString(),
                "--http-port",
                Integer.toString(port)));
    args.addAll(List.of(settings));
    Child child = Child.borealis(args.toArray(String[]::new));
    children.add(child);
    return new Scheduler(child, port);
  }

  @Override
  public void close() throws IOException {
    children.forEach(Child::close);
    zooKeeper.close();
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }
}
