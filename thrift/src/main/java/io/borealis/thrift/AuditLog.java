package io.borealis.thrift;

import io.borealis.api.Response;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Notes every call that may change something, one line each, once its outcome is known: who did
 * what to which job, but never what a configuration holds. Safe for use by any thread if the
 * destination is.
 *
 * @param lines where the lines go
 */
public record AuditLog(Consumer<String> lines) implements Interceptor {
  /** Writes to the logger named {@code audit}. */
  public static AuditLog toLogger() {
    return new AuditLog(LoggerFactory.getLogger("audit")::info);
  }

  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    if (!call.mutating()) {
      return next.proceed(call);
    }
    return next.proceed(call)
        .whenComplete(
            (response, failure) ->
                lines.accept(line(call, response == null ? "FAILED" : Answers.outcome(response))));
  }

  private static String line(Call<?> call, String outcome) {
    return "user=%s method=%s%s id=%s from=%s outcome=%s"
        .formatted(
            Subject.quoted(call.context().user()),
            call.name(),
            Subject.of(call),
            call.context().requestId(),
            call.context().remoteAddress(),
            outcome);
  }
}
