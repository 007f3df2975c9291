package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.cluster.StatusUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.Test;

/**
 * Tasks to which anything may be reported and which may be forced into any state, under one leader
 * after the other. A seed that breaks a promise is in the message.
 */
public class TaskLifeModelTest {
  private static final int INSTANCES = 3;
  private static final ImmutableList<Duration> WAITS =
      ImmutableList.of(
          Duration.ofMillis(1),
          Duration.ofSeconds(20),
          Duration.ofMinutes(1),
          Duration.ofMinutes(6));

  @Test
  public void noInstanceIsLostOrThereTwiceWhateverIsReportedOrForced() {
    for (int seed = 0; seed < 60; seed++) {
      new Life(seed).live();
    }
  }

  private static final class Life {
    private final String name;
    private final Random random;
    private final TaskConfig config;
    private final Set<String> seen = new HashSet<>();

    /** What was last known of tasks that are gone. */
    private final Map<String, ScheduledTask> last = new HashMap<>();

    private TestTasks tasks = new TestTasks();
    private TaskTimers timers;
    private StatusUpdateHandler reports;
    private int count;

    Life(int seed) {
      name = "seed " + seed;
      random = new Random(seed);
      PartitionPolicy policy =
          switch (random.nextInt(3)) {
            case 0 -> new PartitionPolicy(true, 30L);
            case 1 -> new PartitionPolicy(false, null);
            default -> null;
          };
      config = TestTasks.service().toBuilder().partitionPolicy(policy).build();
      lead();
      for (int i = 0; i < INSTANCES; i++) {
        seen.add(tasks.insert(config, i));
      }
    }

    private void lead() {
      timers = tasks.startTimers();
      reports =
          new StatusUpdateHandler(
              tasks.store.writer(),
              tasks.store::state,
              tasks.lifecycle,
              new SimulatedCluster(
                      SimulatedClusterSettings.DEFAULT,
                      tasks.store.runtimes().newLoop("cluster"),
                      tasks.store.clock())
                  .session(),
              tasks.store.clock(),
              tasks.meters);
    }

    void live() {
      for (int step = 0; step < 150; step++) {
        List<String> ids = new ArrayList<>(seen);
        ids.sort(null);
        String id = ids.get(random.nextInt(ids.size()));
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> report(id, pick(ClusterTaskState.values()));
          case 3 -> tasks.change(id, pick(ScheduleStatus.values()));
          case 4 -> place(id);
          case 5 -> tasks.advance(WAITS.get(random.nextInt(WAITS.size())));
          case 6 -> report(id, ClusterTaskState.TASK_RUNNING);
          default -> {
            if (random.nextInt(5) == 0) {
              timers.close();
              tasks = tasks.failover();
              lead();
            }
          }
        }
        tasks.store.runtimes().runReady();
        check();
      }
    }

    private <T> T pick(T[] values) {
      return values[random.nextInt(values.length)];
    }

    private void report(String id, ClusterTaskState state) {
      reports.handle(new StatusUpdate(id, "agent-1", state, null, null, "u" + ++count, 0));
    }

    private void place(String id) {
      ScheduledTask task = tasks.find(id);
      if (task != null && task.status() == ScheduleStatus.PENDING) {
        tasks.store.change(
            tx -> {
              var unused = tasks.lifecycle.assign(tx, id, "host-1", "agent-1", ImmutableMap.of());
            });
      }
    }

    private void check() {
      Map<Integer, Integer> active = new HashMap<>();
      Set<Integer> given = new HashSet<>();
      for (ScheduledTask task : tasks.store.state().tasks().all()) {
        seen.add(task.assignedTask().taskId());
        last.put(task.assignedTask().taskId(), task);
        if (TaskStates.isActive(task.status())) {
          active.merge(task.assignedTask().instanceId(), 1, Integer::sum);
        }
        assertThat(Iterables.getLast(task.taskEvents()).status()).as(name).isEqualTo(task.status());
      }
      for (ScheduledTask task : last.values()) {
        if (mayGo(task)) {
          given.add(task.assignedTask().instanceId());
        }
      }
      for (int instance = 0; instance < INSTANCES; instance++) {
        int now = active.getOrDefault(instance, 0);
        assertThat(now).as("%s, instance %s", name, instance).isLessThanOrEqualTo(1);
        assertThat(now == 1 || given.contains(instance))
            .as("%s: instance %s is there, or somebody wanted it gone", name, instance)
            .isTrue();
      }
    }

    /** Whether no other task has to follow: the table of transitions names these cases only. */
    private boolean mayGo(ScheduledTask task) {
      List<ScheduleStatus> history =
          task.taskEvents().stream().map(event -> event.status()).toList();
      boolean deleted = tasks.find(task.assignedTask().taskId()) == null;
      boolean finishedOutOfSight =
          task.status() == ScheduleStatus.FINISHED
              && history.size() > 1
              && history.get(history.size() - 2) == ScheduleStatus.PARTITIONED;
      return deleted || history.contains(ScheduleStatus.KILLING) || finishedOutOfSight;
    }
  }
}
