package io.borealis.scheduler.agents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;

import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.api.agent.ReportReply;
import io.borealis.api.agent.ReportRequest;
import io.borealis.api.codec.StructType;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.StructBytes;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents call over HTTP: structs in the binary protocol, in the bodies of POSTs. Thread-safe;
 * a poll that waits holds no thread.
 */
public final class AgentEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(AgentEndpoints.class);

  private final AgentCluster cluster;
  private final AgentAccess access;
  private final Strangers strangers = new Strangers();
  private final Executor encoding;

  /**
   * @param secret what agents have to show; without one only those of this machine are let in
   * @param encoding runs what it takes to write an answer
   */
  public AgentEndpoints(AgentCluster cluster, Optional<String> secret, Executor encoding) {
    this.cluster = cluster;
    this.access = new AgentAccess(secret);
    this.encoding = encoding;
  }

  /** Answers {@code /agent/register}. */
  public HttpHandler register() {
    return handler(RegisterRequest.TYPE, RegisterReply.TYPE, cluster::register);
  }

  /** Answers {@code /agent/poll}. */
  public HttpHandler poll() {
    return handler(PollRequest.TYPE, PollReply.TYPE, cluster::poll);
  }

  /** Answers {@code /agent/report}. */
  public HttpHandler report() {
    return handler(ReportRequest.TYPE, ReportReply.TYPE, cluster::report);
  }

  private <Q, R> HttpHandler handler(
      StructType<Q> request, StructType<R> reply, Function<Q, CompletableFuture<R>> service) {
    return call -> {
      HttpReply refusal = refusal(call);
      if (refusal != null) {
        return completedFuture(refusal);
      }
      Q read;
      try {
        read = StructBytes.read(request, call.body());
      } catch (StructBytes.MalformedException malformed) {
        return completedFuture(HttpReply.text(400, String.valueOf(malformed.getMessage())));
      }
      return service
          .apply(read)
          .thenApplyAsync(
              answer ->
                  HttpReply.of(200, StructBytes.CONTENT_TYPE, StructBytes.write(reply, answer)),
              encoding);
    };
  }

  private @Nullable HttpReply refusal(HttpCall call) {
    if (!call.method().equals("POST")) {
      return HttpReply.text(405, "Method not allowed: " + call.method()).with("Allow", "POST");
    }
    HttpReply unauthorized = access.refusal(call);
    if (unauthorized != null) {
      if (strangers.isNews(call.remoteAddress())) {
        LOG.warn(
            "An agent at {} is not let in: {}",
            call.remoteAddress(),
            new String(unauthorized.body(), UTF_8));
      }
      return unauthorized;
    }
    strangers.welcome(call.remoteAddress());
    String type = call.header("Content-Type");
    return type != null && type.trim().toLowerCase(Locale.ROOT).equals(StructBytes.CONTENT_TYPE)
        ? null
        : HttpReply.text(415, "Content-Type must be " + StructBytes.CONTENT_TYPE);
  }
}
