package io.borealis.scheduler.rpc;

import io.borealis.api.Response;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Backups, and the recovery of State from one. Thread-safe. */
public final class BackupHandler {
  CompletionStage<Response> performBackup(CallContext call) {
    return CompletableFuture.failedFuture(Refusal.error("performBackup is not implemented yet"));
  }

  CompletionStage<Response> listBackups(CallContext call) {
    return CompletableFuture.failedFuture(Refusal.error("listBackups is not implemented yet"));
  }

  CompletionStage<Response> stageRecovery(CallContext call, @Nullable String backupId) {
    return CompletableFuture.failedFuture(Refusal.error("stageRecovery is not implemented yet"));
  }

  CompletionStage<Response> queryRecovery(CallContext call, @Nullable TaskQuery query) {
    return CompletableFuture.failedFuture(Refusal.error("queryRecovery is not implemented yet"));
  }

  CompletionStage<Response> deleteRecoveryTasks(CallContext call, @Nullable TaskQuery query) {
    return CompletableFuture.failedFuture(
        Refusal.error("deleteRecoveryTasks is not implemented yet"));
  }

  CompletionStage<Response> commitRecovery(CallContext call) {
    return CompletableFuture.failedFuture(Refusal.error("commitRecovery is not implemented yet"));
  }

  CompletionStage<Response> unloadRecovery(CallContext call) {
    return CompletableFuture.failedFuture(Refusal.error("unloadRecovery is not implemented yet"));
  }

  CompletionStage<Response> snapshot(CallContext call) {
    return CompletableFuture.failedFuture(Refusal.error("snapshot is not implemented yet"));
  }
}
