package io.borealis.agent.link;

import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.api.codec.StructType;
import io.borealis.runtime.EventLoop;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.StructBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Typed requests to a leader, each with an end to its time. Confined to the loop. */
final class LeaderCalls {
  private static final int OK = 200;
  private static final int MOST_TEXT = 300;

  private final LeaderTransport transport;
  private final EventLoop loop;
  private final Map<Long, CompletableFuture<?>> pending = new LinkedHashMap<>();
  private long count;

  LeaderCalls(LeaderTransport transport, EventLoop loop) {
    this.transport = transport;
    this.loop = loop;
  }

  /** Receives a reply or the reason why there is none, on the loop. */
  @FunctionalInterface
  interface Outcome<R> {
    void accept(@Nullable R reply, @Nullable String failure);
  }

  void register(
      Endpoint to, RegisterRequest request, Duration time, Outcome<RegisterReply> outcome) {
    call(to, "/agent/register", RegisterRequest.TYPE, request, RegisterReply.TYPE, time, outcome);
  }

  void poll(Endpoint to, PollRequest request, Duration time, Outcome<PollReply> outcome) {
    call(to, "/agent/poll", PollRequest.TYPE, request, PollReply.TYPE, time, outcome);
  }

  void report(Endpoint to, ReportRequest request, Duration time, Outcome<ReportReply> outcome) {
    call(to, "/agent/report", ReportRequest.TYPE, request, ReportReply.TYPE, time, outcome);
  }

  private <Q, R> void call(
      Endpoint to,
      String path,
      StructType<Q> requestType,
      Q request,
      StructType<R> replyType,
      Duration time,
      Outcome<R> outcome) {
    CompletableFuture<LeaderTransport.Reply> sent =
        transport.post(to, path, StructBytes.write(requestType, request));
    Long number = ++count;
    pending.put(number, sent);
    EventLoop.Timer timer =
        loop.schedule(
            time,
            () -> {
              if (pending.remove(number) != null) {
                sent.cancel(true);
                outcome.accept(null, "no answer in %d ms".formatted(time.toMillis()));
              }
            });
    var unused =
        sent.whenComplete(
            (reply, failure) ->
                loop.execute(
                    () -> {
                      timer.cancel();
                      if (pending.remove(number) != null) {
                        finish(replyType, reply, failure, outcome);
                      }
                    }));
  }

  private static <R> void finish(
      StructType<R> type,
      LeaderTransport.@Nullable Reply reply,
      @Nullable Throwable failure,
      Outcome<R> outcome) {
    if (reply == null) {
      outcome.accept(null, message(failure));
    } else if (reply.status() != OK) {
      outcome.accept(null, "HTTP %d %s".formatted(reply.status(), text(reply.body())));
    } else {
      R read;
      try {
        read = StructBytes.read(type, reply.body());
      } catch (StructBytes.MalformedException malformed) {
        outcome.accept(null, malformed.getMessage());
        return;
      }
      outcome.accept(read, null);
    }
  }

  private static String message(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    // The client of the JDK says only further down that a name is unknown.
    return cause != null && cause.getMessage() == null && cause.getCause() != null
        ? cause + ": " + cause.getCause()
        : String.valueOf(cause);
  }

  private static String text(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "…";
  }

  /** Ends all requests that are under way; nobody hears of them. */
  void cancel() {
    List<CompletableFuture<?>> all = List.copyOf(pending.values());
    pending.clear();
    all.forEach(each -> each.cancel(true));
  }
}
