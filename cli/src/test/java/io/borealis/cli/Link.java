package io.borealis.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The network between one process and an ensemble: one forwarding port for each server, which can
 * be interrupted, cut and healed. Thread-safe.
 */
final class Link implements AutoCloseable {
  private final List<ServerSocket> doors = new ArrayList<>();
  private final Set<Socket> open = new HashSet<>();
  private boolean cut;
  private boolean closed;

  /**
   * Opens a link to the servers.
   *
   * @param endpoints {@code host:port,…}
   */
  Link(String endpoints) {
    for (String endpoint : endpoints.split(",", -1)) {
      int colon = endpoint.lastIndexOf(':');
      InetSocketAddress target =
          new InetSocketAddress(
              endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
      try {
        ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        doors.add(door);
        background(() -> accept(door, target), "link to " + endpoint);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private static void background(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The address for {@code --zk-endpoints} by way of this link. */
  String endpoints() {
    return doors.stream()
        .map(door -> "127.0.0.1:" + door.getLocalPort())
        .collect(Collectors.joining(","));
  }

  private void accept(ServerSocket door, InetSocketAddress target) {
    while (!door.isClosed()) {
      try {
        Socket near = door.accept();
        if (!track(near)) {
          continue;
        }
        Socket far = new Socket();
        try {
          far.connect(target, 1000);
        } catch (IOException down) {
          hangUp(near, far);
          continue;
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        if (track(far)) {
          background(() -> copy(near, far), "link out");
          background(() -> copy(far, near), "link in");
        } else {
          hangUp(near, far);
        }
      } catch (IOException interrupted) {
        // The next client tries again.
      }
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException interrupted) {
      return;
    } finally {
      hangUp(from, to);
    }
  }

  /** Keeps a connection for later; false, and it is closed, when none may be made. */
  private synchronized boolean track(Socket socket) throws IOException {
    if (cut || closed) {
      socket.close();
      return false;
    }
    open.add(socket);
    return true;
  }

  private synchronized void hangUp(Socket... sockets) {
    for (Socket socket : sockets) {
      open.remove(socket);
      try {
        socket.close();
      } catch (IOException gone) {
        // It is closed, which is what we want.
      }
    }
  }

  /** Breaks all connections; new ones are let through. */
  synchronized void interrupt() {
    hangUp(open.toArray(Socket[]::new));
  }

  /** Breaks all connections and refuses new ones. */
  synchronized void cut() {
    cut = true;
    interrupt();
  }

  /** Lets connections through again. */
  synchronized void heal() {
    cut = false;
  }

  @Override
  public synchronized void close() {
    closed = true;
    interrupt();
    for (ServerSocket door : doors) {
      try {
        door.close();
      } catch (IOException gone) {
        // It is closed, which is what we want.
      }
    }
  }
}
