package io.borealis.thrift;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Sends clients to the leader unless it is here or they insist on being served here. Safe for use
 * by any thread if the supplier is.
 */
public final class LeaderRedirect implements HttpHandler {
  private static final String BYPASS = "Bypass-Leader-Redirect";
  private static final String NO_LEADER =
      """
      <!DOCTYPE html>
      <html>
      <head><meta charset="utf-8"><title>No Leader Found</title></head>
      <body>
      <h1>No Leader Found</h1>
      <p>No scheduler leads at the moment, or more than one claims to. Try again shortly.</p>
      </body>
      </html>
      """;

  private final Supplier<LeaderLocation> leader;
  private final HttpHandler here;

  /**
   * Creates the handler.
   *
   * @param leader where the leader is; asked for every request
   * @param here what serves requests when that is here
   */
  public LeaderRedirect(Supplier<LeaderLocation> leader, HttpHandler here) {
    this.leader = leader;
    this.here = here;
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    if (call.header(BYPASS) != null) {
      return here.handle(call);
    }
    LeaderLocation location = leader.get();
    if (location instanceof LeaderLocation.Self) {
      return here.handle(call);
    } else if (location instanceof LeaderLocation.Other other) {
      return completedFuture(HttpReply.empty(307).with("Location", target(other, call)));
    }
    return completedFuture(
        HttpReply.of(503, "text/html; charset=utf-8", NO_LEADER.getBytes(UTF_8)));
  }

  private static String target(LeaderLocation.Other leader, HttpCall call) {
    String host = leader.host().contains(":") ? "[" + leader.host() + "]" : leader.host();
    String query = call.query().isEmpty() ? "" : "?" + call.query();
    return "http://" + host + ":" + leader.port() + call.path() + query;
  }
}
