package io.borealis.scheduler.sla;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.scheduler.store.Fixtures;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.After;
import org.junit.Test;

/**
 * Coordinators as they may be: real HTTP to servers that behave in every way a server can. Each
 * exchange ends within its deadline, and only a clear yes is a yes.
 */
public class CoordinatorsTest {
  private static final Duration TIMEOUT = Duration.ofMillis(700);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String USER = "sla_coordinator_user_errors";
  private static final String TRANSPORT = "sla_coordinator_errors";
  private static final String BUSY = "sla_coordinator_lock_starvation";

  private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
  private final SystemRuntimes runtimes = new SystemRuntimes((name, error) -> uncaught.add(error));
  private final EventLoop loop = runtimes.newLoop("writer");
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<RudeServer> servers = new ArrayList<>();
  private final Coordinators coordinators = coordinators(TIMEOUT, 10);

  private Coordinators coordinators(Duration timeout, int most) {
    SlaSettings all = SlaSettings.DEFAULT;
    return new Coordinators(
        new JdkCoordinatorHttp(timeout, runtimes.newPool("coordinators", most)),
        loop,
        "west",
        new SlaSettings(1, true, timeout, most, all.minRetry(), all.maxRetry(), 300),
        meters);
  }

  @After
  public void stop() {
    servers.forEach(RudeServer::close);
    runtimes.close();
    assertThat(uncaught).isEmpty();
  }

  private RudeServer server(RudeServer.Behaviour behaviour) {
    RudeServer server = RudeServer.start(behaviour);
    servers.add(server);
    return server;
  }

  private static ScheduledTask task(int instance) {
    return Fixtures.task("t" + instance, Fixtures.config(Fixtures.JOB), instance, RUNNING)
        .toBuilder()
        .taskEvents(ImmutableList.of(TaskEvent.builder().timestamp(5).status(RUNNING).build()))
        .build();
  }

  private static final ScheduleStatus RUNNING = ScheduleStatus.RUNNING;

  /** One question and its answer: "yes", or why not. */
  private static final class Asking implements Coordinators.Asker {
    final CompletableFuture<String> answer = new CompletableFuture<>();
    final CompletableFuture<Runnable> done = new CompletableFuture<>();

    @Override
    public void allowed(Runnable after) {
      done.complete(after);
      assertThat(answer.complete("yes")).as("the only answer").isTrue();
    }

    @Override
    public void denied(SlaDenial.Coordinator denial) {
      assertThat(answer.complete(denial.text())).as("the only answer").isTrue();
    }

    String get() {
      return CoordinatorsTest.get(answer);
    }
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no answer", e);
    }
  }

  private Asking ask(Coordinators of, String url, String statusKey, int instance) {
    Asking asking = new Asking();
    loop.execute(
        () ->
            of.ask(
                new CoordinatorSlaPolicy(url, statusKey),
                task(instance),
                ImmutableMap.of("extra", "value"),
                asking));
    return asking;
  }

  private Asking ask(String url) {
    return ask(coordinators, url, "drain", 3);
  }

  private String answerOf(String head, String body) {
    return ask(server(RudeServer.says(head, body)).url()).get();
  }

  private double count(String counter) {
    Counter found = meters.find(counter).counter();
    return found == null ? 0 : found.count();
  }

  private void assertCounted(String counter, double times) {
    assertThat(count(counter)).as(counter).isEqualTo(times);
    assertThat(count(counter + "_west/www-data/prod/hello/3")).as("of the task").isEqualTo(times);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n";
  }

  private String answerOf(String body) {
    return answerOf(ok(body), body);
  }

  /** SLA-16: true, false, and a key of its own. */
  @Test
  public void aClearAnswerIsTaken() {
    assertThat(answerOf("{\"drain\": true}")).isEqualTo("yes");
    assertThat(answerOf("{\"drain\": \"true\", \"more\": [1]}")).isEqualTo("yes");
    assertThat(answerOf("{\"drain\": false}")).isEqualTo("the coordinator said no");
    assertThat(answerOf("{\"drain\": \"false\"}")).isEqualTo("the coordinator said no");
    String url = server(RudeServer.says(ok("{\"go\": true}"), "{\"go\": true}")).url();
    assertThat(ask(coordinators, url, "go", 3).get()).isEqualTo("yes");
    assertThat(count("sla_coordinator_attempts")).isEqualTo(5);
    assertThat(count("sla_coordinator_success")).isEqualTo(5);
    assertThat(count(USER) + count(TRANSPORT) + count(BUSY)).isEqualTo(0);
  }

  /** The usual key counts when the policy names none. */
  @Test
  public void withoutAKeyTheUsualOneDecides() {
    String url = server(RudeServer.says(ok("{\"drain\": true}"), "{\"drain\": true}")).url();
    assertThat(ask(coordinators, url, "", 3).get()).isEqualTo("yes");
  }

  @Test
  public void theRequestIsTheOneCoordinatorsKnow() throws Exception {
    RudeServer server = server(RudeServer.says(ok("{\"drain\":true}"), "{\"drain\":true}"));
    assertThat(ask(server.url() + "?a=b#part").get()).isEqualTo("yes");

    RudeServer.Request request = server.requests.poll(20, TimeUnit.SECONDS);
    assertThat(request.line())
        .isEqualTo("POST /?a=b&task=west%2Fwww-data%2Fprod%2Fhello%2F3 HTTP/1.1");
    assertThat(request.headers())
        .noneMatch(line -> Ascii.toLowerCase(line).startsWith("content-type"));
    JsonNode body = new JsonMapper().readTree(request.body());
    assertThat(body.size()).isEqualTo(3);
    assertThat(body.get("task").asText()).isEqualTo("west/www-data/prod/hello/3");
    assertThat(body.get("extra").asText()).isEqualTo("value");
    JsonNode task = body.get("taskConfig");
    assertThat(task.get("status")).hasToString("2");
    assertThat(task.at("/taskEvents/0")).hasToString("{\"timestamp\":5,\"status\":2}");
    JsonNode config = task.at("/assignedTask/task");
    assertThat(config.get("isService")).hasToString("1");
    assertThat(config.get("production")).hasToString("0");
    assertThat(config.get("job"))
        .hasToString("{\"role\":\"www-data\",\"environment\":\"prod\",\"name\":\"hello\"}");
  }

  /** SLA-16 and W-14: nonsense is a no, and counted as the coordinator's mistake. */
  @Test
  public void nonsenseIsANo() throws Exception {
    Map<String, String> answers =
        ImmutableMap.<String, String>builder()
            .put("{}", "answered without the member 'drain'")
            .put("{\"drain\":1}", "answered neither true nor false in 'drain'")
            .put("{\"drain\":null}", "answered neither true nor false in 'drain'")
            .put("{\"drain\":[true]}", "answered neither true nor false in 'drain'")
            .put("{\"drain\":\"yes\"}", "answered neither true nor false in 'drain'")
            .put("[true]", "answered with what is not a JSON object")
            .put("true", "answered with what is not a JSON object")
            .put("", "answered with what is not a JSON object")
            .put("garbage", "answered with what is not JSON")
            .put("{\"drain\":true", "answered with what is not JSON")
            .put("{\"drain\":true}}", "answered with what is not JSON")
            .put("[".repeat(50_000), "answered with what is not JSON")
            .build();
    for (Map.Entry<String, String> answer : answers.entrySet()) {
      assertThat(answerOf(answer.getKey())).isEqualTo("the coordinator " + answer.getValue());
    }
    assertCounted(USER, answers.size());
    assertThat(count("sla_coordinator_success")).isEqualTo(0);
  }

  @Test
  public void whatIsNotUtf8IsANo() {
    RudeServer server =
        server(
            (request, out) -> {
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"drain\": \""
                      .getBytes(StandardCharsets.UTF_8));
              out.write(new byte[] {(byte) 0xff, (byte) 0xfe, '"', '}', ' ', ' '});
            });
    assertThat(ask(server.url()).get()).isEqualTo("the coordinator answered with what is not JSON");
    assertCounted(USER, 1);
  }

  @Test
  public void whatNobodyAskedToBeCompressedIsANo() throws Exception {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write("{\"drain\": true}".getBytes(StandardCharsets.UTF_8));
    }
    RudeServer server =
        server(
            (request, out) -> {
              out.write(
                  ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                          + zipped.size()
                          + "\r\n\r\n")
                      .getBytes(StandardCharsets.UTF_8));
              zipped.writeTo(out);
            });
    assertThat(ask(server.url()).get()).isEqualTo("the coordinator answered with what is not JSON");
    assertCounted(USER, 1);
  }

  /** SLA-16. */
  @Test
  public void anotherStatusIsANoWhateverItSays() {
    String yes = "{\"drain\": true}";
    for (String status :
        List.of("204 No Content", "201 Created", "404 No", "500 Oh", "503 Later")) {
      String length = status.startsWith("204") ? "" : "Content-Length: " + yes.length() + "\r\n";
      assertThat(answerOf("HTTP/1.1 " + status + "\r\n" + length + "\r\n", yes))
          .isEqualTo("the coordinator answered with status " + status.substring(0, 3));
    }
    assertCounted(USER, 5);
  }

  @Test
  public void aRedirectIsNotFollowed() {
    RudeServer other = server(RudeServer.says(ok("{\"drain\":true}"), "{\"drain\":true}"));
    for (String status : List.of("301", "302", "303", "307", "308")) {
      String head =
          "HTTP/1.1 "
              + status
              + " There\r\nLocation: "
              + other.url()
              + "\r\nContent-Length: 0\r\n\r\n";
      assertThat(answerOf(head, "")).isEqualTo("the coordinator answered with status " + status);
    }
    assertThat(other.requests).isEmpty();
    assertCounted(USER, 5);
  }

  /** An error page without end is not read. */
  @Test
  public void theBodyOfAnErrorIsNotWaitedFor() {
    RudeServer server =
        server(
            (request, out) -> {
              out.write(
                  "HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\noh"
                      .getBytes(StandardCharsets.UTF_8));
              out.flush();
              request.hold();
            });
    assertThat(ask(coordinators(Duration.ofMinutes(5), 1), server.url(), "drain", 3).get())
        .isEqualTo("the coordinator answered with status 500");
  }

  @Test
  public void aFloodIsCutOff() {
    byte[] megabyte = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    RudeServer server =
        server(
            (request, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
              for (int i = 0; i < 10_000; i++) {
                out.write(megabyte);
              }
            });
    assertThat(ask(coordinators(Duration.ofMinutes(5), 1), server.url(), "drain", 3).get())
        .isEqualTo("the coordinator answered with more than 65536 bytes");
    assertCounted(USER, 1);
  }

  @Test
  public void theLongestAnswerIsRead() {
    String body = "{\"drain\": true" + " ".repeat(65_536 - 15) + "}";
    assertThat(answerOf(body)).isEqualTo("yes");
    assertThat(answerOf(body + " ")).endsWith("answered with more than 65536 bytes");
  }

  private void assertTimesOut(RudeServer.Behaviour behaviour) {
    long begun = System.nanoTime();
    assertThat(ask(server(behaviour).url()).get())
        .isEqualTo("the coordinator did not answer within 700 ms");
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(TIMEOUT.toNanos());
    assertCounted(TRANSPORT, 1);
  }

  @Test
  public void silenceEndsWithTheDeadline() {
    assertTimesOut((request, out) -> request.hold());
  }

  @Test
  public void silenceAfterTheHeadEndsWithTheDeadline() {
    assertTimesOut(
        (request, out) -> {
          out.write(
              "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"drain\""
                  .getBytes(StandardCharsets.UTF_8));
          out.flush();
          request.hold();
        });
  }

  /** Each byte in time, but not all of them: the deadline is for the whole exchange. */
  @Test
  public void aDripEndsWithTheDeadline() {
    assertTimesOut(
        (request, out) ->
            request.drip(out, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 5000));
  }

  @Test
  public void aHeadThatDripsEndsWithTheDeadline() {
    assertTimesOut((request, out) -> request.drip(out, "HTTP/1.1 200 OK\r\nX-Never: ", 5000));
  }

  /** Nobody accepts: the listener's queue is full. */
  @Test
  public void aPeerThatNeverAcceptsEndsWithTheDeadline() {
    RudeServer server = RudeServer.deaf();
    servers.add(server);
    assertThat(ask(server.url()).get()).startsWith("the coordinator ");
    assertCounted(TRANSPORT, 1);
  }

  @Test
  public void whatBreaksOffIsANo() {
    for (RudeServer.Behaviour behaviour :
        List.<RudeServer.Behaviour>of(
            (request, out) -> {},
            RudeServer.says("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", "{\"drain\": true}"),
            RudeServer.says(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "f\r\n{\"drain\": true}\r\n"),
            RudeServer.says("HTTP/1.1 200", ""),
            RudeServer.says("SSH-2.0-OpenSSH_9.2p1\r\n", ""))) {
      assertThat(ask(server(behaviour).url()).get())
          .startsWith("the coordinator could not be asked: ");
    }
    assertCounted(TRANSPORT, 5);
  }

  @Test
  public void aPortWhereNobodyListensIsANo() {
    RudeServer gone = server((request, out) -> {});
    gone.close();
    assertThat(ask(gone.url()).get()).startsWith("the coordinator could not be asked: ");
    assertCounted(TRANSPORT, 1);
  }

  @Test
  public void anAddressThatIsNoneIsANo() {
    for (String url :
        List.of(
            "",
            "x",
            "ftp://h/",
            "file:///etc/passwd",
            "http://",
            "http:///x",
            "http://a b/",
            "javascript:1",
            "http://[::",
            "//h/p")) {
      assertThat(ask(url).get()).startsWith("the coordinator cannot be reached at " + url + ": ");
    }
    assertCounted(USER, 10);
  }

  /** SLA-17. */
  @Test
  public void oneQuestionAtATimeForAnAddress() {
    CountDownLatch open = new CountDownLatch(1);
    RudeServer.Behaviour slow =
        (request, out) -> {
          open.await();
          out.write((ok("{\"drain\":true}") + "{\"drain\":true}").getBytes(StandardCharsets.UTF_8));
        };
    Coordinators patient = coordinators(Duration.ofMinutes(5), 10);
    String one = server(slow).url();
    String two = server(slow).url();
    Asking first = ask(patient, one, "drain", 0);
    Asking second = ask(patient, one, "drain", 3);
    Asking elsewhere = ask(patient, two, "drain", 4);
    assertThat(second.get()).isEqualTo("the coordinator is being asked about another task");
    assertCounted(BUSY, 1);

    open.countDown();
    assertThat(first.get()).isEqualTo("yes");
    assertThat(elsewhere.get()).isEqualTo("yes");
    // The task that may go has not gone yet.
    assertThat(ask(patient, one, "drain", 5).get()).contains("about another task");
    loop.execute(get(first.done));
    assertThat(ask(patient, one, "drain", 5).get()).isEqualTo("yes");
  }

  @Test
  public void onlySoManyAreAskedAtOnce() {
    Coordinators two = coordinators(Duration.ofMinutes(5), 2);
    Asking first = ask(two, server((request, out) -> request.hold()).url(), "drain", 0);
    Asking second = ask(two, server((request, out) -> request.hold()).url(), "drain", 1);
    String third = server(RudeServer.says(ok("{\"drain\":true}"), "{\"drain\":true}")).url();
    assertThat(ask(two, third, "drain", 3).get())
        .isEqualTo("the coordinator has to wait until fewer than 2 others are being asked");
    assertCounted(BUSY, 1);
    assertThat(first.answer).isNotDone();
    assertThat(second.answer).isNotDone();
  }

  /** After a question that ended in any way the address is free again. */
  @Test
  public void anAddressIsFreeAfterEachEnd() {
    LinkedBlockingQueue<RudeServer.Behaviour> turns = new LinkedBlockingQueue<>();
    turns.add((request, out) -> request.hold());
    turns.add(RudeServer.says(ok("{}"), "{}"));
    turns.add(RudeServer.says(ok("{\"drain\":false}"), "{\"drain\":false}"));
    turns.add((request, out) -> {});
    turns.add(RudeServer.says(ok("{\"drain\":true}"), "{\"drain\":true}"));
    String url = server((request, out) -> turns.take().answer(request, out)).url();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(ask(url).get());
    }
    assertThat(answers.subList(0, 4)).doesNotContain("yes").noneMatch(a -> a.contains("another"));
    assertThat(answers.get(4)).isEqualTo("yes");
  }

  @Test
  public void nobodyIsToldAfterTheEnd() throws Exception {
    Asking asking = ask(server((request, out) -> request.hold()).url());
    CountDownLatch closed = new CountDownLatch(1);
    loop.execute(
        () -> {
          coordinators.close();
          closed.countDown();
        });
    assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Boolean> later = new CompletableFuture<>();
    var unused = loop.schedule(TIMEOUT.multipliedBy(2), () -> later.complete(true));
    assertThat(get(later)).isTrue();
    assertThat(asking.answer).isNotDone();
  }

  /** An effect that throws would end the leader, and the next one after it. */
  @Test
  public void whateverIsThrownInsteadOfAskingIsANo() {
    Coordinators broken =
        new Coordinators(
            (uri, body) -> {
              throw new UnsupportedOperationException("no such thing");
            },
            loop,
            "west",
            SlaSettings.DEFAULT,
            meters);
    assertThat(ask(broken, "http://somewhere/", "drain", 3).get())
        .isEqualTo("the coordinator cannot be reached at http://somewhere/: no such thing");
    assertThat(ask(broken, "http://somewhere/", "drain", 3).get()).contains("no such thing");
    assertCounted(USER, 2);
  }
}
