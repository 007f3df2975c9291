package io.borealis.thrift;

import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an answer of every failure. What failed stays in the log; callers get the id under which it
 * is found there. Stateless.
 */
public final class ErrorMapping implements Interceptor {
  private static final Logger log = LoggerFactory.getLogger(ErrorMapping.class);

  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    return next.proceed(call)
        .handle(
            (response, failure) -> {
              if (response != null) {
                return response;
              }
              String id = call.context().requestId();
              log.error("{} failed, request id {}", call.name(), id, cause(failure));
              return Answers.of(ResponseCode.ERROR, "Internal error, request id " + id);
            });
  }

  private static Throwable cause(@Nullable Throwable failure) {
    if (failure == null) {
      return new NullPointerException("The implementation answered null");
    }
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
