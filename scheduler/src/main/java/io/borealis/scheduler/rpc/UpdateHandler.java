package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.PulseJobUpdateResult;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.StartJobUpdateResult;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.quota.QuotaCheck;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.update.Audit;
import io.borealis.scheduler.update.UpdateEngine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Starts and steers updates. Thread-safe: what depends on State is checked on the writer's thread,
 * in the transaction that changes it.
 */
public final class UpdateHandler {
  private static final int MAX_MESSAGE = 1024;

  private final Writes writes;
  private final Supplier<State> state;
  private final UpdateEngine engine;
  private final UpdateRequests requests;
  private final JobLimits limits;
  private final Supplier<String> newId;
  private final Counter workload;

  /**
   * @param newId makes the ids of updates, different each time
   */
  public UpdateHandler(
      Writes writes,
      Supplier<State> state,
      UpdateEngine engine,
      JobValidator jobs,
      TaskConfigValidator tasks,
      JobLimits limits,
      Supplier<String> newId,
      MeterRegistry meters) {
    this.writes = writes;
    this.state = state;
    this.engine = engine;
    this.requests = new UpdateRequests(limits, jobs, tasks);
    this.limits = limits;
    this.newId = newId;
    this.workload = meters.counter("thrift_workload_startJobUpdate");
  }

  CompletionStage<Response> startJobUpdate(
      CallContext call, @Nullable JobUpdateRequest asked, @Nullable String message) {
    JobUpdateRequest request = requests.forStart(Arguments.required(asked, "request"));
    requests.checkExtent(request);
    StartIdentity identity = StartIdentity.of(request);
    return write(
        call,
        tx -> {
          UpdateRecord earlier = identity == null ? null : identity.earlier(tx.state(), request);
          return earlier == null
              ? start(tx, request, identity, call, message)
              : Responses.ok(started(earlier.summary()));
        });
  }

  private Response start(
      WriteTransaction tx,
      JobUpdateRequest request,
      @Nullable StartIdentity identity,
      CallContext call,
      @Nullable String message) {
    JobKey job = request.taskConfig().job();
    if (tx.state().cronJobs().contains(job)) {
      throw Refusal.invalid("Cron jobs may only be created/updated by calling scheduleCronJob.");
    }
    RequestDiff diff = RequestDiff.of(tx.state(), request);
    diff.requireRelevant();
    if (diff.isEmpty()) {
      return Responses.ok("Job is unchanged by proposed update.", null);
    }
    JobChecks.requireCount(limits, request.instanceCount());
    JobUpdateSummary summary =
        JobUpdateSummary.builder()
            .key(new JobUpdateKey(job, newId.get()))
            .user(call.user())
            .metadata(request.metadata())
            .build();
    JobUpdate update =
        JobUpdate.builder().summary(summary).instructions(diff.instructions(request)).build();
    JobChecks.requireQuota(QuotaCheck.forUpdate(tx.state(), update));
    Audit audit = audit(call, message);
    refuseIfUpdating(tx.state(), job);
    engine.start(tx, update, audit);
    if (identity != null) {
      tx.change(identity.remember(summary.key()));
    }
    tx.afterCommit(() -> workload.increment(request.instanceCount()));
    return Responses.ok(started(summary));
  }

  private static void refuseIfUpdating(State state, JobKey job) {
    ImmutableList<UpdateRecord> active = ImmutableList.copyOf(state.updates().activeOf(job));
    if (active.size() > 1) {
      throw Refusal.invalid(
          "Multiple active updates exist for this job. "
              + Iterables.transform(active, update -> Identifiers.path(update.key())));
    }
    if (!active.isEmpty()) {
      throw new Refusal(
          ResponseCode.INVALID_REQUEST,
          "An active update already exists for this job, please terminate it before starting"
              + " another. Active updates are those in states [ROLLING_FORWARD, ROLLING_BACK,"
              + " ROLL_FORWARD_PAUSED, ROLL_BACK_PAUSED, ROLL_FORWARD_AWAITING_PULSE,"
              + " ROLL_BACK_AWAITING_PULSE]",
          // A client that repeats a call recognises its own update by the metadata.
          started(active.get(0).summary()));
    }
  }

  private static Result started(JobUpdateSummary summary) {
    return new Result.StartJobUpdateResult(new StartJobUpdateResult(summary.key(), summary));
  }

  CompletionStage<Response> pauseJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return steer(call, key, message, engine::pause);
  }

  CompletionStage<Response> resumeJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return steer(call, key, message, engine::resume);
  }

  CompletionStage<Response> abortJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return steer(call, key, message, engine::abort);
  }

  CompletionStage<Response> rollbackJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return steer(call, key, message, engine::rollback);
  }

  @FunctionalInterface
  private interface Step {
    void take(WriteTransaction tx, JobUpdateKey key, Audit audit);
  }

  private CompletionStage<Response> steer(
      CallContext call, @Nullable JobUpdateKey asked, @Nullable String message, Step step) {
    JobUpdateKey key = requiredKey(asked);
    Audit audit = audit(call, message);
    return write(
        call,
        tx -> {
          step.take(tx, key, audit);
          return Responses.ok();
        });
  }

  Response pulseJobUpdate(CallContext call, @Nullable JobUpdateKey asked) {
    JobUpdateKey key = requiredKey(asked);
    String unused = Arguments.notBlank(key.id());
    return Responses.ok(
        new Result.PulseJobUpdateResult(
            new PulseJobUpdateResult(engine.pulse(state, key, call.user()))));
  }

  private static JobUpdateKey requiredKey(@Nullable JobUpdateKey asked) {
    JobUpdateKey key = Arguments.required(asked, "key");
    JobKey unused = Arguments.requiredJob(key.job(), "key.job");
    return key;
  }

  private static Audit audit(CallContext call, @Nullable String message) {
    if (message != null && message.length() > MAX_MESSAGE) {
      throw Refusal.invalid("message must have at most " + MAX_MESSAGE + " characters.");
    }
    return new Audit(call.user(), message);
  }

  private CompletionStage<Response> write(
      CallContext call, Function<WriteTransaction, Response> work) {
    return writes.submit(WriteClass.RPC, call.deadlineNanos(), work);
  }
}
