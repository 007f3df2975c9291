package io.borealis.scheduler.sla;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** An HTTP server that reads requests and does with the connection what a test wants. */
final class RudeServer implements AutoCloseable {
  final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final ServerSocket listener;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What a connection is used for after a request; it is closed at the end. */
  interface Behaviour {
    void answer(Request request, OutputStream out) throws Exception;
  }

  /** A request as it was read. */
  static final class Request {
    private final RudeServer server;
    private final List<String> head;
    private final String body;

    Request(RudeServer server, List<String> head, String body) {
      this.server = server;
      this.head = head;
      this.body = body;
    }

    String line() {
      return head.get(0);
    }

    List<String> headers() {
      return head.subList(1, head.size());
    }

    String body() {
      return body;
    }

    /** Does nothing until the server is closed. */
    void hold() throws InterruptedException {
      server.closed.await();
    }

    /** Writes a text and then so many letters, all of it one by one. */
    void drip(OutputStream out, String text, int letters) throws Exception {
      for (byte b : (text + "x".repeat(letters)).getBytes(StandardCharsets.UTF_8)) {
        out.write(b);
        out.flush();
        Thread.sleep(5);
      }
    }
  }

  private RudeServer(int backlog) {
    try {
      listener = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RudeServer start(Behaviour behaviour) {
    RudeServer server = new RudeServer(50);
    server.run(() -> server.accept(behaviour));
    return server;
  }

  /** A server that never accepts a connection, with no room for one that waits. */
  static RudeServer deaf() {
    RudeServer server = new RudeServer(1);
    for (int i = 0; i < 4; i++) {
      server.run(
          () ->
              server.sockets.add(
                  new Socket(InetAddress.getLoopbackAddress(), server.listener.getLocalPort())));
    }
    return server;
  }

  static Behaviour says(String head, String body) {
    return (request, out) -> out.write((head + body).getBytes(StandardCharsets.UTF_8));
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/";
  }

  private interface Work {
    void run() throws Exception;
  }

  private void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception hungUp) {
                // The peer has enough, or the test is over.
              }
            },
            "rude-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept(Behaviour behaviour) throws IOException {
    while (true) {
      Socket socket = listener.accept();
      sockets.add(socket);
      run(
          () -> {
            try (socket) {
              Request request = read(socket.getInputStream());
              requests.add(request);
              OutputStream out = socket.getOutputStream();
              behaviour.answer(request, out);
              out.flush();
            }
          });
    }
  }

  private Request read(InputStream in) throws IOException {
    List<String> head = new ArrayList<>();
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      head.add(line);
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).trim());
      }
    }
    return new Request(this, head, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
