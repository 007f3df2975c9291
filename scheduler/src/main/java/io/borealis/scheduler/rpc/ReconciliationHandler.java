package io.borealis.scheduler.rpc;

import io.borealis.api.ExplicitReconciliationSettings;
import io.borealis.api.Response;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Asks the cluster for the true state of tasks. Thread-safe. */
public final class ReconciliationHandler {
  CompletionStage<Response> triggerExplicitTaskReconciliation(
      CallContext call, @Nullable ExplicitReconciliationSettings settings) {
    return CompletableFuture.failedFuture(
        Refusal.error("triggerExplicitTaskReconciliation is not implemented yet"));
  }

  CompletionStage<Response> triggerImplicitTaskReconciliation(CallContext call) {
    return CompletableFuture.failedFuture(
        Refusal.error("triggerImplicitTaskReconciliation is not implemented yet"));
  }
}
