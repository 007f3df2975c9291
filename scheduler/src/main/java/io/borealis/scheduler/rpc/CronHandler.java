package io.borealis.scheduler.rpc;

import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Creates, changes and starts cron jobs. Thread-safe. */
public final class CronHandler {
  CompletionStage<Response> scheduleCronJob(
      CallContext call, @Nullable JobConfiguration description) {
    return CompletableFuture.failedFuture(Refusal.error("scheduleCronJob is not implemented yet"));
  }

  CompletionStage<Response> descheduleCronJob(CallContext call, @Nullable JobKey job) {
    return CompletableFuture.failedFuture(
        Refusal.error("descheduleCronJob is not implemented yet"));
  }

  CompletionStage<Response> startCronJob(CallContext call, @Nullable JobKey job) {
    return CompletableFuture.failedFuture(Refusal.error("startCronJob is not implemented yet"));
  }

  CompletionStage<Response> replaceCronTemplate(
      CallContext call, @Nullable JobConfiguration config) {
    return CompletableFuture.failedFuture(
        Refusal.error("replaceCronTemplate is not implemented yet"));
  }
}
