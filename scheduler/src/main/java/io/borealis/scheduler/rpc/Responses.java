package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.scheduler.store.NotAppliedException;
import io.borealis.scheduler.store.OutcomeUnknownException;
import io.borealis.scheduler.update.UpdateException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Builds the answers of calls; who serves the API adds the server's name. Stateless. */
final class Responses {
  private Responses() {}

  static Response ok() {
    return answer(ResponseCode.OK, null, ImmutableList.of());
  }

  static Response ok(Result result) {
    return answer(ResponseCode.OK, result, ImmutableList.of());
  }

  /** Success with something to tell. */
  static Response ok(String detail, @Nullable Result result) {
    return answer(ResponseCode.OK, result, ImmutableList.of(new ResponseDetail(detail)));
  }

  /** The answer for what ended a call early; anything that is no answer is thrown on. */
  static Response failure(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof Refusal refusal) {
      return answer(refusal.code(), refusal.result(), details(refusal.getMessage()));
    } else if (cause instanceof UpdateException) {
      return answer(ResponseCode.INVALID_REQUEST, null, details(cause.getMessage()));
    } else if (cause instanceof NotAppliedException) {
      return answer(ResponseCode.ERROR_TRANSIENT, null, details(cause.getMessage()));
    } else if (cause instanceof OutcomeUnknownException) {
      return answer(ResponseCode.ERROR, null, details(cause.getMessage()));
    }
    throw cause instanceof RuntimeException fault ? fault : new CompletionException(cause);
  }

  /** The words that {@link #failure} has for what ended a call early; null when it has none. */
  static @Nullable String failureText(Throwable failure) {
    try {
      return Iterables.getOnlyElement(failure(failure).details()).message();
    } catch (RuntimeException fault) {
      return null;
    }
  }

  private static ImmutableList<ResponseDetail> details(@Nullable String message) {
    return ImmutableList.of(new ResponseDetail(message));
  }

  private static Response answer(
      ResponseCode code, @Nullable Result result, ImmutableList<ResponseDetail> details) {
    return Response.builder().responseCode(code).result(result).details(details).build();
  }
}
