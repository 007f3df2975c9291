package io.borealis.scheduler.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.HostStatus;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.codec.Bytes;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveHostMaintenanceRequest;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.scheduler.sla.CoordinatorHttp;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A story about hosts that are taken out of service, on virtual time. The coordinators and the
 * cluster are played by the test. For one thread.
 */
final class DrainScenario {
  static final Duration INTERVAL = Duration.ofMinutes(1);
  static final Duration LONG_AGO = Duration.ofDays(1);

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  /** What coordinators were asked, in this order. */
  final List<String> asked = new ArrayList<>();

  private final int minInstances;
  private final int batch;
  private final List<CompletableFuture<CoordinatorHttp.Reply>> open = new ArrayList<>();
  private TestStore store = TestStore.create();
  private TaskLifecycle lifecycle;
  private Drains drains;
  private Maintenance maintenance;
  private int names;

  private DrainScenario(int minInstances, int batch) {
    this.minInstances = minInstances;
    this.batch = batch;
    begin();
  }

  /** Every job is protected, whatever its tier. */
  static DrainScenario scenario() {
    return new DrainScenario(0, 300);
  }

  /** Few tasks are looked at in one transaction. */
  static DrainScenario inBatchesOf(int batch) {
    return new DrainScenario(0, batch);
  }

  private void begin() {
    SlaSettings settings =
        new SlaSettings(
            minInstances,
            true,
            Duration.ofMinutes(1),
            10,
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            batch);
    lifecycle =
        new TaskLifecycle(
            TaskPolicy.DEFAULT,
            id -> {},
            "scheduler",
            () -> new UUID(0, ++names),
            () -> 0.5,
            meters);
    Sla sla =
        new Sla(
            settings,
            config -> true,
            new Coordinators(this::post, store.loop(), "west", settings, meters),
            () -> 0.5);
    TaskDrain taskDrain = new TaskDrain(lifecycle, meters);
    drains =
        new Drains(
            INTERVAL,
            taskDrain,
            sla,
            store.writer(),
            store.loop(),
            store.clock(),
            store::state,
            meters);
    store.react(drains);
    maintenance = new Maintenance(taskDrain, drains, batch);
    Drains begun = drains;
    store.loop().execute(() -> begun.start(store.state()));
    store.runtimes().runReady();
  }

  private CompletableFuture<CoordinatorHttp.Reply> post(URI uri, byte[] body) {
    CompletableFuture<CoordinatorHttp.Reply> reply = new CompletableFuture<>();
    open.add(reply);
    asked.add(new String(body, StandardCharsets.UTF_8));
    return reply;
  }

  // ---- What is there ---------------------------------------------------------------------------

  DrainScenario host(String... names) {
    for (String name : names) {
      mode(name, MaintenanceMode.NONE);
    }
    return this;
  }

  /** Puts the host into a mode without anybody noticing. */
  DrainScenario mode(String name, MaintenanceMode mode) {
    return write(
        tx ->
            tx.change(
                new Op.SaveHostAttributes(
                    new SaveHostAttributes(
                        new HostAttributes(name, ImmutableSet.of(), mode, "agent-" + name)))));
  }

  DrainScenario loseRequest(String host) {
    return write(
        tx ->
            tx.change(new Op.RemoveHostMaintenanceRequest(new RemoveHostMaintenanceRequest(host))));
  }

  /** An instance of a job on a host that has been in a state for so long. */
  DrainScenario task(
      String job,
      int instance,
      String host,
      ScheduleStatus status,
      Duration age,
      @Nullable SlaPolicy policy) {
    long since = store.clock().wallMillis() - age.toMillis();
    TaskConfig config = Fixtures.config(key(job)).toBuilder().slaPolicy(policy).build();
    ScheduledTask bare =
        Fixtures.task(job + "-" + instance, config, instance, status).toBuilder()
            .taskEvents(
                ImmutableList.of(
                    TaskEvent.builder().timestamp(since).status(ScheduleStatus.PENDING).build(),
                    TaskEvent.builder().timestamp(since).status(status).build()))
            .build();
    return write(
        tx ->
            tx.save(
                bare.toBuilder()
                    .assignedTask(
                        bare.assignedTask().toBuilder()
                            .slaveHost(host)
                            .slaveId("agent-" + host)
                            .build())
                    .build()));
  }

  DrainScenario running(String job, int instance, String host, @Nullable SlaPolicy policy) {
    return task(job, instance, host, ScheduleStatus.RUNNING, LONG_AGO, policy);
  }

  static JobKey key(String job) {
    return new JobKey("www-data", "prod", job);
  }

  // ---- What operators do -----------------------------------------------------------------------

  ImmutableSet<HostStatus> schedule(String... names) {
    return ask(tx -> maintenance.announce(tx, ImmutableSet.copyOf(names)));
  }

  ImmutableSet<HostStatus> drain(String... names) {
    return ask(tx -> maintenance.drain(tx, ImmutableSet.copyOf(names)));
  }

  ImmutableSet<HostStatus> slaDrain(@Nullable SlaPolicy policy, long secs, String... names) {
    return ask(tx -> maintenance.slaDrain(tx, ImmutableSet.copyOf(names), policy, secs));
  }

  ImmutableSet<HostStatus> end(String... names) {
    return ask(tx -> maintenance.end(tx, ImmutableSet.copyOf(names)));
  }

  private ImmutableSet<HostStatus> ask(Function<WriteTransaction, ImmutableSet<HostStatus>> work) {
    return store.write(work);
  }

  // ---- What the cluster and coordinators do ----------------------------------------------------

  /** A task changes its state. */
  DrainScenario goes(String taskId, ScheduleStatus status) {
    return write(
        tx ->
            assertThat(lifecycle.changeState(tx, taskId, null, status, null))
                .isEqualTo(TaskLifecycle.Result.SUCCESS));
  }

  /** The replacement of an instance is placed elsewhere and runs. */
  DrainScenario replaced(String job, int instance, String host) {
    ScheduledTask next = store.state().tasks().activeOf(key(job), instance);
    String id = next.assignedTask().taskId();
    return write(
            tx -> {
              var unused =
                  lifecycle.assign(
                      tx, id, host, "agent-" + host, com.google.common.collect.ImmutableMap.of());
            })
        .goes(id, ScheduleStatus.RUNNING);
  }

  /** The coordinator that was asked first answers. */
  DrainScenario coordinatorSays(boolean yes) {
    byte[] body = ("{\"drain\": " + yes + "}").getBytes(StandardCharsets.UTF_8);
    open.remove(0).complete(new CoordinatorHttp.Reply(200, Bytes.copyOf(body), true));
    return passes(Duration.ZERO);
  }

  DrainScenario passes(Duration time) {
    store.runtimes().advance(time);
    return this;
  }

  DrainScenario stepWallClock(Duration step) {
    store.runtimes().stepWallClock(step);
    return this;
  }

  /** The leader dies, and the next one takes over. */
  DrainScenario failover() {
    open.clear();
    store = store.failover();
    begin();
    return this;
  }

  /** The leader stops in order. */
  DrainScenario close() {
    store.loop().execute(drains::close);
    return passes(Duration.ZERO);
  }

  DrainScenario write(Consumer<WriteTransaction> work) {
    store.change(work);
    return this;
  }

  // ---- What is to be seen ----------------------------------------------------------------------

  State state() {
    return store.state();
  }

  TestStore store() {
    return store;
  }

  MaintenanceMode mode(String host) {
    return HostMode.of(store.state(), host);
  }

  @Nullable HostMaintenanceRequest request(String host) {
    return store.state().maintenance().get(host);
  }

  /** The status of a task, or null when it is gone. */
  @Nullable ScheduleStatus status(String taskId) {
    ScheduledTask task = store.state().tasks().get(taskId);
    return task == null ? null : task.status();
  }

  /** The tasks that are in the state, by id. */
  List<String> tasksIn(ScheduleStatus status) {
    List<String> ids = new ArrayList<>();
    for (ScheduledTask task : store.state().tasks().all()) {
      if (task.status() == status) {
        ids.add(task.assignedTask().taskId());
      }
    }
    return ids.stream().sorted().toList();
  }

  /** How many tasks are in the state. */
  int count(ScheduleStatus status) {
    return tasksIn(status).size();
  }

  List<DrainWait> waits() {
    return drains.waits();
  }

  /** The gauges of countdowns, by the instance they are of. */
  List<String> countdowns() {
    return gauges()
        .map(name -> name.substring(name.lastIndexOf('_') + 1))
        .filter(name -> name.contains("/"))
        .sorted()
        .toList();
  }

  private Stream<String> gauges() {
    return meters.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .filter(name -> name.startsWith("maintenance_countdown_ms_"));
  }

  double countdownMs(String instance) {
    return meters.get("maintenance_countdown_ms_www-data/prod/" + instance).gauge().value();
  }
}
