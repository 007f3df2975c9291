package io.borealis.scheduler.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateStatus;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.scheduler.store.Replica;
import io.borealis.thrift.HttpServer;
import io.borealis.thrift.Router;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Test;

/** Streams over real connections. */
public class UpdateStreamsHttpTest {
  private final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
  private final SystemRuntimes runtimes = new SystemRuntimes((name, error) -> errors.add(error));
  private final HttpClient client = HttpClient.newHttpClient();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private Histories history = Histories.whole();
  private Replica replica;
  private UpdateStreams streams;
  private HttpServer server;

  private void serve(int upTo, Duration look) {
    replica = history.replica(upTo);
    streams =
        new UpdateStreams(replica, runtimes.newLoop("events"), meters, 200, look, Duration.ZERO);
    streams.start();
    server =
        new HttpServer("127.0.0.1", 0, 1000, Router.builder().prefix("/events", streams).build());
    server.start();
  }

  private void serve(int upTo) {
    serve(upTo, Duration.ofSeconds(15));
  }

  @After
  public void stop() {
    server.close();
    runtimes.close();
    assertThat(errors).isEmpty();
  }

  private HttpRequest request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  private String get(String path, String... headers) throws Exception {
    HttpResponse<String> reply = client.send(request(path, headers), BodyHandlers.ofString());
    return reply.statusCode() + " " + reply.body();
  }

  private List<String> whole() throws Exception {
    return Client.messages(get(Histories.PATH).substring(4));
  }

  /** The lines of the next message. */
  private static String next(Iterator<String> lines) {
    StringBuilder message = new StringBuilder();
    for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
      message.append(message.isEmpty() ? "" : "|").append(line);
    }
    return message.toString();
  }

  private void awaitOpen(int count) {
    await(() -> meters.get("update_event_streams").gauge().value() == count);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("waited for 30 s").isNegative();
      Thread.onSpinWait();
    }
  }

  @Test
  public void aClientReadsEachMessageWhenItIsWritten() throws Exception {
    serve(1);
    HttpResponse<Stream<String>> reply =
        client.send(request(Histories.PATH, "Accept-Encoding", "gzip"), BodyHandlers.ofLines());
    assertThat(reply.statusCode()).isEqualTo(200);
    assertThat(reply.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    assertThat(reply.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(reply.headers().map()).doesNotContainKeys("content-encoding", "content-length");
    Iterator<String> lines = reply.body().iterator();
    assertThat(next(lines)).isEqualTo("retry: 2000");
    List<String> messages = new ArrayList<>(List.of(next(lines)));
    for (int i = 2; i < history.size(); i++) {
      history.show(replica, i);
      messages.add(next(lines));
    }
    history.show(replica, history.size());
    messages.addAll(List.of(next(lines), next(lines), next(lines)));
    assertThat(lines.hasNext()).isFalse();
    assertThat(messages).isEqualTo(whole());
    awaitOpen(0);
  }

  @Test
  public void aHundredClientsAreToldTheSame() throws Exception {
    serve(1);
    List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      replies.add(client.sendAsync(request(Histories.PATH), BodyHandlers.ofString()));
    }
    awaitOpen(100);
    for (int i = 2; i <= history.size(); i++) {
      history.show(replica, i);
    }
    List<String> all = whole();
    assertThat(all).hasSize(11);
    for (CompletableFuture<HttpResponse<String>> reply : replies) {
      assertThat(Client.messages(reply.get(30, TimeUnit.SECONDS).body())).isEqualTo(all);
    }
    awaitOpen(0);
  }

  @Test
  public void theEndAnswersWithoutABodyAndPathsAreDecodedOnce() throws Exception {
    serve(history.size());
    assertThat(get(Histories.PATH, "Last-Event-ID", "4.6")).isEqualTo("204 ");
    assertThat(Client.messages(get(Histories.PATH, "Last-Event-ID", "3.6").substring(4)))
        .hasSize(2)
        .endsWith("event: end|data: {\"status\":\"ROLLED_FORWARD\"}");
    assertThat(get("/events/updates/a+b/%C3%A4/x%20y/%2D%2B"))
        .isEqualTo("404 There is no update a+b/ä/x y/-+");
    assertThat(get("/events/updates/www%2Ddata/prod/hello/u%2D1?lastEventId=4.6"))
        .isEqualTo("204 ");
  }

  @Test
  public void whoDoesNotReadIsCutOffAndGoesOnFromTheLastMessageItHas() throws Exception {
    history = new Histories().begin();
    for (int i = 0; i < 400; i++) {
      history.later(1);
      history.add(history.event(JobUpdateStatus.ROLLING_FORWARD, "x".repeat(50_000)));
    }
    history.add(history.event(JobUpdateStatus.ROLLED_FORWARD, null));
    serve(history.size(), Duration.ofMillis(300));
    List<String> messages;
    try (Socket lazy = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      lazy.setSoTimeout(30_000);
      // In HTTP/1.0, which knows no chunks, what comes is the text alone.
      lazy.getOutputStream()
          .write(("GET " + Histories.PATH + " HTTP/1.0\r\nHost: h\r\n\r\n").getBytes(UTF_8));
      await(() -> meters.get("update_event_streams_slow_closed").counter().count() == 1);
      awaitOpen(0);
      messages = Client.messages(received(lazy));
    }
    assertThat(messages).hasSizeBetween(2, 399);
    server.close();
    serve(history.size());
    // The last one may be cut off in the middle; what is not whole is not seen.
    List<String> seen = new ArrayList<>(messages.subList(1, messages.size() - 1));
    String last = Client.id(seen.get(seen.size() - 1));
    seen.addAll(Client.messages(get(Histories.PATH, "Last-Event-ID", last).substring(4)));
    assertThat(seen.equals(whole())).isTrue();
  }

  /** All that comes until the connection ends, be it abruptly. */
  private static String received(Socket socket) {
    StringBuilder text = new StringBuilder();
    byte[] bytes = new byte[65_536];
    try {
      for (int n = socket.getInputStream().read(bytes);
          n >= 0;
          n = socket.getInputStream().read(bytes)) {
        text.append(new String(bytes, 0, n, UTF_8));
      }
    } catch (IOException reset) {
      // What came before counts.
    }
    return text.toString().replace("\r\n", "\n");
  }

  @Test
  public void aClientThatGoesAwayIsNoticedWhenThereIsSomethingToTell() throws Exception {
    serve(1, Duration.ofMillis(500));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(("GET " + Histories.PATH + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(UTF_8));
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      awaitOpen(1);
    }
    awaitOpen(0);
    assertThat(meters.get("update_event_streams_slow_closed").counter().count()).isZero();
  }

  @Test
  public void streamsEndInOrderWhenTheProcessStops() throws Exception {
    serve(1);
    HttpResponse<Stream<String>> reply =
        client.send(request(Histories.PATH), BodyHandlers.ofLines());
    Iterator<String> lines = reply.body().iterator();
    assertThat(List.of(next(lines), next(lines))).element(1).asString().contains("|id: 1.0|");
    streams.close();
    assertThat(lines.hasNext()).isFalse();
    assertThat(get(Histories.PATH)).startsWith("503 ");
  }
}
