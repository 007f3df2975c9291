package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveInstanceProgress;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveUpdateProgress;
import io.borealis.api.storage.UpdateProgress;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A story of one update on virtual time: the real engine, task life and store; the test plays the
 * cluster and the user. Every step is followed by checks that hold always, and may be followed by a
 * failover. For one thread.
 *
 * <p>Histories are written as text: update events as {@code "STATUS by user: message"}, instance
 * events as {@code "0 updating"}, tasks as {@code "0 old RUNNING"}.
 */
final class UpdateScenario {
  static final String USER = "ann";
  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:]+Z");

  private final IntPredicate failsOver;
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final Map<String, TaskConfig> versions = new HashMap<>();
  private final List<String> kills = new ArrayList<>();
  private UpdatePolicy policy = UpdatePolicy.DEFAULT;
  private final PlayedSla sla = new PlayedSla();
  private TestStore store = TestStore.create();
  private TaskLifecycle lifecycle;
  private UpdateEngine engine;
  private @Nullable Reservations reservations;
  private JobKey job = Fixtures.JOB;
  private JobUpdateKey key = new JobUpdateKey(Fixtures.JOB, "none");
  private int asked;
  private int names;
  private int steps;
  private boolean held;
  private Duration watch = Duration.ZERO;
  private @Nullable JobUpdate update;

  private UpdateScenario(IntPredicate failsOver) {
    this.failsOver = failsOver;
    this.lifecycle = lifecycle();
    this.engine = engine();
  }

  /** A story without a failover of its own. */
  static UpdateScenario scenario() {
    return scenario(step -> false);
  }

  /** A story in which the leader dies after the steps with these numbers, from 1. */
  static UpdateScenario scenario(IntPredicate failsOver) {
    return new UpdateScenario(failsOver);
  }

  private TaskLifecycle lifecycle() {
    return new TaskLifecycle(
        TaskPolicy.DEFAULT,
        kills::add,
        "scheduler",
        () -> new UUID(0, ++names),
        () -> 0.5,
        new SimpleMeterRegistry());
  }

  /** Keeps agents for three minutes. */
  private Reservations reservations() {
    reservations =
        new Reservations(
            Duration.ofMinutes(3), store.loop(), store.clock(), new SimpleMeterRegistry());
    return reservations;
  }

  private UpdateEngine engine() {
    UpdateEngine next =
        new UpdateEngine(
            policy,
            store.writer(),
            lifecycle,
            reservations(),
            sla.of(store, meters),
            store.loop(),
            store.clock(),
            meters,
            () -> "token-" + ++names);
    store.react(next);
    return next;
  }

  /** From now on updates disregard tasks that the cluster took away. */
  UpdateScenario tolerant() {
    policy = policy.tolerant();
    return failover();
  }

  // ---- Before the update -----------------------------------------------------------------------

  /** Tasks that are there before the update. */
  record Have(String version, ScheduleStatus status, Duration age, ImmutableList<Integer> ids) {}

  /** Tasks of the old version that have been running for a day. */
  static Have running(Integer... ids) {
    return running("old", ids);
  }

  /** Tasks of a version that have been running for a day. */
  static Have running(String version, Integer... ids) {
    return have(version, ScheduleStatus.RUNNING, Duration.ofDays(1), ids);
  }

  /** Tasks of a version that have been in a state for some time. */
  static Have have(String version, ScheduleStatus status, Duration age, Integer... ids) {
    return new Have(version, status, age, ImmutableList.copyOf(ids));
  }

  /** Gives a version of the job other properties than the usual ones. */
  UpdateScenario version(String name, UnaryOperator<TaskConfig.Builder> change) {
    versions.put(name, change.apply(Fixtures.config(job, name).toBuilder()).build());
    return this;
  }

  TaskConfig config(String version) {
    return versions.computeIfAbsent(version, name -> Fixtures.config(job, name));
  }

  /** Goes on with another job; the one before is still there. */
  UpdateScenario elsewhere() {
    job = new JobKey("www-data", "prod", "elsewhere");
    versions.clear();
    return this;
  }

  /** Puts tasks there, as if they had always been. */
  UpdateScenario job(Have... tasks) {
    for (Have have : tasks) {
      for (int id : have.ids()) {
        write(tx -> tx.save(task(have, id)));
      }
    }
    return this;
  }

  /** The task of the instance is on a host, which is in some mode. */
  UpdateScenario onHost(int instance, String host, MaintenanceMode mode) {
    write(
        tx -> {
          ScheduledTask task = tx.state().tasks().activeOf(job, instance);
          tx.save(
              task.toBuilder()
                  .assignedTask(task.assignedTask().toBuilder().slaveHost(host).build())
                  .build());
          tx.change(
              new Op.SaveHostAttributes(
                  new SaveHostAttributes(
                      new HostAttributes(host, ImmutableSet.of(), mode, "agent-" + instance))));
        });
    return this;
  }

  private ScheduledTask task(Have have, int id) {
    long since = store.clock().wallMillis() - have.age().toMillis();
    ScheduledTask bare = Fixtures.task("had-" + ++names, config(have.version()), id, have.status());
    boolean waits =
        have.status() == ScheduleStatus.PENDING || have.status() == ScheduleStatus.THROTTLED;
    return bare.toBuilder()
        .assignedTask(bare.assignedTask().toBuilder().slaveId(waits ? null : "agent-" + id).build())
        .taskEvents(
            ImmutableList.of(
                TaskEvent.builder().timestamp(since).status(ScheduleStatus.PENDING).build(),
                TaskEvent.builder().timestamp(since).status(have.status()).build()))
        .build();
  }

  /** Makes the update of the story from what the job has now and what is asked. */
  UpdateScenario update(Ask.Word... words) {
    Map<Integer, TaskConfig> active = new TreeMap<>();
    for (ScheduledTask task : store.state().tasks().ofJob(job).active().values()) {
      active.put(task.assignedTask().instanceId(), task.assignedTask().task());
    }
    return updateOf(Ask.of(words).instructions(active, this::config));
  }

  /** Makes the update of the story from instructions; from now on it is the one talked about. */
  UpdateScenario updateOf(JobUpdateInstructions instructions) {
    key = new JobUpdateKey(job, "u" + ++asked);
    watch = Duration.ofMillis(instructions.settings().minWaitInInstanceRunningMs());
    update =
        JobUpdate.builder()
            .summary(JobUpdateSummary.builder().key(key).user(USER).build())
            .instructions(instructions)
            .build();
    return this;
  }

  /** Puts the update there as another leader may have left it: with these events, and no more. */
  UpdateScenario found(JobUpdateStatus... statuses) {
    Lock lock =
        Lock.builder()
            .key(new LockKey.Job(job))
            .token("found")
            .user(USER)
            .timestampMs(store.clock().wallMillis())
            .build();
    write(
        tx -> {
          tx.change(new Op.SaveJobUpdate(new SaveJobUpdate(asked())));
          tx.change(new Op.SaveJobLock(new SaveJobLock(lock)));
          tx.change(
              new Op.SaveUpdateProgress(
                  new SaveUpdateProgress(
                      key, UpdateProgress.builder().lockToken("found").build(), true)));
          for (JobUpdateStatus status : statuses) {
            tx.change(
                new Op.SaveJobUpdateEvent(
                    new SaveJobUpdateEvent(
                        new JobUpdateEvent(status, tx.nowMs(), null, null), key)));
          }
        });
    return this;
  }

  /** Adds events of instances to an update that was found. */
  UpdateScenario found(JobUpdateAction action, Integer... instances) {
    for (int instance : instances) {
      write(
          tx ->
              tx.change(
                  new Op.SaveJobInstanceUpdateEvent(
                      new SaveJobInstanceUpdateEvent(
                          new JobInstanceUpdateEvent(instance, tx.nowMs(), action, null), key))));
    }
    return this;
  }

  // ---- What the user does ----------------------------------------------------------------------

  UpdateScenario start() {
    JobUpdate started = update;
    return step(() -> write(tx -> engine.start(tx, started, said(null))));
  }

  UpdateScenario pause() {
    return pause(null);
  }

  UpdateScenario pause(@Nullable String message) {
    return step(() -> write(tx -> engine.pause(tx, key, said(message))));
  }

  UpdateScenario resume() {
    return resume(null);
  }

  UpdateScenario resume(@Nullable String message) {
    return step(() -> write(tx -> engine.resume(tx, key, said(message))));
  }

  UpdateScenario abort() {
    return step(() -> write(tx -> engine.abort(tx, key, said(null))));
  }

  UpdateScenario rollback() {
    return step(() -> write(tx -> engine.rollback(tx, key, said(null))));
  }

  /** An administrator releases the lock of the job. */
  UpdateScenario releaseLock(boolean expected) {
    return step(
        () ->
            write(
                tx -> assertThat(engine.releaseLock(tx, job, "eve") != null).isEqualTo(expected)));
  }

  /** An external service pulses, and is told this. */
  UpdateScenario pulse(JobUpdatePulseStatus expected) {
    return step(() -> assertThat(engine.pulse(store::state, key, USER)).isEqualTo(expected));
  }

  UpdateScenario pulse() {
    return pulse(JobUpdatePulseStatus.OK);
  }

  /** Expects the step to be refused with this text and to change nothing. */
  UpdateScenario refuses(Consumer<UpdateScenario> step, String text) {
    int entries = store.entries();
    assertThatThrownBy(() -> step.accept(this))
        .isInstanceOf(UpdateException.class)
        .hasMessage(text);
    assertThat(store.entries()).isEqualTo(entries);
    return this;
  }

  private static Audit said(@Nullable String message) {
    return new Audit(USER, message);
  }

  // ---- What the cluster does -------------------------------------------------------------------

  /** The active task of the instance goes through these states, one after the other. */
  UpdateScenario task(int instance, ScheduleStatus... statuses) {
    for (ScheduleStatus status : statuses) {
      step(
          () -> {
            String id = active(instance).assignedTask().taskId();
            write(
                tx ->
                    assertThat(lifecycle.changeState(tx, id, null, status, null))
                        .as("instance %s to %s", instance, status)
                        .isEqualTo(TaskLifecycle.Result.SUCCESS));
          });
    }
    return this;
  }

  /** A coordinator does something. */
  UpdateScenario coordinator(Consumer<PlayedSla> action) {
    return step(() -> action.accept(sla));
  }

  /** The coordinator that was asked first answers. */
  UpdateScenario says(String body) {
    return coordinator(played -> played.says(body));
  }

  /** Something is said of a task that has no effect on it. */
  UpdateScenario reports(String taskId, ScheduleStatus status) {
    return step(
        () ->
            write(
                tx ->
                    assertThat(lifecycle.changeState(tx, taskId, null, status, null))
                        .isNotEqualTo(TaskLifecycle.Result.SUCCESS)));
  }

  /** Something is said of a task that may have an effect on it, or come too late. */
  UpdateScenario tries(String taskId, ScheduleStatus status) {
    return step(
        () ->
            write(
                tx -> {
                  var unused = lifecycle.changeState(tx, taskId, null, status, null);
                }));
  }

  /** From now on nothing becomes durable; who says something gets no answer. */
  UpdateScenario hold() {
    store.hold();
    held = true;
    return this;
  }

  /** What was held back becomes durable. */
  UpdateScenario release() {
    held = false;
    return step(store::release);
  }

  /** The task that is being killed ends. */
  UpdateScenario killed(Integer... instances) {
    for (int instance : instances) {
      assertThat(active(instance).status())
          .as("instance %s", instance)
          .isEqualTo(ScheduleStatus.KILLING);
      task(instance, ScheduleStatus.KILLED);
    }
    return this;
  }

  /** Waiting tasks are placed and run. */
  UpdateScenario runs(Integer... instances) {
    for (int instance : instances) {
      if (active(instance).status() == ScheduleStatus.THROTTLED) {
        task(instance, ScheduleStatus.PENDING);
      }
      task(instance, ScheduleStatus.ASSIGNED, ScheduleStatus.STARTING, ScheduleStatus.RUNNING);
    }
    return this;
  }

  /** Waiting tasks run, and stay so for as long as the update wants to see. */
  UpdateScenario up(Integer... instances) {
    return runs(instances).advance(watch);
  }

  /** The old tasks end, and their replacements run for as long as the update wants to see. */
  UpdateScenario replaced(Integer... instances) {
    return killed(instances).up(instances);
  }

  /** Waiting tasks run and fail. */
  UpdateScenario fails(Integer... instances) {
    for (int instance : instances) {
      runs(instance).task(instance, ScheduleStatus.FAILED);
    }
    return this;
  }

  /** A task that has ended is forgotten. */
  UpdateScenario prunedTasksOf(int instance) {
    return step(
        () ->
            write(
                tx -> {
                  for (ScheduledTask task :
                      ImmutableList.copyOf(tx.state().tasks().ofJob(job).ended().values())) {
                    if (task.assignedTask().instanceId() == instance) {
                      tx.removeTask(task.assignedTask().taskId());
                    }
                  }
                }));
  }

  UpdateScenario advance(Duration time) {
    return step(() -> store.runtimes().advance(time));
  }

  /** The leader dies; the next one reads the journal and goes on. */
  UpdateScenario failover() {
    held = false;
    engine.close();
    store = store.failover();
    lifecycle = lifecycle();
    engine = engine();
    store.loop().execute(() -> engine.resumeAll(store.state()));
    store.runtimes().runReady();
    check();
    return this;
  }

  /** Changes the settings of the update behind the engine's back. */
  UpdateScenario settings(Ask.Word... words) {
    return settings(Ask.of(words).settings());
  }

  /** Takes the settings of the update away, as a record from elsewhere may lack them. */
  UpdateScenario withoutSettings() {
    return settings((JobUpdateSettings) null);
  }

  private UpdateScenario settings(@Nullable JobUpdateSettings settings) {
    UpdateRecord before = record();
    JobUpdate changed =
        before.update().toBuilder()
            .instructions(before.update().instructions().toBuilder().settings(settings).build())
            .build();
    List<Op> ops = new ArrayList<>();
    ops.add(new Op.SaveJobUpdate(new SaveJobUpdate(changed)));
    before
        .events()
        .forEach(event -> ops.add(new Op.SaveJobUpdateEvent(new SaveJobUpdateEvent(event, key))));
    before
        .instanceEvents()
        .forEach(
            event ->
                ops.add(
                    new Op.SaveJobInstanceUpdateEvent(new SaveJobInstanceUpdateEvent(event, key))));
    ops.add(new Op.SaveUpdateProgress(new SaveUpdateProgress(key, before.progress(), true)));
    ops.add(
        new Op.SaveInstanceProgress(
            new SaveInstanceProgress(key, ImmutableList.copyOf(before.instances().values()))));
    return tamper(ops.toArray(Op[]::new));
  }

  /** Changes the store behind the engine's back. */
  UpdateScenario tamper(Op... ops) {
    write(tx -> Arrays.asList(ops).forEach(tx::change));
    return this;
  }

  private void write(Consumer<WriteTransaction> work) {
    if (!held) {
      store.change(work);
      return;
    }
    var unused =
        store
            .writer()
            .submit(
                WriteClass.RPC,
                Long.MAX_VALUE,
                tx -> {
                  work.accept(tx);
                  return true;
                });
  }

  private UpdateScenario step(Runnable action) {
    action.run();
    store.runtimes().runReady();
    steps++;
    check();
    return failsOver.test(steps) ? failover() : this;
  }

  // ---- What is so ------------------------------------------------------------------------------

  int steps() {
    return steps;
  }

  JobKey job() {
    return job;
  }

  TestStore store() {
    return store;
  }

  JobUpdateKey key() {
    return key;
  }

  JobUpdate asked() {
    return Objects.requireNonNull(update);
  }

  MeterRegistry meters() {
    return meters;
  }

  /** The value of a counter, over all leaders of the story. */
  double count(String name) {
    return meters.get(name).counter().count();
  }

  UpdateEngine updates() {
    return engine;
  }

  UpdateRecord record() {
    UpdateRecord found = store.state().updates().get(key);
    assertThat(found).as("the update").isNotNull();
    return found;
  }

  ScheduledTask active(int instance) {
    ScheduledTask task = store.state().tasks().activeOf(job, instance);
    assertThat(task).as("active task of instance %s", instance).isNotNull();
    return task;
  }

  UpdateScenario expect(JobUpdateStatus status) {
    assertThat(record().status()).as("status after %s", record().events()).isEqualTo(status);
    return this;
  }

  /** Expects exactly these update events, in this order. */
  UpdateScenario events(String... expected) {
    assertThat(updateEvents()).containsExactly(expected);
    return this;
  }

  /** Expects exactly these instance events, in this order. */
  UpdateScenario history(String... expected) {
    assertThat(instanceEvents()).containsExactly(expected);
    return this;
  }

  /** Expects exactly these events of one instance, in this order. */
  UpdateScenario instance(int id, String... expected) {
    assertThat(instanceEvents().stream().filter(text -> text.startsWith(id + " ")))
        .containsExactly(
            Arrays.stream(expected).map(action -> id + " " + action).toArray(String[]::new));
    return this;
  }

  /** Expects exactly these active tasks. */
  UpdateScenario tasks(String... expected) {
    assertThat(activeTasks()).containsExactly(expected);
    return this;
  }

  /** Expects this sentence about why the update is not moving; T is when it was started. */
  UpdateScenario why(String sentence) {
    long started = record().createdMs() / 1000;
    assertThat(
            TIME.matcher(explanation().sentence())
                .replaceAll(
                    time -> "T+" + (Instant.parse(time.group()).getEpochSecond() - started) + "s"))
        .isEqualTo(sentence);
    return this;
  }

  /** Why the update is not moving; no offer has enough for what is PENDING. */
  Explanation explanation() {
    UpdateEngine asked = engine;
    Reservations keeper = reservations;
    LiveView live =
        new LiveView() {
          @Override
          public @Nullable Duration sincePulse(JobUpdateKey update) {
            return asked.sincePulse(update);
          }

          @Override
          public @Nullable SlaWait slaWait(JobUpdateKey update, int instance) {
            return asked.slaWait(update, instance);
          }

          @Override
          public @Nullable String keptAgent(InstanceKey instance) {
            return keeper.keptFor(instance);
          }

          @Override
          public String hindrance(State state, TaskConfig config) {
            return "no offer has 4 cpus";
          }
        };
    return Objects.requireNonNull(
        new Explainer(live, Duration.ofMinutes(15))
            .explain(store.state(), record(), store.clock().wallMillis()));
  }

  /** Expects that this agent is kept for the instance; null for none. */
  UpdateScenario keeps(int instance, @Nullable String agent) {
    assertThat(reservations.agentFor(new InstanceKey(job, instance)))
        .as("the agent of instance %s", instance)
        .isEqualTo(Optional.ofNullable(agent));
    return this;
  }

  /** The instance has got a place. */
  UpdateScenario placed(int instance) {
    return step(() -> reservations.placed(new InstanceKey(job, instance)));
  }

  /** Expects that so many kills were asked of the cluster. */
  UpdateScenario kills(int expected) {
    assertThat(kills).hasSize(expected);
    return this;
  }

  /** Everything that was recorded of the update, and what its job has now. */
  List<String> ending() {
    List<String> ending = new ArrayList<>(activeTasks());
    if (store.state().updates().get(key) != null) {
      ending.addAll(updateEvents());
      ending.addAll(instanceEvents());
    }
    return ending;
  }

  List<String> updateEvents() {
    return record().events().stream().map(UpdateScenario::text).toList();
  }

  List<String> instanceEvents() {
    return record().instanceEvents().stream().map(UpdateScenario::text).toList();
  }

  List<String> activeTasks() {
    Map<Integer, String> texts = new TreeMap<>();
    for (ScheduledTask task : store.state().tasks().ofJob(job).active().values()) {
      int id = task.assignedTask().instanceId();
      texts.put(
          id, id + " " + task.assignedTask().task().executorConfig().data() + " " + task.status());
    }
    return List.copyOf(texts.values());
  }

  private static String text(JobUpdateEvent event) {
    return event.status()
        + (event.user() == null ? "" : " by " + event.user())
        + (event.message() == null ? "" : ": " + event.message());
  }

  private static String text(JobInstanceUpdateEvent event) {
    return event.instanceId()
        + " "
        + Ascii.toLowerCase(event.action().name().replace("INSTANCE_", "")).replace('_', ' ')
        + (event.message() == null ? "" : ": " + event.message());
  }

  /** What holds after every step of every story. */
  private void check() {
    UpdateRecord now = store.state().updates().get(key);
    if (now == null) {
      return;
    }
    assertThat(now.working()).isEqualTo(count(now, InstanceProgressState.WORKING));
    assertThat(now.failed()).isEqualTo(count(now, InstanceProgressState.FAILED));
    JobUpdateSettings settings = now.update().instructions().settings();
    if (settings != null && Groups.isUsable(settings.updateStrategy())) {
      assertThat(now.working()).isLessThanOrEqualTo(widest(settings.updateStrategy()));
    }
    assertThat(now.instances().size()).isEqualTo(now.progress().started());
    assertThat(UpdateChanges.holdsLock(store.state(), now))
        .as("the update has the lock of the job while it is active")
        .isEqualTo(UpdateTransitions.isActive(now.status()));
    assertThat(ImmutableSet.copyOf(instanceEvents()))
        .as("no instance event comes twice")
        .hasSize(now.instanceEvents().size());
  }

  private static int count(UpdateRecord update, InstanceProgressState state) {
    return Iterables.size(
        Iterables.filter(update.instances().values(), progress -> progress.state() == state));
  }

  /** The largest group of a strategy. */
  static int widest(JobUpdateStrategy strategy) {
    if (strategy instanceof JobUpdateStrategy.QueueStrategy queue) {
      return queue.value().groupSize();
    } else if (strategy instanceof JobUpdateStrategy.BatchStrategy batch) {
      return batch.value().groupSize();
    } else if (strategy instanceof JobUpdateStrategy.VarBatchStrategy variable) {
      return Collections.max(variable.value().groupSizes());
    }
    throw new AssertionError(strategy);
  }
}
