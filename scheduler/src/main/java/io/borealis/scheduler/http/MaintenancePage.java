package io.borealis.scheduler.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.maintenance.DrainWait;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskStates;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * {@code GET /maintenance}: the hosts in each mode but the usual one, those in DRAINING with the
 * tasks that are still there, and under {@code WAITING} what holds such tasks back. Thread-safe.
 */
public final class MaintenancePage {
  private final Supplier<State> state;
  private final Supplier<ImmutableList<DrainWait>> waits;

  /**
   * @param waits the tasks that may not leave their hosts yet; none while this process does not
   *     lead
   */
  public MaintenancePage(Supplier<State> state, Supplier<ImmutableList<DrainWait>> waits) {
    this.state = state;
    this.waits = waits;
  }

  /** Shows them. */
  public CompletionStage<HttpReply> show(HttpCall call) {
    State now = state.get();
    TreeMap<String, MaintenanceMode> modes = new TreeMap<>();
    for (HostAttributes host : now.hosts().values()) {
      MaintenanceMode mode = host.mode();
      if (mode != null) {
        modes.put(host.host(), mode);
      }
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode drained = body.putArray("DRAINED");
    ArrayNode scheduled = body.putArray("SCHEDULED");
    ObjectNode draining = body.putObject("DRAINING");
    modes.forEach(
        (host, mode) -> {
          switch (mode) {
            case DRAINED -> drained.add(host);
            case SCHEDULED -> scheduled.add(host);
            case DRAINING -> addTasks(draining, host, now);
            default -> {}
          }
        });
    ObjectNode waiting = body.putObject("WAITING");
    for (DrainWait wait : waits.get()) {
      ArrayNode known = waiting.get(wait.host()) instanceof ArrayNode there ? there : null;
      (known == null ? waiting.putArray(wait.host()) : known).add(shown(wait));
    }
    return CompletableFuture.completedFuture(
        HttpReply.of(200, "application/json", body.toString().getBytes(UTF_8)));
  }

  private static void addTasks(ObjectNode draining, String host, State now) {
    ImmutableSortedSet.Builder<String> ids = ImmutableSortedSet.naturalOrder();
    for (ScheduledTask task : now.tasks().onHost(host)) {
      if (TaskStates.isAssigned(task.status())) {
        ids.add(task.assignedTask().taskId());
      }
    }
    ImmutableSortedSet<String> there = ids.build();
    if (!there.isEmpty()) {
      ArrayNode tasks = draining.putArray(host);
      there.forEach(tasks::add);
    }
  }

  private static ObjectNode shown(DrainWait wait) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("task", wait.taskId())
        .put("reason", wait.reason())
        .put("sinceMs", wait.sinceMs())
        .put("attempts", wait.attempts())
        .put("nextAttemptMs", wait.nextAttemptMs())
        .put("forcedAtMs", wait.forcedAtMs());
  }
}
