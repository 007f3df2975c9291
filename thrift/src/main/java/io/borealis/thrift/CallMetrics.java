package io.borealis.thrift;

import io.borealis.api.Response;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures every call in the timer {@code rpc}, by method and outcome. Safe for use by any thread.
 *
 * @param registry where the timers are
 * @param nanos the monotonic clock
 */
public record CallMetrics(MeterRegistry registry, LongSupplier nanos) implements Interceptor {
  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    long start = nanos.getAsLong();
    return next.proceed(call)
        .whenComplete(
            (response, failure) ->
                registry
                    .timer(
                        "rpc",
                        "method",
                        call.name(),
                        "outcome",
                        response == null ? "FAILED" : Answers.outcome(response))
                    .record(nanos.getAsLong() - start, TimeUnit.NANOSECONDS));
  }
}
