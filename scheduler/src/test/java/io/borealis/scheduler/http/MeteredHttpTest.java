package io.borealis.scheduler.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.Vars;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class MeteredHttpTest {
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();

  private CompletableFuture<HttpReply> call(HttpHandler handler) {
    HttpCall call = new HttpCall("GET", "/", "", ImmutableMap.of(), new byte[0], "10.0.0.1");
    return new MeteredHttp(handler, runtimes.clock(), meters).handle(call).toCompletableFuture();
  }

  private Number var(String name) {
    return new Vars(meters).all().get(name);
  }

  @Test
  public void answersAreCountedAndTimedByTheirStatus() {
    CompletableFuture<HttpReply> answer = call(call -> reply);
    assertThat(var("http_500_responses_events")).as("alerts find it").isEqualTo(0L);
    runtimes.advance(Duration.ofMillis(3));
    reply.complete(HttpReply.text(404, "Not found"));

    assertThat(answer).isCompletedWithValue(reply.join());
    assertThat(var("http_404_responses_events")).isEqualTo(1L);
    assertThat(var("http_404_responses_nanos_total")).isEqualTo(3_000_000L);
    assertThat(var("http_200_responses_events")).isEqualTo(0L);
  }

  @Test
  public void failuresAreInternalErrors() {
    reply.completeExceptionally(new IllegalStateException("odd"));
    assertThat(call(call -> reply)).isCompletedExceptionally();
    assertThatThrownBy(
            () ->
                call(
                    call -> {
                      throw new IllegalStateException("odd");
                    }))
        .hasMessage("odd");
    assertThat(var("http_500_responses_events")).isEqualTo(2L);
  }
}
