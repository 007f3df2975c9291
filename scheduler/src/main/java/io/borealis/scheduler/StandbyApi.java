package io.borealis.scheduler;

import com.google.inject.Injector;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.scheduler.rpc.ClusterInfoHandler;
import io.borealis.scheduler.rpc.JobHandler;
import io.borealis.scheduler.rpc.JobLimits;
import io.borealis.scheduler.rpc.JobValidator;
import io.borealis.scheduler.rpc.SchedulerApi;
import io.borealis.scheduler.rpc.TaskConfigValidator;
import io.borealis.scheduler.rpc.TaskQueryHandler;
import io.borealis.scheduler.rpc.TierRegistry;
import io.borealis.scheduler.rpc.UpdateHandler;
import io.borealis.scheduler.runtime.Clock;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.PendingReasons;
import io.borealis.scheduler.store.NotAppliedException;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.update.UpdateEngine;
import io.borealis.scheduler.update.UpdatePolicy;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What stands behind the endpoints while this process does not lead. Calls do not come this far,
 * the leader check refuses them; if one did, it could change nothing.
 */
final class StandbyApi {
  private StandbyApi() {}

  static AuroraAdmin of(Injector process, EventLoop loop) {
    Writes refusing = new RefusingWrites();
    JobLimits limits = process.getInstance(JobLimits.class);
    TierRegistry tiers = process.getInstance(TierRegistry.class);
    Replica replica = process.getInstance(Replica.class);
    Clock clock = process.getInstance(Clock.class);
    TaskLifecycle lifecycle =
        new TaskLifecycle(
            process.getInstance(TaskPolicy.class),
            id -> {},
            "",
            UUID::randomUUID,
            () -> 0,
            process.getInstance(MeterRegistry.class));
    UpdateEngine updates =
        new UpdateEngine(
            process.getInstance(UpdatePolicy.class),
            refusing,
            lifecycle,
            loop,
            clock,
            process.getInstance(MeterRegistry.class),
            () -> UUID.randomUUID().toString());
    TaskConfigValidator tasks = new TaskConfigValidator(limits, tiers, config -> config);
    JobValidator jobs = new JobValidator(limits, tasks);
    return new SchedulerApi(
        new JobHandler(refusing, lifecycle, jobs, limits),
        new TaskQueryHandler(
            replica::durable,
            new PendingReasons(new OfferBook(), process.getInstance(Matcher.class), clock)),
        new UpdateHandler(
            refusing,
            replica::durable,
            updates,
            jobs,
            tasks,
            limits,
            () -> UUID.randomUUID().toString()),
        new ClusterInfoHandler(tiers));
  }

  private static final class RefusingWrites implements Writes {
    @Override
    public <T> CompletableFuture<T> submit(
        WriteClass writeClass, long deadlineNanos, Function<WriteTransaction, T> work) {
      return CompletableFuture.failedFuture(new NotAppliedException("Storage is not READY"));
    }
  }
}
