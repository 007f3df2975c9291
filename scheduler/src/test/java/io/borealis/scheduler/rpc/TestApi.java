package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveQuota;
import io.borealis.scheduler.cluster.TaskRef;
import io.borealis.scheduler.cron.CronPolicy;
import io.borealis.scheduler.cron.CronRunner;
import io.borealis.scheduler.cron.CronTimer;
import io.borealis.scheduler.cron.CronTimetables;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.maintenance.Drains;
import io.borealis.scheduler.maintenance.Maintenance;
import io.borealis.scheduler.maintenance.TaskDrain;
import io.borealis.scheduler.reconcile.ReconcilePolicy;
import io.borealis.scheduler.reconcile.Reconciler;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.PendingReasons;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.tier.TierRegistry;
import io.borealis.scheduler.update.Explainer;
import io.borealis.scheduler.update.LiveView;
import io.borealis.scheduler.update.SlaWait;
import io.borealis.scheduler.update.UpdateEngine;
import io.borealis.scheduler.update.UpdatePolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The API over a real store on virtual time. For one thread. */
final class TestApi {
  static final int PRUNED_AT_ONCE = 10;

  final TestStore store;
  final OfferBook offers = new OfferBook();

  /** Ids of the tasks whose kill was asked of the cluster, in order. */
  final List<String> killed = new ArrayList<>();

  /** What the cluster was asked about tasks, question by question. */
  final List<List<TaskRef>> asked = new ArrayList<>();

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final SchedulerApi api;
  private final JobLimits limits;
  private int updates;

  TestApi() {
    this(JobLimits.DEFAULT);
  }

  TestApi(JobLimits limits) {
    this(limits, TestStore.create(), 0);
  }

  private TestApi(JobLimits limits, TestStore store, int started) {
    this.limits = limits;
    this.store = store;
    this.updates = started;
    TierRegistry tiers = TierRegistry.stock();
    TaskConfigValidator tasks = new TaskConfigValidator(limits, tiers, new EntryCodec()::shared);
    JobValidator jobs = new JobValidator(limits, tasks);
    TaskLifecycle lifecycle =
        new TaskLifecycle(
            TaskPolicy.DEFAULT,
            killed::add,
            "scheduler.example",
            UUID::randomUUID,
            () -> 0.5,
            meters);
    UpdateEngine engine =
        new UpdateEngine(
            UpdatePolicy.DEFAULT,
            store.writer(),
            lifecycle,
            new Reservations(Duration.ZERO, store.loop(), store.clock(), new SimpleMeterRegistry()),
            sla(tiers),
            store.loop(),
            store.clock(),
            meters,
            () -> "token-" + updates);
    store.react(engine);
    TaskDrain taskDrain = new TaskDrain(lifecycle, meters);
    Drains drains =
        new Drains(
            Duration.ofMinutes(1),
            taskDrain,
            sla(tiers),
            store.writer(),
            store.loop(),
            store.clock(),
            store::state,
            meters);
    store.react(drains);
    CronTimetables timetables = new CronTimetables(CronPolicy.DEFAULT.zone());
    CronRunner cronRunner =
        new CronRunner(CronPolicy.DEFAULT, timetables, lifecycle, store.clock(), meters);
    CronTimer cronTimer =
        new CronTimer(
            CronPolicy.DEFAULT,
            timetables,
            cronRunner,
            store::state,
            store.writer(),
            store.loop(),
            Runnable::run,
            store.clock(),
            meters);
    store.react(cronRunner);
    cronTimer.start(store.state());
    Reconciler reconciler =
        new Reconciler(
            ReconcilePolicy.DEFAULT, store::state, asked::add, store.loop(), store.loop(), meters);
    PendingReasons reasons = new PendingReasons(offers, Matcher.create(), store.clock());
    api =
        new SchedulerApi(
            new SchedulerApi.Families(
                new JobHandler(store.writer(), lifecycle, jobs, limits, meters),
                new CronHandler(store.writer(), cronRunner, cronTimer, timetables, jobs, limits),
                new TaskQueryHandler(store::state, reasons, timetables, store.clock(), meters),
                new UpdateHandler(
                    store.writer(),
                    store::state,
                    engine,
                    jobs,
                    tasks,
                    limits,
                    () -> "update-" + ++updates,
                    meters),
                new UpdateReads(store::state, store.clock(), jobs, tasks, limits, meters),
                new UpdateExplanations(
                    store::state,
                    new Explainer(new View(engine, reasons), Duration.ofMinutes(15)),
                    store.clock()),
                new QuotaHandler(store.writer(), store::state),
                new TaskAdminHandler(
                    store.writer(), store::state, lifecycle, PRUNED_AT_ONCE, meters),
                new MaintenanceHandler(
                    store.writer(), store::state, new Maintenance(taskDrain, drains, 300), drains),
                TestBackups.none(store),
                new ReconciliationHandler(reconciler),
                new ClusterInfoHandler(tiers),
                new LockHandler(store.writer(), store::state, engine)));
  }

  /** The API of the next leader, as after the death of this one. */
  TestApi failover() {
    return new TestApi(limits, store.failover(), updates);
  }

  private record View(UpdateEngine engine, PendingReasons reasons) implements LiveView {
    @Override
    public @Nullable Duration sincePulse(JobUpdateKey key) {
      return engine.sincePulse(key);
    }

    @Override
    public @Nullable SlaWait slaWait(JobUpdateKey key, int instance) {
      return engine.slaWait(key, instance);
    }

    @Override
    public @Nullable String keptAgent(InstanceKey instance) {
      return null;
    }

    @Override
    public String hindrance(State state, TaskConfig config) {
      return reasons.hindrance(state, config);
    }
  }

  private Sla sla(TierRegistry tiers) {
    SlaSettings settings = SlaSettings.DEFAULT;
    return new Sla(
        settings,
        tiers::isProduction,
        new Coordinators(
            (uri, body) -> new CompletableFuture<>(),
            store.loop(),
            "west",
            settings,
            new SimpleMeterRegistry()),
        () -> 0.5);
  }

  /** The circumstances of a call by Ann who has a minute. */
  CallContext call() {
    return new CallContext(
        "r1", "ann", "10.0.0.1", store.clock().nanoTime() + Duration.ofMinutes(1).toNanos());
  }

  /** Starts an update, without a message. */
  CompletionStage<Response> start(@Nullable JobUpdateRequest request) {
    return api.startJobUpdate(call(), request, null);
  }

  /** The active update of the job. */
  UpdateRecord updating() {
    return Iterables.getOnlyElement(state().updates().activeOf(Samples.JOB));
  }

  /** Runs a call to its end. */
  Response get(CompletionStage<Response> call) {
    CompletableFuture<Response> answer = call.toCompletableFuture();
    store.runtimes().runReady();
    assertThat(answer).isDone();
    return answer.join();
  }

  /** The payload of a call that succeeds without a detail. */
  Result result(CompletionStage<Response> call) {
    Response answer = get(call);
    assertThat(texts(answer)).isEmpty();
    assertThat(answer.responseCode()).isEqualTo(ResponseCode.OK);
    return answer.result();
  }

  /** Expects plain success. */
  void ok(CompletionStage<Response> call) {
    assertThat(result(call)).isNull();
  }

  /** Expects success with this detail. */
  void ok(CompletionStage<Response> call, String detail) {
    assertAnswer(get(call), ResponseCode.OK, detail);
  }

  /** Expects this refusal, and that nothing was written. */
  void refused(CompletionStage<Response> call, ResponseCode code, String text) {
    int entries = store.entries();
    Response answer = get(call);
    assertAnswer(answer, code, text);
    assertThat(answer.result()).isNull();
    assertThat(store.entries()).isEqualTo(entries);
  }

  /** Expects this refusal as INVALID_REQUEST, and that nothing was written. */
  void invalid(CompletionStage<Response> call, String text) {
    refused(call, ResponseCode.INVALID_REQUEST, text);
  }

  static void assertAnswer(Response answer, ResponseCode code, String text) {
    assertThat(texts(answer)).containsExactly(text);
    assertThat(answer.responseCode()).isEqualTo(code);
  }

  private static List<String> texts(Response answer) {
    return answer.details().stream().map(ResponseDetail::message).toList();
  }

  State state() {
    return store.state();
  }

  /** The active tasks of the job, by instance. */
  List<ScheduledTask> active(JobKey job) {
    List<ScheduledTask> tasks =
        new ArrayList<>(state().tasks().ofJob(job).active().asMap().values());
    tasks.sort(java.util.Comparator.comparing(task -> task.assignedTask().instanceId()));
    return tasks;
  }

  /** Instance ids and statuses of the job's active tasks, such as {@code 0:RUNNING}. */
  List<String> statuses(JobKey job) {
    return active(job).stream()
        .map(task -> task.assignedTask().instanceId() + ":" + task.status())
        .toList();
  }

  /** Puts tasks of these instances into State. */
  ImmutableList<ScheduledTask> have(TaskConfig config, ScheduleStatus status, int... instances) {
    ImmutableList.Builder<ScheduledTask> tasks = ImmutableList.builder();
    for (int instance : instances) {
      tasks.add(Samples.task(config, instance, status, store.clock().wallMillis()));
    }
    ImmutableList<ScheduledTask> all = tasks.build();
    store.change(tx -> all.forEach(tx::save));
    return all;
  }

  /** Puts a job of running tasks into State. */
  TaskConfig haveRunning(int... instances) {
    TaskConfig config = Samples.stored(Samples.JOB);
    ImmutableList<ScheduledTask> unused = have(config, ScheduleStatus.RUNNING, instances);
    return config;
  }

  /** Puts a cron job into State. */
  void haveCron(JobKey key) {
    change(
        new Op.SaveCronJob(
            new SaveCronJob(
                Samples.job(2).toBuilder()
                    .key(key)
                    .cronSchedule("* * * * *")
                    .taskConfig(Samples.stored(key).toBuilder().isService(false).build())
                    .build())));
  }

  /** Puts an update with this status into State, without anything that drives it. */
  void haveUpdate(JobUpdate update, JobUpdateStatus status) {
    change(new Op.SaveJobUpdate(new SaveJobUpdate(update)));
    change(
        new Op.SaveJobUpdateEvent(
            new SaveJobUpdateEvent(
                JobUpdateEvent.builder()
                    .status(status)
                    .timestampMs(store.clock().wallMillis())
                    .build(),
                update.summary().key())));
  }

  /** Adds an event of an instance to an update. */
  void haveEvent(JobUpdateKey key, int instance, JobUpdateAction action) {
    change(
        new Op.SaveJobInstanceUpdateEvent(
            new SaveJobInstanceUpdateEvent(
                new JobInstanceUpdateEvent(instance, store.clock().wallMillis(), action, null),
                key)));
  }

  /** Gives the role a quota. */
  void haveQuota(String role, double cpus, long ramMb, long diskMb) {
    change(
        new Op.SaveQuota(
            new SaveQuota(role, new ResourceAggregate(Samples.resources(cpus, ramMb, diskMb)))));
  }

  private void change(Op op) {
    store.change(tx -> tx.change(op));
  }
}
