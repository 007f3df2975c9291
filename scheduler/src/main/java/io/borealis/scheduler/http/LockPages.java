package io.borealis.scheduler.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.rpc.LockHandler;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.JobLock;
import io.borealis.thrift.AuditLog;
import io.borealis.thrift.CallContexts;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.JsonCodec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The locks of jobs: {@code GET /locks} shows them, {@code DELETE /locks/<role>/<env>/<name>}
 * releases one, with {@code ?dryRun=true} it only says what that would do. A DELETE, because no
 * foreign web page can make a browser send one unasked. Thread-safe.
 */
public final class LockPages {
  /** Where a single lock is, before its job. */
  public static final String PREFIX = "/locks/";

  private static final Splitter SLASHES = Splitter.on('/');

  private final Supplier<State> state;
  private final Supplier<@Nullable LockHandler> leading;
  private final CallContexts contexts;
  private final AuditLog audit;

  /**
   * @param leading releases locks; null while this process does not lead
   */
  public LockPages(
      Supplier<State> state,
      Supplier<@Nullable LockHandler> leading,
      CallContexts contexts,
      AuditLog audit) {
    this.state = state;
    this.leading = leading;
    this.contexts = contexts;
    this.audit = audit;
  }

  /** All locks, with the updates that have them. */
  public CompletionStage<HttpReply> list(HttpCall call) {
    ArrayNode locks = JsonNodeFactory.instance.arrayNode();
    for (JobLock lock : JobLock.all(state.get())) {
      locks.add(shown(lock));
    }
    return CompletableFuture.completedFuture(json(200, locks));
  }

  private static ObjectNode shown(JobLock lock) {
    ObjectNode shown = JsonCodec.write(Lock.TYPE, lock.lock());
    UpdateRecord update = lock.holder();
    if (update == null) {
      shown.putNull("update");
    } else {
      shown
          .putObject("update")
          .put("id", update.key().id())
          .put("status", String.valueOf(update.status()))
          .put("instances", update.plan().size())
          .put("done", lock.done())
          .put("working", update.working())
          .put("failed", update.failed());
    }
    return shown.put("says", lock.held());
  }

  /** Releases the lock of the job in the path. */
  public CompletionStage<HttpReply> release(HttpCall call) {
    if (!call.method().equals("DELETE")) {
      return refused(405, "Method not allowed: " + call.method())
          .thenApply(reply -> reply.with("Allow", "DELETE"));
    }
    JobKey job = job(call.path());
    if (job == null) {
      return refused(400, "The path must be /locks/<role>/<environment>/<name>");
    }
    return switch (call.query()) {
      case "", "dryRun=false" -> release(call, job);
      case "dryRun=true" -> explain(job);
      // A typing error must not release anything.
      default -> refused(400, "The query can only be dryRun=true or dryRun=false");
    };
  }

  private static @Nullable JobKey job(String path) {
    List<String> names = SLASHES.splitToList(path.substring(PREFIX.length()));
    JobKey job = names.size() == 3 ? new JobKey(names.get(0), names.get(1), names.get(2)) : null;
    return job != null && LockHandler.isValid(job) ? job : null;
  }

  private CompletionStage<HttpReply> explain(JobKey job) {
    LockHandler locks = leading.get();
    return locks == null
        ? refused(503, "Storage is not READY")
        : locks.explain(job).thenApply(answer -> reply(answer, false));
  }

  private CompletionStage<HttpReply> release(HttpCall call, JobKey job) {
    CallContext context = contexts.of(call);
    LockHandler locks = leading.get();
    if (locks == null) {
      audit.note(context, "releaseLock", job, ResponseCode.ERROR_TRANSIENT.name());
      return refused(503, "Storage is not READY");
    }
    return locks
        .release(context, job)
        .whenComplete(
            (answer, failure) ->
                audit.note(
                    context,
                    "releaseLock",
                    job,
                    answer == null ? "FAILED" : String.valueOf(answer.responseCode())))
        .thenApply(answer -> reply(answer, true));
  }

  private static HttpReply reply(Response answer, boolean released) {
    ResponseCode code = answer.responseCode();
    if (code == ResponseCode.OK) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ArrayNode says = body.put("released", released).putArray("says");
      for (ResponseDetail detail : answer.details()) {
        says.add(detail.message());
      }
      return json(200, body);
    }
    int status =
        code == ResponseCode.INVALID_REQUEST
            ? 404
            : code == ResponseCode.ERROR_TRANSIENT ? 503 : 500;
    return error(status, String.valueOf(answer.details().get(0).message()));
  }

  private static CompletionStage<HttpReply> refused(int status, String why) {
    return CompletableFuture.completedFuture(error(status, why));
  }

  private static HttpReply error(int status, String why) {
    return json(status, JsonNodeFactory.instance.objectNode().put("error", why));
  }

  private static HttpReply json(int status, JsonNode body) {
    return HttpReply.of(status, "application/json", body.toString().getBytes(UTF_8));
  }
}
