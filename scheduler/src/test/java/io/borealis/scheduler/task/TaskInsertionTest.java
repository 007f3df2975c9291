package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.task.TestTasks.oneOff;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.AssignedTask;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** How tasks come to be, are placed and are removed: task rules, sections 1.1, 1.2, 9 and 15. */
public class TaskInsertionTest {
  private final TestTasks tasks = new TestTasks();

  private ImmutableList<ScheduledTask> insert(Integer... instances) {
    return tasks.store.write(
        tx -> tasks.lifecycle.insertPending(tx, service(), ImmutableList.copyOf(instances)));
  }

  @Test
  public void aNewTaskIsPendingAndHasNothingElse() {
    ScheduledTask task = insert(7).get(0);

    assertThat(task)
        .isEqualTo(
            ScheduledTask.builder()
                .assignedTask(
                    AssignedTask.builder()
                        .taskId("www-data-prod-hello-7-00000000-0000-0000-0000-000000000001")
                        .task(service())
                        .instanceId(7)
                        .assignedPorts(ImmutableMap.of())
                        .build())
                .status(PENDING)
                .taskEvents(
                    ImmutableList.of(
                        new TaskEvent(
                            tasks.store.clock().wallMillis(), PENDING, null, TestTasks.SCHEDULER)))
                .build());
    assertThat(tasks.task(task.assignedTask().taskId())).isEqualTo(task);
  }

  @Test
  public void manyInstancesComeInOneEntryEachWithItsOwnId() {
    int entries = tasks.store.entries();
    ImmutableList<ScheduledTask> all = insert(0, 1, 2, 5);
    assertThat(all)
        .extracting(task -> task.assignedTask().instanceId())
        .containsExactly(0, 1, 2, 5);
    assertThat(all).extracting(task -> task.assignedTask().taskId()).doesNotHaveDuplicates();
    assertThat(tasks.store.state().tasks().all()).containsExactlyInAnyOrderElementsOf(all);
    assertThat(tasks.store.entries()).isEqualTo(entries + 1);
  }

  @Test
  public void anActiveTaskOfAnInstanceRefusesTheWholeCall() {
    ImmutableList<ScheduledTask> there = insert(1);
    assertThatThrownBy(() -> insert(0, 1, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Instance ID collision detected.");
    assertThat(tasks.store.state().tasks().all()).containsExactlyElementsOf(there);
  }

  @Test
  public void anInstanceNamedTwiceIsACollisionToo() {
    assertThatThrownBy(() -> insert(0, 0)).hasMessage("Instance ID collision detected.");
    assertThat(tasks.store.state().tasks().size()).isZero();
  }

  @Test
  public void anEndedTaskOfAnInstanceIsNoObstacle() {
    String ended = tasks.have(oneOff(1), FINISHED);
    insert(3);
    assertThat(tasks.task(ended).status()).isEqualTo(FINISHED);
    assertThat(tasks.store.state().tasks().activeOf(service().job(), 3)).isNotNull();
  }

  @Test
  public void noInstancesIsAnError() {
    assertThatThrownBy(this::insert).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  public void anIdHasLettersDigitsDashesAndUnderscoresOnly() {
    JobKey odd = new JobKey("web.x", "staging1", "a_b.c/ü d");
    String id = tasks.insert(service().toBuilder().job(odd).build(), 12);
    assertThat(id).isEqualTo("web-x-staging1-a_b-c---d-12-00000000-0000-0000-0000-000000000001");
  }

  @Test
  public void anAssignedTaskHasItsPlaceAndPorts() {
    String id = tasks.insert(service(), 0);
    ScheduledTask before = tasks.task(id);

    ScheduledTask assigned =
        tasks.store.write(
            tx -> tasks.lifecycle.assign(tx, id, "host-2", "agent-2", ImmutableMap.of("http", 80)));

    assertThat(assigned).isEqualTo(tasks.task(id));
    assertThat(assigned.assignedTask())
        .isEqualTo(
            before.assignedTask().toBuilder()
                .slaveHost("host-2")
                .slaveId("agent-2")
                .assignedPorts(ImmutableMap.of("http", 80))
                .build());
    assertThat(assigned.status()).isEqualTo(ASSIGNED);
    assertThat(tasks.history(id)).containsExactly(PENDING, ASSIGNED);
    assertThat(Iterables.getLast(assigned.taskEvents()).message()).isNull();
    assertThat(tasks.store.state().tasks().onHost("host-2")).containsExactly(assigned);
  }

  @Test
  public void onlyAPendingTaskCanBeAssigned() {
    String id = tasks.have(service(), RUNNING);
    ScheduledTask before = tasks.task(id);
    for (String each : List.of(id, "nobody")) {
      assertThatThrownBy(
              () ->
                  tasks.store.write(
                      tx ->
                          tasks.lifecycle.assign(tx, each, "host-2", "agent-2", ImmutableMap.of())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Task " + each + " is not PENDING");
    }
    assertThat(tasks.task(id)).isEqualTo(before);
  }

  @Test
  public void deletionRemovesWhateverIsThere() {
    String running = tasks.have(service(), RUNNING);
    String ended = tasks.have(oneOff(1), FINISHED);
    String kept = tasks.have(oneOff(1), FINISHED);
    List<String> gone = new ArrayList<>();
    tasks.store.react(new Deletions(gone));

    tasks.store.change(tx -> tasks.lifecycle.delete(tx, ImmutableSet.of(running, "nobody", ended)));

    assertThat(tasks.store.state().tasks().all()).containsExactly(tasks.task(kept));
    assertThat(gone).containsExactlyInAnyOrder(running, ended);
    assertThat(tasks.killed).isEmpty();
  }

  @Test
  public void deletionOfNothingWritesNothing() {
    int entries = tasks.store.entries();
    tasks.store.change(tx -> tasks.lifecycle.delete(tx, ImmutableSet.of("nobody")));
    assertThat(tasks.store.entries()).isEqualTo(entries);
  }

  /** Notes the tasks that go. */
  private record Deletions(List<String> ids) implements Reaction {
    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      if (change.after() == null) {
        ids.add(change.task().assignedTask().taskId());
      }
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      throw failure;
    }
  }
}
