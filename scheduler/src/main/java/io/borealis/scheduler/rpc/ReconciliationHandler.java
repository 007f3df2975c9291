package io.borealis.scheduler.rpc;

import io.borealis.api.ExplicitReconciliationSettings;
import io.borealis.api.Response;
import io.borealis.scheduler.reconcile.Reconciler;
import org.jspecify.annotations.Nullable;

/** Asks the cluster for the true state of tasks. Thread-safe. */
public final class ReconciliationHandler {
  private final Reconciler reconciler;

  /** Lets the reconciler ask. */
  public ReconciliationHandler(Reconciler reconciler) {
    this.reconciler = reconciler;
  }

  Response triggerExplicitTaskReconciliation(@Nullable ExplicitReconciliationSettings settings) {
    Integer batchSize = Arguments.required(settings, "settings").batchSize();
    if (batchSize == null) {
      reconciler.explicitly();
    } else if (batchSize <= 0) {
      throw Refusal.invalid("Batch size must be greater than zero.");
    } else {
      reconciler.explicitly(batchSize);
    }
    return Responses.ok();
  }

  Response triggerImplicitTaskReconciliation() {
    reconciler.implicitly();
    return Responses.ok();
  }
}
