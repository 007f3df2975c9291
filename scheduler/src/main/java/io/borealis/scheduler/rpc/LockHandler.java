package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.update.JobLock;
import io.borealis.scheduler.update.UpdateEngine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Releases the locks of jobs, or says what that would do; no call of Aurora's API does. Answers OK
 * with two sentences, who has the lock and what a release means, or INVALID_REQUEST when the job is
 * not locked. Thread-safe.
 */
public final class LockHandler {
  private final Writes writes;
  private final Supplier<State> state;
  private final UpdateEngine engine;

  public LockHandler(Writes writes, Supplier<State> state, UpdateEngine engine) {
    this.writes = writes;
    this.state = state;
    this.engine = engine;
  }

  /** Says what a release would do at present. */
  public CompletionStage<Response> explain(JobKey job) {
    return CompletableFuture.completedFuture(answer(job, JobLock.of(state.get(), job)));
  }

  /** Releases the lock, whoever has it. */
  public CompletionStage<Response> release(CallContext call, JobKey job) {
    return writes
        .submit(
            WriteClass.RPC,
            call.deadlineNanos(),
            tx -> answer(job, engine.releaseLock(tx, job, call.user())))
        .exceptionally(Responses::failure);
  }

  private static Response answer(JobKey job, @Nullable JobLock lock) {
    return lock == null
        ? Response.builder()
            .responseCode(ResponseCode.INVALID_REQUEST)
            .details(details(Identifiers.path(job) + " is not locked"))
            .build()
        : Response.builder()
            .responseCode(ResponseCode.OK)
            .details(details(lock.held(), lock.consequence()))
            .build();
  }

  private static ImmutableList<ResponseDetail> details(String... sentences) {
    return ImmutableList.copyOf(sentences).stream()
        .map(ResponseDetail::new)
        .collect(ImmutableList.toImmutableList());
  }

  /** Whether the names in the key are such as jobs can have. */
  public static boolean isValid(JobKey job) {
    return Identifiers.isValid(job);
  }
}
