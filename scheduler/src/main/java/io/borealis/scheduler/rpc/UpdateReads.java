package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import io.borealis.api.GetJobUpdateDetailsResult;
import io.borealis.api.GetJobUpdateSummariesResult;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.rpc.CallContext;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows updates, and what one would change. Thread-safe; answers from the durable State. */
public final class UpdateReads {
  private final Supplier<State> state;
  private final UpdateRequests requests;
  private final UpdateWalks walks;
  private final Counter summaries;
  private final Counter details;

  /** Reads from this State. */
  public UpdateReads(
      Supplier<State> state,
      Clock clock,
      JobValidator jobs,
      TaskConfigValidator tasks,
      JobLimits limits,
      MeterRegistry meters) {
    this.state = state;
    this.requests = new UpdateRequests(limits, jobs, tasks);
    this.walks = new UpdateWalks(clock);
    this.summaries = meters.counter("scheduler_thrift_workload_getJobUpdateSummaries");
    this.details = meters.counter("scheduler_thrift_workload_getJobUpdateDetails");
  }

  Response getJobUpdateSummaries(CallContext call, @Nullable JobUpdateQuery asked) {
    JobUpdateQuery query = Arguments.required(asked, "jobUpdateQuery");
    return Responses.ok(
        new Result.GetJobUpdateSummariesResult(
            new GetJobUpdateSummariesResult(page(call, query, UpdateRecord::summary, summaries))));
  }

  Response getJobUpdateDetails(
      CallContext call, @Nullable JobUpdateKey key, @Nullable JobUpdateQuery query) {
    if (query != null) {
      return Responses.ok(
          new Result.GetJobUpdateDetailsResult(
              GetJobUpdateDetailsResult.builder()
                  .detailsList(page(call, query, UpdateRecord::details, details))
                  .build()));
    }
    if (key == null) {
      throw Refusal.error("Either key or query must be set.");
    }
    UpdateRecord update = state.get().updates().get(key);
    if (update == null) {
      throw Refusal.invalid("Invalid update: " + Identifiers.path(key));
    }
    return Responses.ok(
        "The key argument is deprecated, use the query argument instead",
        new Result.GetJobUpdateDetailsResult(
            GetJobUpdateDetailsResult.builder().details(update.details()).build()));
  }

  private <T> ImmutableList<T> page(
      CallContext call, JobUpdateQuery query, Function<UpdateRecord, T> form, Counter workload) {
    ImmutableList<UpdateRecord> page = walks.page(call, query, state.get());
    workload.increment(page.size());
    return page.stream().map(form).collect(ImmutableList.toImmutableList());
  }

  Response getJobUpdateDiff(@Nullable JobUpdateRequest asked) {
    JobUpdateRequest request = requests.forDiff(Arguments.required(asked, "request"));
    State now = state.get();
    if (now.cronJobs().contains(request.taskConfig().job())) {
      throw Refusal.invalid("Cron jobs are not supported.");
    }
    UpdateRequests.checkExtentOfDiff(request);
    return Responses.ok(
        new Result.GetJobUpdateDiffResult(
            RequestDiff.of(now, request).describe(request.taskConfig())));
  }
}
