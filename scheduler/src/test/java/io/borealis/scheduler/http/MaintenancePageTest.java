package io.borealis.scheduler.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.maintenance.DrainWait;
import io.borealis.scheduler.sla.SlaDenial;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class MaintenancePageTest {
  private State state = State.EMPTY;
  private ImmutableList<DrainWait> waits = ImmutableList.of();

  private void host(String name, @Nullable MaintenanceMode mode) {
    state =
        state.apply(
            new Op.SaveHostAttributes(
                new SaveHostAttributes(
                    new HostAttributes(name, ImmutableSet.of(), mode, "agent-" + name))));
  }

  private void task(String id, int instance, String host, ScheduleStatus status) {
    ScheduledTask task = Fixtures.task(id, Fixtures.config(Fixtures.JOB), instance, status);
    state =
        state.apply(
            new Op.SaveTasks(
                new SaveTasks(
                    ImmutableSet.of(
                        task.toBuilder()
                            .assignedTask(task.assignedTask().toBuilder().slaveHost(host).build())
                            .build()))));
  }

  private String page() {
    HttpReply reply =
        new MaintenancePage(() -> state, () -> waits)
            .show(new HttpCall("GET", "/maintenance", "", ImmutableMap.of(), new byte[0], "h"))
            .toCompletableFuture()
            .join();
    assertThat(reply.status()).isEqualTo(200);
    return new String(reply.body(), UTF_8);
  }

  @Test
  public void hostsAreShownByModeAndThoseBeingDrainedWithTheirTasks() {
    host("h0", null);
    host("h1", MaintenanceMode.NONE);
    host("h3", MaintenanceMode.DRAINED);
    host("h2", MaintenanceMode.DRAINED);
    host("h4", MaintenanceMode.SCHEDULED);
    host("h5", MaintenanceMode.DRAINING);
    host("h6", MaintenanceMode.DRAINING);
    task("b", 0, "h5", ScheduleStatus.RUNNING);
    task("a", 1, "h5", ScheduleStatus.DRAINING);
    task("c", 2, "h5", ScheduleStatus.LOST);
    task("d", 3, "h1", ScheduleStatus.RUNNING);
    assertThat(page())
        .isEqualTo(
            "{\"DRAINED\":[\"h2\",\"h3\"],\"SCHEDULED\":[\"h4\"],"
                + "\"DRAINING\":{\"h5\":[\"a\",\"b\"]},\"WAITING\":{}}");
  }

  @Test
  public void whatHoldsTasksBackIsShownByHost() {
    waits =
        ImmutableList.of(
            new DrainWait(
                "h1", "a", 10, 2, 30, 40L, new SlaDenial.NotEnoughRunning(2, 1, 3, 0, -1)),
            new DrainWait("h1", "b", 11, 0, 31, null, null));
    assertThat(page())
        .endsWith(
            "\"WAITING\":{\"h1\":[{\"task\":\"a\","
                + "\"reason\":\"2 of 3 needed RUNNING, 1 are\",\"sinceMs\":10,\"attempts\":2,"
                + "\"nextAttemptMs\":30,\"forcedAtMs\":40},{\"task\":\"b\","
                + "\"reason\":\"its policy is being asked\",\"sinceMs\":11,\"attempts\":0,"
                + "\"nextAttemptMs\":31,\"forcedAtMs\":null}]}}");
  }
}
