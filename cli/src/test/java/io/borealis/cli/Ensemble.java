package io.borealis.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A real ensemble: one {@code borealis zookeeper} process for each server. */
final class Ensemble implements AutoCloseable {
  private final Path folder;
  private final List<Integer> ports = new ArrayList<>();
  private final String servers;
  private final List<Daemon> daemons = new ArrayList<>();
  private List<String> wrapper;

  private Ensemble(Path folder, int size, List<String> wrapper) {
    this.folder = folder;
    this.wrapper = wrapper;
    List<String> members = new ArrayList<>();
    for (int id = 1; id <= size; id++) {
      ports.add(Ports.free());
      members.add(id + "=127.0.0.1:" + Ports.free() + ":" + Ports.free());
    }
    servers = String.join(",", members);
  }

  /** Three servers that all tests of this JVM share; whoever stops one starts it again. */
  static Ensemble shared() {
    return Shared.ENSEMBLE;
  }

  /** Started when first asked for. */
  private static final class Shared {
    static final Ensemble ENSEMBLE = startShared();

    private static Ensemble startShared() {
      try {
        Path folder = Files.createTempDirectory(Path.of("target"), "ensemble");
        Ensemble ensemble = start(folder, 3);
        Runtime.getRuntime().addShutdownHook(new Thread(ensemble::close));
        return ensemble;
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  /** Starts one server or three. */
  static Ensemble start(Path folder, int size) {
    return start(folder, size, List.of());
  }

  /** Starts servers behind other commands. */
  static Ensemble start(Path folder, int size, List<String> wrapper) {
    Ensemble ensemble = new Ensemble(folder, size, wrapper);
    for (int id = 1; id <= size; id++) {
      ensemble.daemons.add(ensemble.launch(id));
    }
    for (int id = 1; id <= size; id++) {
      ensemble.awaitPort(id);
    }
    return ensemble;
  }

  private Daemon launch(int id) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "zookeeper",
                "--data-dir",
                folder.resolve("zk" + id).toString(),
                "--port",
                Integer.toString(ports.get(id - 1)),
                "--tick-time",
                "500ms"));
    if (ports.size() > 1) {
      args.addAll(List.of("--id", Integer.toString(id), "--servers", servers));
    }
    return Daemon.start("zookeeper " + id, wrapper, args.toArray(String[]::new));
  }

  private void awaitPort(int id) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < end) {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(id - 1)), 200);
        return;
      } catch (IOException notYet) {
        Await.pause(Duration.ofMillis(100));
      }
    }
    throw new AssertionError(
        "server " + id + " does not listen:\n" + String.join("\n", server(id).output()));
  }

  /** The address for {@code --zk-endpoints}. */
  String endpoints() {
    return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  /** One of the servers, from 1. */
  Daemon server(int id) {
    return daemons.get(id - 1);
  }

  /** How many servers there are. */
  int size() {
    return daemons.size();
  }

  /** Starts the servers again without what they were started behind. */
  void enlarge() {
    wrapper = List.of();
    for (int id = 1; id <= size(); id++) {
      restart(id);
    }
  }

  /** Starts a server again that was killed. */
  void restart(int id) {
    daemons.get(id - 1).close();
    daemons.set(id - 1, launch(id));
    awaitPort(id);
  }

  @Override
  public void close() {
    daemons.forEach(Daemon::close);
  }
}
