package io.borealis.scheduler.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.LeaderLocation;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.Test;

/** The pages for monitors, to the letter, and which paths are the leader's. */
public class PagesTest {
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private LeaderLocation leader = new LeaderLocation.None();
  private final Pages pages = new Pages(() -> leader, meters, runtimes.clock());

  private static HttpReply get(HttpHandler page) {
    return ask(page, "GET", "");
  }

  private static HttpReply ask(HttpHandler page, String method, String query) {
    HttpCall call = new HttpCall(method, "/", query, ImmutableMap.of(), new byte[0], "10.0.0.1");
    return page.handle(call).toCompletableFuture().join();
  }

  private static String text(HttpReply reply) {
    return new String(reply.body(), UTF_8);
  }

  @Test
  public void healthIsTwoLettersAndALineBreak() {
    assertThat(get(pages::health).status()).isEqualTo(200);
    assertThat(text(get(pages::health))).isEqualTo("OK\n");
  }

  @Test
  public void leaderHealthHasACodeAndASentenceForEachCase() {
    assertLeaderHealth(502, "There is no leading scheduler or the leader is unknown.");
    leader = new LeaderLocation.Other("there", 8081);
    assertLeaderHealth(503, "Another instance is the leading scheduler.");
    leader = new LeaderLocation.Self();
    assertLeaderHealth(200, "This is the leading scheduler.");
  }

  private void assertLeaderHealth(int status, String sentence) {
    HttpReply reply = get(pages::leaderHealth);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(text(reply)).startsWith("Current status: " + sentence + "\n\n200: ");
  }

  @Test
  public void varsAreSortedLinesWithoutAFinalLineBreak() {
    meters.counter("zebras").increment(2);
    meters.counter("an odd name!", "job", "role/env/x").increment();
    meters.timer("work").record(Duration.ofMillis(3));
    assertThat(text(get(pages::vars)))
        .isEqualTo(
            """
            an_odd_name__role/env/x 1
            work_events 1
            work_events_per_sec 0.0
            work_nanos_per_event 0.0
            work_nanos_total 3000000
            work_nanos_total_per_sec 0.0
            zebras 2""");
  }

  @Test
  public void ratesAreThoseBetweenTheLastTwoLooksThatWereASecondApart() {
    Timer work = meters.timer("work");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(text(get(pages::vars))).contains("work_events_per_sec 0.0");

    work.record(Duration.ofNanos(30));
    work.record(Duration.ofNanos(10));
    runtimes.advance(Duration.ofSeconds(4));
    String[] rates = {
      "work_events_per_sec 0.5", "work_nanos_total_per_sec 10.0", "work_nanos_per_event 20.0"
    };
    assertThat(text(get(pages::vars))).contains(rates);
    work.record(Duration.ofNanos(10));
    runtimes.advance(Duration.ofMillis(999));
    assertThat(text(get(pages::vars))).as("somebody else looks").contains(rates);
    assertThat(text(get(pages::varsJson))).contains("\"work_events_per_sec\":0.5");

    runtimes.advance(Duration.ofMillis(1));
    assertThat(text(get(pages::vars)))
        .contains("work_events_per_sec 1.0", "work_nanos_per_event 10.0");
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(text(get(pages::vars)))
        .contains("work_events_per_sec 0.0", "work_nanos_per_event 0.0", "work_events 3");
  }

  @Test
  public void varsJsonIsOneObjectThatCanBeIndented() {
    meters.counter("zebras").increment(2);
    assertThat(text(get(pages::varsJson))).isEqualTo("{\"zebras\":2}");
    assertThat(text(ask(pages::varsJson, "GET", "pretty=true"))).contains("\n  \"zebras\" : 2\n");
  }

  @Test
  public void theLeadersPathsAreThoseOfTheOriginal() {
    for (String path :
        new String[] {
          "/api", "/apibeta/getJobs", "/apiclient", "/agents", "/cron", "/maintenance",
              "/mname/a/b",
          "/offers", "/pendingtasks", "/quotas", "/slaves", "/state", "/tiers", "/utilization/x",
          "/scheduler", "/scheduler/role/env", "/updates/1", "/assets/scheduler/index.html"
        }) {
      assertThat(LeaderPaths.include(path)).as(path).isTrue();
    }
    for (String path :
        new String[] {
          "/",
          "/health",
          "/leaderhealth",
          "/vars",
          "/vars.json",
          "/metrics",
          "/graphview",
          "/services",
          "/structdump/task/x",
          "/assets/x.css",
          "/schedulers",
          "/threads"
        }) {
      assertThat(LeaderPaths.include(path)).as(path).isFalse();
    }
  }
}
