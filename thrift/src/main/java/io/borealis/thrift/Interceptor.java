package io.borealis.thrift;

import io.borealis.api.Response;
import java.util.concurrent.CompletionStage;

/** Something that happens around every call. Called by any thread; must not block. */
@FunctionalInterface
public interface Interceptor {
  /** Answers the call, usually by way of what comes next. */
  CompletionStage<Response> around(Call<?> call, Next next);

  /** The rest of the way. */
  @FunctionalInterface
  interface Next {
    /** Goes on with the call. */
    CompletionStage<Response> proceed(Call<?> call);
  }
}
