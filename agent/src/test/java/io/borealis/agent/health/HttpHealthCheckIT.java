package io.borealis.agent.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

public class HttpHealthCheckIT {
  private static final HttpHealthCheck.Expected OK = new HttpHealthCheck.Expected("ok", 0);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> unexpected.set(failure));
  private final EventLoop loop = runtimes.newLoop("task");
  private final LocalHttp http = new LocalHttp(runtimes.newPool("http", 1));
  private HttpServer server;
  private int port;

  @Before
  public void setUp() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    port = server.getAddress().getPort();
  }

  @After
  public void tearDown() {
    server.stop(0);
    runtimes.close();
    assertThat(unexpected.get()).isNull();
  }

  private void answer(String path, int code, String body) {
    server.createContext(
        path,
        exchange -> {
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private CheckResult check(
      int at, String path, HttpHealthCheck.Expected expected, Duration timeout) throws Exception {
    return new HttpHealthCheck(http, loop, at, path, expected, timeout)
        .check()
        .toCompletableFuture()
        .get(90, TimeUnit.SECONDS);
  }

  @Test
  public void theExpectedAnswerIsHealthy() throws Exception {
    answer("/health", 200, "OK\n");
    assertThat(check(port, "/health", OK, LONG)).isEqualTo(CheckResult.healthy());
    assertThat(check(port, "health", OK, LONG)).isEqualTo(CheckResult.healthy());
  }

  @Test
  public void anErrorCountsAsAnEmptyBodyWithItsCode() throws Exception {
    answer("/health", 500, "ok");
    assertThat(check(port, "/health", OK, LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Response differs from expected response (expected \"ok\", got \"\")"));
    assertThat(check(port, "/health", new HttpHealthCheck.Expected("", 0), LONG))
        .isEqualTo(CheckResult.healthy());
    assertThat(check(port, "/health", new HttpHealthCheck.Expected("", 200), LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Response code differs from expected response (expected 200, got 500)"));
  }

  @Test
  public void aRedirectIsFollowedButNotForEver() throws Exception {
    answer("/there", 200, "ok");
    redirect("/health", "/there");
    redirect("/round", "/round");
    assertThat(check(port, "/health", OK, LONG)).isEqualTo(CheckResult.healthy());
    assertThat(check(port, "/round", new HttpHealthCheck.Expected("", 200), LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Response code differs from expected response (expected 200, got 302)"));
  }

  private void redirect(String from, String to) {
    server.createContext(
        from,
        exchange -> {
          exchange.getResponseHeaders().add("Location", to);
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
  }

  @Test
  public void wherePortsAreClosedNobodyIsHealthy() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    assertThat(check(closed, "/health", OK, LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Failed to signal http://localhost:%d/health: [Errno 111] Connection refused"
                    .formatted(closed)));
  }

  @Test
  public void whoNeverAnswersOrNeverEndsAnsweringIsGivenUp() throws Exception {
    server.createContext("/health", exchange -> {});
    server.createContext(
        "/half",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write('o');
          exchange.getResponseBody().flush();
        });
    for (String path : new String[] {"/health", "/half"}) {
      assertThat(check(port, path, OK, Duration.ofMillis(700)))
          .isEqualTo(
              CheckResult.unhealthy(
                  "Failed to signal http://localhost:%d%s: Error within timeout"
                      .formatted(port, path)));
    }
  }

  @Test
  public void aBodyWithoutEndIsReadOnlySoFar() throws Exception {
    server.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] chunk = new byte[8192];
          Arrays.fill(chunk, (byte) 'x');
          try {
            while (true) {
              exchange.getResponseBody().write(chunk);
            }
          } catch (IOException hungUp) {
            exchange.close();
          }
        });
    assertThat(check(port, "/health", OK, LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Response differs from expected response (expected \"ok\", got \"xxxxxxx...\")"));
  }

  @Test
  public void whoHangsUpWithoutAnAnswerIsNotHealthy() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      runtimes
          .newPool("server", 1)
          .execute(
              () -> {
                try {
                  while (true) {
                    socket.accept().close();
                  }
                } catch (IOException closed) {
                  // The test is over.
                }
              });
      CheckResult result = check(socket.getLocalPort(), "/health", OK, LONG);
      assertThat(((CheckResult.Unhealthy) result).reason())
          .startsWith("Failed to signal http://localhost:");
    }
  }

  @Test
  public void aServerThatListensAtTheNewAddressOnlyIsFound() throws Exception {
    HttpServer six;
    try {
      six = HttpServer.create(new InetSocketAddress(InetAddress.getAllByName("::1")[0], 0), 0);
    } catch (IOException noSuchAddressHere) {
      org.junit.Assume.assumeNoException(noSuchAddressHere);
      return;
    }
    six.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("ok".getBytes(UTF_8));
          exchange.close();
        });
    six.start();
    try {
      assertThat(check(six.getAddress().getPort(), "/health", OK, LONG))
          .isEqualTo(CheckResult.healthy());
    } finally {
      six.stop(0);
    }
  }

  @Test
  public void theServerIsAskedToKeepNoConnectionWhereTheJdkAllowsIt() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    server.createContext(
        "/health",
        exchange -> {
          seen.set(exchange.getRequestHeaders().getFirst("Connection"));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    check(port, "/health", OK, LONG);
    boolean allowed =
        "connection".equals(System.getProperty("jdk.httpclient.allowRestrictedHeaders"));
    assertThat("close".equals(seen.get())).isEqualTo(allowed);
  }
}
