package io.borealis.thrift;

import io.borealis.api.Response;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures every call: how long by method, how often by method and outcome, and how often by code
 * alone. The first and the last have Aurora's names on {@code /vars}. Safe for use by any thread.
 *
 * @param registry where the meters are
 * @param nanos the monotonic clock
 */
public record CallMetrics(MeterRegistry registry, LongSupplier nanos) implements Interceptor {
  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    long start = nanos.getAsLong();
    return next.proceed(call)
        .whenComplete(
            (response, failure) ->
                note(call.name(), response == null ? "FAILED" : Answers.outcome(response), start));
  }

  private void note(String method, String outcome, long start) {
    registry
        .timer("scheduler_thrift", "method", method)
        .record(nanos.getAsLong() - start, TimeUnit.NANOSECONDS);
    registry.counter("rpc", "method", method, "outcome", outcome).increment();
    registry.counter("scheduler_thrift_response", "code", outcome).increment();
  }
}
