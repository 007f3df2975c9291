package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Streams;
import io.borealis.api.AssignedTask;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.task.TaskLifecycle.Result;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The life of tasks on a real store on virtual time, with every chance at one half. */
final class TestTasks {
  static final String SCHEDULER = "scheduler.example";

  final TestStore store;
  final TaskLifecycle lifecycle;
  final MeterRegistry meters = new SimpleMeterRegistry();

  /** Ids of the tasks whose kill was asked of the cluster, in order. */
  final List<String> killed = new ArrayList<>();

  private int ids;

  TestTasks() {
    this(TestStore.create());
  }

  private TestTasks(TestStore store) {
    this.store = store;
    this.lifecycle =
        new TaskLifecycle(
            TaskPolicy.DEFAULT,
            killed::add,
            SCHEDULER,
            () -> new UUID(0, ++ids),
            () -> 0.5,
            meters);
  }

  /** The same cluster under the next leader, which knows what was durable. */
  TestTasks failover() {
    TestTasks next = new TestTasks(store.failover());
    next.ids = ids;
    return next;
  }

  /** Starts the timers of a leader, for all tasks that State has. */
  TaskTimers startTimers() {
    TaskTimers timers =
        new TaskTimers(
            TaskPolicy.DEFAULT,
            store.writer(),
            lifecycle,
            killed::add,
            store.loop(),
            store.clock(),
            store::state,
            () -> 0.5,
            meters);
    store.react(timers);
    store.loop().execute(() -> timers.resume(store.state()));
    store.runtimes().runReady();
    return timers;
  }

  /** A service. */
  static TaskConfig service() {
    return Fixtures.config(Fixtures.JOB);
  }

  /** A task that ends for good once it has failed so often. */
  static TaskConfig oneOff(int maxFailures) {
    return service().toBuilder().isService(false).maxTaskFailures(maxFailures).build();
  }

  /** A service that says what becomes of it when it is partitioned. */
  static TaskConfig partitioned(PartitionPolicy policy) {
    return service().toBuilder().partitionPolicy(policy).build();
  }

  /** A task that was just throttled, for 67.5 s, as its two ancestors failed at once. */
  String throttled() {
    String first = have(service(), ScheduleStatus.RUNNING);
    go(first, ScheduleStatus.FAILED);
    String second = successor(first).assignedTask().taskId();
    go(second, ScheduleStatus.ASSIGNED, ScheduleStatus.RUNNING, ScheduleStatus.FAILED);
    String third = successor(second).assignedTask().taskId();
    assertThat(history(third)).containsExactly(ScheduleStatus.THROTTLED);
    return third;
  }

  /** Puts a task of instance 3 into State that went through these states just now. */
  String have(TaskConfig config, ScheduleStatus... history) {
    long now = store.clock().wallMillis();
    String id = "task-" + ++ids;
    ScheduledTask task =
        ScheduledTask.builder()
            .assignedTask(
                AssignedTask.builder()
                    .taskId(id)
                    .task(config)
                    .instanceId(3)
                    .slaveHost("host-1")
                    .slaveId("agent-1")
                    .assignedPorts(ImmutableMap.of("http", 31000))
                    .build())
            .status(history[history.length - 1])
            .taskEvents(
                Arrays.stream(history)
                    .map(status -> new TaskEvent(now, status, null, SCHEDULER))
                    .collect(ImmutableList.toImmutableList()))
            .build();
    store.change(tx -> tx.save(task));
    return id;
  }

  /** Inserts a pending task of the instance. */
  String insert(TaskConfig config, int instance) {
    return store.write(
        tx ->
            lifecycle
                .insertPending(tx, config, ImmutableSet.of(instance))
                .get(0)
                .assignedTask()
                .taskId());
  }

  Result change(String id, ScheduleStatus target) {
    return change(id, null, target, null);
  }

  Result change(
      String id,
      @Nullable ScheduleStatus expected,
      ScheduleStatus target,
      @Nullable String message) {
    return store.write(tx -> lifecycle.changeState(tx, id, expected, target, message));
  }

  /** Takes the task through these states, all of which must be allowed. */
  void go(String id, ScheduleStatus... targets) {
    for (ScheduleStatus target : targets) {
      assertThat(change(id, target)).as("to %s", target).isEqualTo(Result.SUCCESS);
    }
  }

  void advance(Duration duration) {
    store.runtimes().advance(duration);
  }

  /** A task that is in State. */
  ScheduledTask task(String id) {
    ScheduledTask task = find(id);
    assertThat(task).as("task %s", id).isNotNull();
    return task;
  }

  /** A task, or null when State does not have it. */
  @Nullable ScheduledTask find(String id) {
    return store.state().tasks().get(id);
  }

  /** The states a task went through. */
  List<ScheduleStatus> history(String id) {
    return task(id).taskEvents().stream().map(TaskEvent::status).toList();
  }

  /** What is recorded with the last event of a task. */
  @Nullable String message(String id) {
    ImmutableList<TaskEvent> events = task(id).taskEvents();
    return events.get(events.size() - 1).message();
  }

  /** The tasks that come after one: none, or its successor. */
  List<ScheduledTask> successors(String id) {
    return Streams.stream(store.state().tasks().all())
        .filter(task -> id.equals(task.ancestorId()))
        .toList();
  }

  /** The one successor of a task. */
  ScheduledTask successor(String id) {
    List<ScheduledTask> successors = successors(id);
    assertThat(successors).as("successors of %s", id).hasSize(1);
    return successors.get(0);
  }
}
