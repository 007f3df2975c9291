package io.borealis.thrift;

import com.google.common.base.CharMatcher;
import io.borealis.api.rpc.CallContext;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the context of a call from the HTTP request that carries it. Immutable.
 *
 * @param authenticator says who calls
 * @param ids makes the ids of requests that come without one
 * @param nanos the monotonic clock
 * @param timeout how long callers wait
 */
public record CallContexts(
    Authenticator authenticator, Supplier<String> ids, LongSupplier nanos, Duration timeout) {
  private static final String REQUEST_ID = "x-request-id";
  private static final int MAX_ID_LENGTH = 128;

  /** Ids end up in logs, so they may not hold what could forge a line. */
  private static final CharMatcher ID_CHARACTERS = CharMatcher.inRange('!', '~');

  /** The context of a call that comes with this request. */
  public CallContext of(HttpCall call) {
    @Nullable String sent = call.header(REQUEST_ID);
    return new CallContext(
        sent != null && isFit(sent) ? sent : ids.get(),
        authenticator.user(call),
        call.remoteAddress(),
        nanos.getAsLong() + timeout.toNanos());
  }

  private static boolean isFit(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID_LENGTH && ID_CHARACTERS.matchesAllOf(id);
  }
}
