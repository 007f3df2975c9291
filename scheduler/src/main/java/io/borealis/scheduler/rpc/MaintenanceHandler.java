package io.borealis.scheduler.rpc;

import io.borealis.api.Hosts;
import io.borealis.api.Response;
import io.borealis.api.SlaPolicy;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Takes hosts out of service and back. Thread-safe. */
public final class MaintenanceHandler {
  CompletionStage<Response> startMaintenance(CallContext call, @Nullable Hosts hosts) {
    return CompletableFuture.failedFuture(Refusal.error("startMaintenance is not implemented yet"));
  }

  CompletionStage<Response> drainHosts(CallContext call, @Nullable Hosts hosts) {
    return CompletableFuture.failedFuture(Refusal.error("drainHosts is not implemented yet"));
  }

  CompletionStage<Response> maintenanceStatus(CallContext call, @Nullable Hosts hosts) {
    return CompletableFuture.failedFuture(
        Refusal.error("maintenanceStatus is not implemented yet"));
  }

  CompletionStage<Response> endMaintenance(CallContext call, @Nullable Hosts hosts) {
    return CompletableFuture.failedFuture(Refusal.error("endMaintenance is not implemented yet"));
  }

  CompletionStage<Response> slaDrainHosts(
      CallContext call,
      @Nullable Hosts hosts,
      @Nullable SlaPolicy defaultSlaPolicy,
      long timeoutSecs) {
    return CompletableFuture.failedFuture(Refusal.error("slaDrainHosts is not implemented yet"));
  }
}
