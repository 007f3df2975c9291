package io.borealis.scheduler.rpc;

import io.borealis.api.ResourceAggregate;
import io.borealis.api.Response;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Answers and sets the quotas of roles. Thread-safe. */
public final class QuotaHandler {
  CompletionStage<Response> getQuota(CallContext call, @Nullable String ownerRole) {
    return CompletableFuture.failedFuture(Refusal.error("getQuota is not implemented yet"));
  }

  CompletionStage<Response> setQuota(
      CallContext call, @Nullable String ownerRole, @Nullable ResourceAggregate quota) {
    return CompletableFuture.failedFuture(Refusal.error("setQuota is not implemented yet"));
  }
}
