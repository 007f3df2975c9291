package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ListBackupsResult;
import io.borealis.api.QueryRecoveryResult;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.backup.BackupException;
import io.borealis.scheduler.backup.Backups;
import io.borealis.scheduler.backup.Recovery;
import io.borealis.scheduler.store.NotAppliedException;
import io.borealis.scheduler.store.OutcomeUnknownException;
import io.borealis.scheduler.store.State;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Backups, the recovery of State from one, and snapshots of the journal. Thread-safe. */
public final class BackupHandler {
  private final Backups backups;
  private final Recovery recovery;
  private final Supplier<State> state;
  private final Supplier<CompletionStage<Void>> snapshots;

  /**
   * @param state the durable State
   * @param snapshots has a snapshot written into the journal; completes once it is durable
   */
  public BackupHandler(
      Backups backups,
      Recovery recovery,
      Supplier<State> state,
      Supplier<CompletionStage<Void>> snapshots) {
    this.backups = backups;
    this.recovery = recovery;
    this.state = state;
    this.snapshots = snapshots;
  }

  CompletionStage<Response> performBackup(CallContext call) {
    return answered(backups.save(state.get()).thenApply(name -> Responses.ok()));
  }

  CompletionStage<Response> listBackups(CallContext call) {
    return answered(
        backups
            .list()
            .thenApply(
                names -> Responses.ok(new Result.ListBackupsResult(new ListBackupsResult(names)))));
  }

  CompletionStage<Response> stageRecovery(CallContext call, @Nullable String backupId) {
    String id = Arguments.required(backupId, "backupId");
    return answered(recovery.stage(id).thenApply(BackupHandler::ok));
  }

  CompletionStage<Response> queryRecovery(CallContext call, @Nullable TaskQuery query) {
    TaskQuery wanted = Arguments.required(query, "query");
    return answered(
        () ->
            Responses.ok(
                new Result.QueryRecoveryResult(
                    new QueryRecoveryResult(ImmutableSet.copyOf(recovery.query(wanted))))));
  }

  CompletionStage<Response> deleteRecoveryTasks(CallContext call, @Nullable TaskQuery query) {
    TaskQuery wanted = Arguments.required(query, "query");
    return answered(
        () -> {
          recovery.delete(wanted);
          return Responses.ok();
        });
  }

  CompletionStage<Response> commitRecovery(CallContext call) {
    try {
      return answered(recovery.commit(call.deadlineNanos()).thenApply(BackupHandler::ok));
    } catch (BackupException refused) {
      return CompletableFuture.failedFuture(Refusal.error(String.valueOf(refused.getMessage())));
    }
  }

  CompletionStage<Response> unloadRecovery(CallContext call) {
    recovery.unload();
    return CompletableFuture.completedFuture(Responses.ok());
  }

  CompletionStage<Response> snapshot(CallContext call) {
    return answered(snapshots.get().thenApply(done -> Responses.ok()));
  }

  private static Response ok(ImmutableList<String> sentences) {
    return Response.builder()
        .responseCode(ResponseCode.OK)
        .details(
            sentences.stream().map(ResponseDetail::new).collect(ImmutableList.toImmutableList()))
        .build();
  }

  private static CompletionStage<Response> answered(Supplier<Response> answer) {
    try {
      return CompletableFuture.completedFuture(answer.get());
    } catch (BackupException refused) {
      return CompletableFuture.failedFuture(Refusal.error(String.valueOf(refused.getMessage())));
    }
  }

  /** Whatever went wrong with a file is an ERROR with its reason. */
  private static CompletionStage<Response> answered(CompletionStage<Response> answer) {
    return answer.exceptionally(
        failure -> {
          Throwable cause =
              failure instanceof CompletionException && failure.getCause() != null
                  ? failure.getCause()
                  : failure;
          if (cause instanceof NotAppliedException || cause instanceof OutcomeUnknownException) {
            return Responses.failure(cause);
          }
          throw Refusal.error(cause.getMessage() == null ? cause.toString() : cause.getMessage());
        });
  }
}
