package io.borealis.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.leader.Term;
import io.borealis.scheduler.rpc.SchedulerApi;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.scheduling.SchedulingLoop;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Writer;
import io.borealis.scheduler.task.StatusUpdateHandler;
import io.borealis.scheduler.task.TaskStates;
import io.borealis.scheduler.task.TaskTimers;
import io.borealis.scheduler.update.UpdateEngine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One term of a leader: its object graph, brought to life and closed as a whole. */
public final class LeaderTerm implements Term {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderTerm.class);
  private static final ImmutableSet<ScheduleStatus> TO_BE_KILLED =
      ImmutableSet.of(
          ScheduleStatus.KILLING,
          ScheduleStatus.PREEMPTING,
          ScheduleStatus.RESTARTING,
          ScheduleStatus.DRAINING);

  private final long epoch;
  private final EventLoop loop;
  private final Consumer<@Nullable SchedulerApi> serve;
  private final Replica replica;
  private final Writer writer;
  private final Snapshotter snapshotter;
  private final ClusterDriver driver;
  private final TaskTimers timers;
  private final SchedulingLoop scheduling;
  private final Reservations reservations;
  private final UpdateEngine updates;
  private final ImmutableList<TermService> services;
  private final StatusUpdateHandler statusUpdates;
  private final SchedulerApi api;
  private final Counter agentsLost;

  /**
   * @param serve receives what answers calls from now on, and null at the end
   */
  public LeaderTerm(
      long epoch, Injector graph, EventLoop loop, Consumer<@Nullable SchedulerApi> serve) {
    this.epoch = epoch;
    this.loop = loop;
    this.serve = serve;
    this.replica = graph.getInstance(Replica.class);
    this.writer = graph.getInstance(Writer.class);
    this.snapshotter = graph.getInstance(Snapshotter.class);
    this.driver = graph.getInstance(ClusterDriver.class);
    this.timers = graph.getInstance(TaskTimers.class);
    this.scheduling = graph.getInstance(SchedulingLoop.class);
    this.reservations = graph.getInstance(Reservations.class);
    this.updates = graph.getInstance(UpdateEngine.class);
    this.services = graph.getInstance(Key.get(new TypeLiteral<ImmutableList<TermService>>() {}));
    this.statusUpdates = graph.getInstance(StatusUpdateHandler.class);
    this.api = graph.getInstance(SchedulerApi.class);
    this.agentsLost = graph.getInstance(MeterRegistry.class).counter("slaves_lost");
  }

  /**
   * Effects follow from durable State, so all of them are asked for again: kills that may have been
   * lost, the true state of every placed task, timers, updates.
   */
  @Override
  public CompletionStage<Void> activate() {
    CompletableFuture<Void> active = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            State state = replica.durable();
            ImmutableList.Builder<ScheduledTask> placed = ImmutableList.builder();
            ImmutableList.Builder<TaskRef> refs = ImmutableList.builder();
            for (ScheduledTask task : state.tasks().all()) {
              if (TaskStates.isAssigned(task.status())) {
                placed.add(task);
                refs.add(new TaskRef(task.assignedTask().taskId(), task.assignedTask().slaveId()));
              }
            }
            ImmutableList<ScheduledTask> known = placed.build();
            driver.start(new Listener(), epoch, known);
            timers.resume(state);
            for (ScheduledTask task : known) {
              if (TO_BE_KILLED.contains(task.status())) {
                driver.kill(task.assignedTask().taskId());
              }
            }
            ImmutableList<TaskRef> reconciled = refs.build();
            if (!reconciled.isEmpty()) {
              driver.reconcile(reconciled);
            }
            driver.reconcile(ImmutableList.of());
            updates.resumeAll(state);
            services.forEach(service -> service.start(state));
            scheduling.start();
            serve.accept(api);
            LOG.atInfo()
                .addKeyValue("epoch", epoch)
                .addKeyValue("tasks", state.tasks().size())
                .addKeyValue("updates", state.updates().size())
                .log("Everything that follows from the stored state is under way again");
            active.complete(null);
          } catch (RuntimeException | Error failure) {
            active.completeExceptionally(failure);
          }
        });
    return active;
  }

  @Override
  public CompletionStage<Void> drain(String reason) {
    writer.close("Storage is not READY");
    return writer.flushed();
  }

  @Override
  public void close() {
    serve.accept(null);
    driver.close();
    scheduling.close();
    reservations.close();
    loop.execute(
        () -> {
          timers.close();
          updates.close();
          services.reverse().forEach(TermService::close);
          snapshotter.close();
        });
    writer.close();
  }

  private final class Listener implements ClusterListener {
    @Override
    public void onOffer(Offer offer) {
      scheduling.onOffer(offer);
    }

    @Override
    public void onOfferRescinded(String offerId) {
      scheduling.onOfferRescinded(offerId);
    }

    @Override
    public void onStatus(StatusUpdate update) {
      statusUpdates.handle(update);
    }

    @Override
    public void onAgentLost(String agentId) {
      agentsLost.increment();
      scheduling.onAgentLost(agentId);
    }
  }
}
