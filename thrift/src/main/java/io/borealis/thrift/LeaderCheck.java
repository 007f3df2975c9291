package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;

import io.borealis.api.Response;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Answers calls itself as long as this process cannot. Safe for use by any thread if the supplier
 * is.
 *
 * @param refusal what to answer instead; empty when calls may pass
 */
public record LeaderCheck(Supplier<Optional<Response>> refusal) implements Interceptor {
  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    Optional<Response> refused = refusal.get();
    return refused.isPresent() ? completedFuture(refused.get()) : next.proceed(call);
  }
}
