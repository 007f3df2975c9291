package io.borealis.thrift;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

public class HttpServerTest {
  private static final int LIMIT = 10_000;

  private final CompletableFuture<HttpReply> later = new CompletableFuture<>();
  private final CompletableFuture<HttpStream> stream = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<HttpCall> calls = new ConcurrentLinkedQueue<>();
  private final HttpServer server =
      new HttpServer(
          "127.0.0.1",
          0,
          LIMIT,
          Router.builder()
              .exact(
                  "/echo",
                  call -> {
                    calls.add(call);
                    return completedFuture(
                        HttpReply.of(200, "application/octet-stream", call.body()));
                  })
              .exact("/later", call -> later)
              .exact(
                  "/throws",
                  call -> {
                    throw new IllegalStateException("secret");
                  })
              .exact(
                  "/stream",
                  call ->
                      completedFuture(
                          HttpReply.streaming(200, "text/plain", stream::complete)
                              .with("X-A", "1")))
              .page("/page", call -> completedFuture(HttpReply.text(200, "seen")))
              .prefix("/below", call -> completedFuture(HttpReply.text(200, call.path())))
              .build());

  private Socket socket;
  private InputStream in;

  @Before
  public void connect() throws IOException {
    server.start();
    socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    in = new BufferedInputStream(socket.getInputStream());
  }

  @After
  public void disconnect() throws IOException {
    socket.close();
    server.close();
  }

  @Test
  public void severalRequestsShareAConnection() throws IOException {
    for (int i = 0; i < 3; i++) {
      send(
          "POST /echo?x=%d HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nhello"
              .formatted(i));
      Reply reply = receive();
      assertThat(reply.status).isEqualTo(200);
      assertThat(reply.text()).isEqualTo("hello");
      assertThat(reply.headers).noneMatch(header -> header.startsWith("server:"));
    }
    assertThat(calls).extracting(HttpCall::query).containsExactly("x=0", "x=1", "x=2");
    assertThat(calls.peek().header("X-a")).isEqualTo("1, 2");
    assertThat(calls.peek().remoteAddress()).isEqualTo("127.0.0.1");
  }

  @Test
  public void aDeclaredLengthBeyondTheLimitIsRefusedBeforeTheBodyComes() throws IOException {
    send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n".formatted(LIMIT + 1));
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(413);
    assertThat(reply.text()).isEqualTo("The body is longer than 10000 bytes");
    assertThat(calls).isEmpty();
  }

  @Test
  public void aBodyAtTheLimitIsAccepted() throws IOException {
    send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(LIMIT, "x".repeat(LIMIT)));
    assertThat(receive().text()).hasSize(LIMIT);
  }

  @Test
  public void chunksAreCounted() throws IOException {
    String chunk = "1388\r\n" + "x".repeat(5000) + "\r\n";
    String start = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    send(start + chunk + chunk + "0\r\n\r\n");
    assertThat(receive().text()).hasSize(LIMIT);
    send(start + chunk + chunk + "1\r\nx\r\n0\r\n\r\n");
    assertThat(receive().status).isEqualTo(413);
    assertThat(calls).hasSize(1);
  }

  @Test
  public void gzipIsUnderstoodAndSpoken() throws IOException {
    byte[] plain = "hello ".repeat(100).getBytes(UTF_8);
    sendGzip(Gzip.compress(plain), "Accept-Encoding: deflate, gzip;q=0.5\r\n");
    Reply reply = receive();
    assertThat(reply.headers).contains("content-encoding: gzip", "vary: accept-encoding");
    assertThat(reply.body).hasSizeLessThan(100);
    assertThat(inflate(reply.body)).isEqualTo(plain);
  }

  @Test
  public void gzipIsNotSpokenToWhoDoesNotWantIt() throws IOException {
    send("GET /below HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
    Reply reply = receive();
    assertThat(reply.text()).isEqualTo("/below");
    assertThat(reply.headers).noneMatch(header -> header.startsWith("content-encoding"));
  }

  @Test
  public void whatInflatesBeyondTheLimitIsRefused() throws IOException {
    sendGzip(Gzip.compress(new byte[LIMIT + 1]), "");
    assertThat(receive().status).isEqualTo(413);
    assertThat(calls).isEmpty();
  }

  @Test
  public void brokenGzipIsABadRequest() throws IOException {
    sendGzip("hello".getBytes(UTF_8), "");
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(400);
    assertThat(reply.text()).isEqualTo("The body is not gzip");
  }

  @Test
  public void otherEncodingsAreRefused() throws IOException {
    send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n");
    assertThat(receive().status).isEqualTo(415);
  }

  @Test
  public void anAnswerMayComeLaterFromAnyThread() throws IOException {
    send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    later.completeOnTimeout(HttpReply.text(200, "at last"), 100, TimeUnit.MILLISECONDS);
    assertThat(receive().text()).isEqualTo("at last");
  }

  @Test
  public void manyPendingRequestsHoldNoThread() throws IOException {
    List<Socket> waiting = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Socket one = new Socket(InetAddress.getLoopbackAddress(), server.port());
      one.getOutputStream().write("GET /later HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8));
      waiting.add(one);
    }
    send("GET /below HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(receive().status).isEqualTo(200);
    later.complete(HttpReply.text(200, "at last"));
    for (Socket one : waiting) {
      one.setSoTimeout(10_000);
      assertThat(one.getInputStream().read()).isEqualTo('H');
      one.close();
    }
  }

  @Test
  public void failuresShowNothingOfTheInside() throws IOException {
    send("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n");
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(500);
    assertThat(reply.text()).isEqualTo("Internal error");
    later.completeExceptionally(new IllegalStateException("secret"));
    send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(receive().text()).isEqualTo("Internal error");
  }

  @Test
  public void aBodyThatTricklesInIsNotWaitedForLong() throws Exception {
    HttpServer impatient =
        new HttpServer(
            "127.0.0.1",
            0,
            LIMIT,
            Duration.ofMillis(300),
            call -> completedFuture(HttpReply.text(200, "whole")));
    impatient.start();
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), impatient.port())) {
      slow.setSoTimeout(10_000);
      slow.getOutputStream()
          .write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\nhel".getBytes(UTF_8));
      String reply = new String(slow.getInputStream().readAllBytes(), UTF_8);
      assertThat(reply).startsWith("HTTP/1.1 408").endsWith("The body did not arrive in time");
    } finally {
      impatient.close();
    }
  }

  @Test
  public void declaredLengthsTakeNoMemory() throws IOException {
    List<Socket> waiting = new ArrayList<>();
    try (HttpServer large = new HttpServer("127.0.0.1", 0, 1 << 30, call -> later)) {
      large.start();
      for (int i = 0; i < 50; i++) {
        Socket one = new Socket(InetAddress.getLoopbackAddress(), large.port());
        one.getOutputStream()
            .write(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\nx"
                    .getBytes(UTF_8));
        waiting.add(one);
      }
      Socket last = new Socket(InetAddress.getLoopbackAddress(), large.port());
      waiting.add(last);
      last.setSoTimeout(10_000);
      later.complete(HttpReply.text(200, "done"));
      last.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8));
      assertThat(last.getInputStream().read()).isEqualTo('H');
      // The others are still waited for: not one of them was refused for want of memory.
      for (Socket one : waiting.subList(40, 50)) {
        one.setSoTimeout(50);
        assertThatThrownBy(() -> one.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);
      }
    } finally {
      for (Socket one : waiting) {
        one.close();
      }
    }
  }

  @Test
  public void clientsThatWaitToBeToldToGoOnAreTold() throws IOException {
    String head =
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n";
    send(head.formatted(5));
    assertThat(receiveHead().status).isEqualTo(100);
    send("hello");
    assertThat(receive().text()).isEqualTo("hello");
    send(head.formatted(LIMIT + 1));
    assertThat(receive().status).isEqualTo(413);
  }

  @Test
  public void requestsMayComeBeforeTheAnswersToEarlierOnes() throws IOException {
    send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".repeat(20));
    for (int i = 0; i < 20; i++) {
      assertThat(receive().text()).isEqualTo("hi");
    }
  }

  @Test
  public void pagesAreOnlyLookedAt() throws IOException {
    send("POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(405);
    assertThat(reply.headers).contains("allow: get, head");
    assertThat(get("/page")).isEqualTo("seen");
  }

  @Test
  public void brokenRequestsGetAShortText() throws IOException {
    send("GET /echo HTTP/1.1\r\nHo st: h\r\n\r\n");
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(400);
    assertThat(reply.text()).isEqualTo("Bad Request");
  }

  @Test
  public void brokenChunksAreABadRequest() throws IOException {
    send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    Reply reply = receive();
    assertThat(reply.status).isEqualTo(400);
    assertThat(reply.text()).isEqualTo("Bad Request");
    assertThat(calls).isEmpty();
  }

  @Test
  public void pathsAreRouted() throws IOException {
    assertThat(get("/below")).isEqualTo("/below");
    assertThat(get("/below/x?y=1")).isEqualTo("/below/x");
    assertThat(get("/belowx")).isEqualTo("Not found");
    assertThat(get("/echo/")).isEqualTo("Not found");
  }

  @Test
  public void headGetsTheHeadersOnly() throws IOException {
    send("HEAD /below HTTP/1.1\r\nHost: h\r\n\r\n");
    send("GET /echo/ HTTP/1.1\r\nHost: h\r\n\r\n");
    Reply head = receiveHead();
    assertThat(head.status).isEqualTo(200);
    assertThat(receive().status).isEqualTo(404);
  }

  @Test
  public void anAnswerMayComePieceByPiece() throws Exception {
    send("GET /stream HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    HttpStream pieces = stream.get(10, TimeUnit.SECONDS);
    taken(pieces.write("one".getBytes(UTF_8)));
    Reply head = receiveHead();
    assertThat(head.status).isEqualTo(200);
    assertThat(head.headers)
        .contains("content-type: text/plain", "x-a: 1", "transfer-encoding: chunked")
        .noneMatch(header -> header.startsWith("content-encoding"));
    assertThat(chunk()).isEqualTo("one");
    taken(pieces.write("three".getBytes(UTF_8)));
    assertThat(line() + chunk()).isEqualTo("three");
    taken(pieces.end("end".getBytes(UTF_8)));
    assertThat(line() + chunk()).isEqualTo("end");
    assertThat(line() + chunk() + line()).isEmpty();
    assertThat(get("/page")).isEqualTo("seen");
  }

  @Test
  public void ofPiecesTheHeadAloneCanBeHad() throws IOException {
    send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    send("GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(receiveHead().headers).contains("x-a: 1");
    assertThat(receive().text()).isEqualTo("seen");
    assertThat(stream).isNotDone();
  }

  @Test
  public void aPieceIsOnlyTakenAsFastAsTheClientReadsAndFailsWhenItIsGivenUp() throws Exception {
    send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    HttpStream pieces = stream.get(10, TimeUnit.SECONDS);
    CompletableFuture<Void> piece = pieces.write(new byte[64 << 20]).toCompletableFuture();
    assertThat(receiveHead().status).isEqualTo(200);
    assertThat(piece).isNotDone();
    pieces.abort();
    assertThatThrownBy(() -> piece.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
    assertThat(in.readAllBytes()).hasSizeLessThan(64 << 20);
  }

  @Test
  public void aStreamBetweenTwoPiecesCanBeGivenUp() throws Exception {
    send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    HttpStream pieces = stream.get(10, TimeUnit.SECONDS);
    taken(pieces.write("one".getBytes(UTF_8)));
    pieces.abort();
    assertThat(receiveHead().status).isEqualTo(200);
    assertThat(chunk()).isEqualTo("one");
    assertThat(in.read()).isEqualTo(-1);
  }

  @Test
  public void aPieceForAClientThatIsGoneFails() throws Exception {
    send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    HttpStream pieces = stream.get(10, TimeUnit.SECONDS);
    socket.setSoLinger(true, 0);
    socket.close();
    CompletableFuture<Void> piece = pieces.write(new byte[64 << 20]).toCompletableFuture();
    assertThatThrownBy(() -> piece.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
  }

  /** The next chunk, without the end of its line, which comes with the one after it. */
  private String chunk() throws IOException {
    return new String(in.readNBytes(Integer.parseInt(line(), 16)), UTF_8);
  }

  private static void taken(CompletionStage<Void> piece) throws Exception {
    var unused = piece.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private String get(String path) throws IOException {
    send("GET %s HTTP/1.1\r\nHost: h\r\n\r\n".formatted(path));
    return receive().text();
  }

  private void send(String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
  }

  private void sendGzip(byte[] body, String headers) throws IOException {
    send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n%sContent-Length: %d\r\n\r\n"
            .formatted(headers, body.length));
    socket.getOutputStream().write(body);
  }

  private static byte[] inflate(byte[] body) throws IOException {
    try {
      return Gzip.inflate(body, LIMIT);
    } catch (Gzip.TooLargeException tooLarge) {
      throw new AssertionError(tooLarge);
    }
  }

  private Reply receive() throws IOException {
    Reply head = receiveHead();
    int length =
        head.headers.stream()
            .filter(header -> header.startsWith("content-length: "))
            .mapToInt(header -> Integer.parseInt(header.substring(16)))
            .findFirst()
            .orElseThrow();
    return new Reply(head.status, head.headers, in.readNBytes(length));
  }

  private Reply receiveHead() throws IOException {
    int status = Integer.parseInt(line().substring(9, 12));
    List<String> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      headers.add(line.toLowerCase(Locale.ROOT));
    }
    return new Reply(status, headers, new byte[0]);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed after " + line.toString(ISO_8859_1));
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(ISO_8859_1);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Reply(int status, List<String> headers, byte[] body) {
    String text() {
      return new String(body, UTF_8);
    }
  }
}
