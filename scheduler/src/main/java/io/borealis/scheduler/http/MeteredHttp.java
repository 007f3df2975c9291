package io.borealis.scheduler.http;

import io.borealis.runtime.Clock;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Counts and times all answers by their status, under Aurora's names. Thread-safe. */
public final class MeteredHttp implements HttpHandler {
  private static final int FAILED = 500;

  private final HttpHandler handler;
  private final Clock clock;
  private final MeterRegistry meters;

  /** Measures what this handler answers. */
  public MeteredHttp(HttpHandler handler, Clock clock, MeterRegistry meters) {
    this.handler = handler;
    this.clock = clock;
    this.meters = meters;
    // What alerts look at is there before it happens.
    var unused = timer(200);
    unused = timer(FAILED);
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    long begun = clock.nanoTime();
    CompletionStage<HttpReply> reply;
    try {
      reply = handler.handle(call);
    } catch (RuntimeException failure) {
      record(FAILED, clock.nanoTime() - begun);
      throw failure;
    }
    return reply.whenComplete(
        (answer, failure) ->
            record(answer == null ? FAILED : answer.status(), clock.nanoTime() - begun));
  }

  private void record(int status, long nanos) {
    timer(status).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(int status) {
    return meters.timer("http_" + status + "_responses");
  }
}
