package io.borealis.scheduler.rpc;

import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What administrators do to single tasks. Thread-safe. */
public final class TaskAdminHandler {
  CompletionStage<Response> forceTaskState(
      CallContext call, @Nullable String taskId, @Nullable ScheduleStatus status) {
    return CompletableFuture.failedFuture(Refusal.error("forceTaskState is not implemented yet"));
  }

  CompletionStage<Response> pruneTasks(CallContext call, @Nullable TaskQuery query) {
    return CompletableFuture.failedFuture(Refusal.error("pruneTasks is not implemented yet"));
  }
}
