package io.borealis.agent.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.runtime.Clock;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.Rates;
import io.borealis.thrift.Vars;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pages for monitors, from memory. Thread-safe. */
final class Vitals {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrometheusMeterRegistry meters;
  private final Vars vars;
  private final Rates rates;

  Vitals(PrometheusMeterRegistry meters, Clock clock) {
    this.meters = meters;
    this.vars = new Vars(meters);
    this.rates = new Rates(clock);
  }

  HttpReply health() {
    return HttpReply.text(200, "OK\n");
  }

  /** All metrics, a line each; or one of them. */
  HttpReply vars(@Nullable String name) {
    Map<String, Number> all = vars.all(rates);
    if (name != null) {
      @Nullable Number value = all.get(name);
      return value == null ? HttpReply.text(404, "Not found") : HttpReply.text(200, value + "\n");
    }
    return HttpReply.text(
        200,
        all.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining("\n")));
  }

  HttpReply varsJson() {
    try {
      return HttpReply.of(
          200, "application/json", JSON.writeValueAsString(vars.all(rates)).getBytes(UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpReply metrics() {
    return HttpReply.of(
        200, "text/plain; version=0.0.4; charset=utf-8", meters.scrape().getBytes(UTF_8));
  }
}
