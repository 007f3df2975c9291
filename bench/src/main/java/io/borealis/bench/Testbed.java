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
import java.util.stream.Collectors;

/**
 * A ZooKeeper server as a process, on disk, and schedulers as processes beside it. For one thread.
 */
final class Testbed implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Path folder;
  private final String connectString;
  private final List<Child> zooKeepers;
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

  private Testbed(Path folder, String connectString, List<Child> zooKeepers) {
    this.folder = folder;
    this.connectString = connectString;
    this.zooKeepers = zooKeepers;
  }

  /** Starts a single ZooKeeper server. */
  static Testbed start() throws IOException, InterruptedException {
    return start(1);
  }

  /** Starts an ensemble of so many ZooKeeper servers. */
  static Testbed start(int servers) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("borealis-bench");
    List<Integer> ports = new ArrayList<>();
    List<String> peers = new ArrayList<>();
    for (int id = 1; id <= servers; id++) {
      ports.add(freePort());
      peers.add("%d=127.0.0.1:%d:%d".formatted(id, freePort(), freePort()));
    }
    List<Child> zooKeepers = new ArrayList<>();
    for (int id = 1; id <= servers; id++) {
      List<String> args =
          new ArrayList<>(
              List.of(
                  "zookeeper",
                  "--data-dir",
                  folder.resolve(Integer.toString(id)).toString(),
                  "--port",
                  Integer.toString(ports.get(id - 1))));
      if (servers > 1) {
        args.addAll(List.of("--id", Integer.toString(id), "--servers", String.join(",", peers)));
      }
      zooKeepers.add(Child.borealis(args.toArray(String[]::new)));
    }
    for (Child zooKeeper : zooKeepers) {
      String unused = zooKeeper.awaitLine("ZooKeeper listens", START);
    }
    String connect =
        ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    return new Testbed(folder, connect, zooKeepers);
  }

  /** An ensemble in the name of a figure. */
  static String say(int servers) {
    return servers == 1 ? "1 server" : servers + " servers";
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Servers as {@code host:port}. */
  String connectString() {
    return connectString;
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
                "--cluster",
                "simulated",
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
    zooKeepers.forEach(Child::close);
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }
}
