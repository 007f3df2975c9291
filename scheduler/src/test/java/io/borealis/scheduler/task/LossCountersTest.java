package io.borealis.scheduler.task;

import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.scheduler.task.TestTasks.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.HostAttributes;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.thrift.Vars;
import java.util.Map;
import org.junit.Test;

/** What operators see of tasks that failed or were lost, under the names they know. */
public class LossCountersTest {
  private final TestTasks tasks = new TestTasks();

  public LossCountersTest() {
    tasks.store.react(new LossCounters(tasks.meters));
  }

  private void host(Attribute... attributes) {
    tasks.store.change(
        tx ->
            tx.change(
                new Op.SaveHostAttributes(
                    new SaveHostAttributes(
                        HostAttributes.builder()
                            .host("host-1")
                            .slaveId("agent-1")
                            .attributes(ImmutableSet.copyOf(attributes))
                            .build()))));
  }

  private Map<String, Number> vars() {
    return new Vars(tasks.meters).all();
  }

  @Test
  public void failuresAndLossesAreCountedByJob() {
    for (int i = 0; i < 2; i++) {
      tasks.go(tasks.have(service(), RUNNING), FAILED);
    }
    tasks.go(tasks.have(service(), RUNNING), LOST);
    tasks.go(tasks.have(service(), RUNNING), KILLED);
    assertThat(vars())
        .containsEntry("tasks_FAILED_www-data/prod/hello", 2L)
        .containsEntry("tasks_LOST_www-data/prod/hello", 1L)
        .doesNotContainKey("tasks_KILLED_www-data/prod/hello");
  }

  @Test
  public void lossesAreCountedByRackAndByWhatTheHostIsDedicatedTo() {
    host(
        new Attribute("rack", ImmutableSet.of("b")),
        new Attribute("dedicated", ImmutableSet.of("*/web.multi")));
    tasks.go(tasks.have(service(), RUNNING), LOST);
    tasks.go(tasks.have(service(), RUNNING), FAILED);
    assertThat(vars())
        .containsEntry("tasks_lost_rack_b", 1L)
        .containsEntry("tasks_lost_dedicated__/web.multi", 1L);
  }

  @Test
  public void aTaskThatIsForgottenOrImportedIsNotCounted() {
    String id = tasks.have(service(), LOST);
    tasks.store.change(tx -> tasks.lifecycle.delete(tx, ImmutableList.of(id)));
    assertThat(vars()).doesNotContainKey("tasks_LOST_www-data/prod/hello");
  }
}
