package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.failedFuture;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Response;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Leads calls through the interceptors to the implementation. Safe for use by any thread. */
public final class Dispatcher {
  private final Interceptor.Next chain;

  /**
   * Builds the chain.
   *
   * @param last what answers in the end
   * @param interceptors the outermost first
   */
  public Dispatcher(Interceptor.Next last, Iterable<? extends Interceptor> interceptors) {
    Interceptor.Next next = guarded(last);
    for (Interceptor interceptor : ImmutableList.copyOf(interceptors).reverse()) {
      Interceptor.Next inner = next;
      next = guarded(call -> interceptor.around(call, inner));
    }
    chain = next;
  }

  /** Finds a method by its name on the wire; null if there is none. */
  public @Nullable ServiceMethod<? super AuroraAdmin, ?> find(String name) {
    return AuroraAdmin.METHODS.get(name);
  }

  /** Makes a call. What is thrown on the way comes back as a failed stage. */
  public CompletionStage<Response> dispatch(Call<?> call) {
    return chain.proceed(call);
  }

  private static Interceptor.Next guarded(Interceptor.Next next) {
    return call -> {
      try {
        CompletionStage<Response> stage = next.proceed(call);
        return stage == null
            ? failedFuture(new IllegalStateException(call.name() + " gave no stage"))
            : stage;
      } catch (RuntimeException failure) {
        return failedFuture(failure);
      }
    };
  }
}
