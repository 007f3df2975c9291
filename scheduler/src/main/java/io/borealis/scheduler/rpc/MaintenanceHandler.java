package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.DrainHostsResult;
import io.borealis.api.EndMaintenanceResult;
import io.borealis.api.HostStatus;
import io.borealis.api.Hosts;
import io.borealis.api.MaintenanceStatusResult;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.SlaPolicy;
import io.borealis.api.StartMaintenanceResult;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.maintenance.DrainWait;
import io.borealis.scheduler.maintenance.Drains;
import io.borealis.scheduler.maintenance.Maintenance;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes hosts out of service and back (API rules, section 14.3). Thread-safe. */
public final class MaintenanceHandler {
  /** Most hosts whose mode is changed in one transaction. */
  static final int MAX_HOSTS = 10_000;

  private final Writes writes;
  private final Supplier<State> state;
  private final Maintenance maintenance;
  private final Drains drains;

  /**
   * @param state the durable State
   */
  public MaintenanceHandler(
      Writes writes, Supplier<State> state, Maintenance maintenance, Drains drains) {
    this.writes = writes;
    this.state = state;
    this.maintenance = maintenance;
    this.drains = drains;
  }

  /** The tasks that may not leave their hosts yet; not a part of Aurora's API. */
  public ImmutableList<DrainWait> waits() {
    return drains.waits();
  }

  CompletionStage<Response> startMaintenance(CallContext call, @Nullable Hosts hosts) {
    ImmutableSet<String> names = toChange(hosts);
    return write(
        call,
        tx ->
            new Result.StartMaintenanceResult(
                new StartMaintenanceResult(maintenance.announce(tx, names))));
  }

  CompletionStage<Response> drainHosts(CallContext call, @Nullable Hosts hosts) {
    ImmutableSet<String> names = toChange(hosts);
    return write(call, tx -> drained(maintenance.drain(tx, names)));
  }

  CompletionStage<Response> maintenanceStatus(CallContext call, @Nullable Hosts hosts) {
    ImmutableSet<HostStatus> statuses = Maintenance.status(state.get(), names(hosts));
    return CompletableFuture.completedFuture(
        Responses.ok(new Result.MaintenanceStatusResult(new MaintenanceStatusResult(statuses))));
  }

  CompletionStage<Response> endMaintenance(CallContext call, @Nullable Hosts hosts) {
    ImmutableSet<String> names = toChange(hosts);
    return write(
        call,
        tx ->
            new Result.EndMaintenanceResult(new EndMaintenanceResult(maintenance.end(tx, names))));
  }

  CompletionStage<Response> slaDrainHosts(
      CallContext call,
      @Nullable Hosts hosts,
      @Nullable SlaPolicy defaultSlaPolicy,
      long timeoutSecs) {
    ImmutableSet<String> names = toChange(hosts);
    DrainRequests.validate(defaultSlaPolicy, timeoutSecs);
    return write(
        call, tx -> drained(maintenance.slaDrain(tx, names, defaultSlaPolicy, timeoutSecs)));
  }

  private static Result drained(ImmutableSet<HostStatus> statuses) {
    return new Result.DrainHostsResult(new DrainHostsResult(statuses));
  }

  private static ImmutableSet<String> toChange(@Nullable Hosts hosts) {
    ImmutableSet<String> names = names(hosts);
    if (names.size() > MAX_HOSTS) {
      throw Refusal.invalid(
          "hosts.hostNames must have at most "
              + MAX_HOSTS
              + " names, but has "
              + names.size()
              + ".");
    }
    return names;
  }

  private static ImmutableSet<String> names(@Nullable Hosts hosts) {
    return Arguments.required(hosts, "hosts").hostNames();
  }

  private CompletionStage<Response> write(
      CallContext call, Function<WriteTransaction, Result> work) {
    return writes.submit(WriteClass.RPC, call.deadlineNanos(), tx -> Responses.ok(work.apply(tx)));
  }
}
