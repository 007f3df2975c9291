package io.borealis.thrift;

import java.util.concurrent.CompletionStage;

/** Answers HTTP requests. Called by any thread, several at a time; must not block. */
@FunctionalInterface
public interface HttpHandler {
  /** Answers one request, now or later. */
  CompletionStage<HttpReply> handle(HttpCall call);
}
