package io.borealis.thrift;

import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.rpc.CallContext;
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
                note(
                    call.context(),
                    call.name() + Subject.of(call),
                    response == null ? "FAILED" : Answers.outcome(response)));
  }

  /** Notes a change of a job that was asked for outside the API. */
  public void note(CallContext context, String method, JobKey job, String outcome) {
    note(context, method + " job=" + Subject.quoted(Subject.path(job)), outcome);
  }

  private void note(CallContext context, String what, String outcome) {
    lines.accept(
        "user=%s method=%s id=%s from=%s outcome=%s"
            .formatted(
                Subject.quoted(context.user()),
                what,
                context.requestId(),
                context.remoteAddress(),
                outcome));
  }
}
