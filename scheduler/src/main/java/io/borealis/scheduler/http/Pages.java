package io.borealis.scheduler.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.runtime.Clock;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.LeaderLocation;
import io.borealis.thrift.Rates;
import io.borealis.thrift.Vars;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The pages for monitors. Thread-safe; each answers at once, from memory. */
public final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LEGEND =
      """


      200: This is the leading scheduler.
      502: There is no leading scheduler or the leader is unknown.
      503: Another instance is the leading scheduler.
      """;

  private final Supplier<LeaderLocation> leader;
  private final PrometheusMeterRegistry meters;
  private final Vars vars;
  private final Rates rates;

  /**
   * @param leader where the leader is, from this process's point of view
   */
  public Pages(Supplier<LeaderLocation> leader, PrometheusMeterRegistry meters, Clock clock) {
    this.leader = leader;
    this.meters = meters;
    this.vars = new Vars(meters);
    this.rates = new Rates(clock);
  }

  /** Says that the process answers, and nothing else. */
  public CompletionStage<HttpReply> health(HttpCall call) {
    return done(HttpReply.text(200, "OK\n"));
  }

  /** Says whether this process leads, for load balancers. */
  public CompletionStage<HttpReply> leaderHealth(HttpCall call) {
    LeaderLocation location = leader.get();
    if (location instanceof LeaderLocation.Self) {
      return done(status(200, "This is the leading scheduler."));
    } else if (location instanceof LeaderLocation.Other) {
      return done(status(503, "Another instance is the leading scheduler."));
    }
    return done(status(502, "There is no leading scheduler or the leader is unknown."));
  }

  private static HttpReply status(int code, String sentence) {
    return HttpReply.text(code, "Current status: " + sentence + LEGEND);
  }

  /** All metrics and rates, one {@code name value} to a line, without a final line break. */
  public CompletionStage<HttpReply> vars(HttpCall call) {
    String text =
        vars.all(rates).entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining("\n"));
    return done(HttpReply.text(200, text));
  }

  /** The same as one JSON object; {@code ?pretty=true} indents it. */
  public CompletionStage<HttpReply> varsJson(HttpCall call) {
    try {
      boolean pretty = call.query().contains("pretty=true");
      String json =
          (pretty ? JSON.writerWithDefaultPrettyPrinter() : JSON.writer())
              .writeValueAsString(vars.all(rates));
      return done(HttpReply.of(200, "application/json", json.getBytes(StandardCharsets.UTF_8)));
    } catch (JsonProcessingException impossible) {
      return CompletableFuture.failedFuture(impossible);
    }
  }

  /** All metrics for Prometheus. */
  public CompletionStage<HttpReply> metrics(HttpCall call) {
    return done(
        HttpReply.of(
            200,
            "text/plain; version=0.0.4; charset=utf-8",
            meters.scrape().getBytes(StandardCharsets.UTF_8)));
  }

  private static CompletionStage<HttpReply> done(HttpReply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
