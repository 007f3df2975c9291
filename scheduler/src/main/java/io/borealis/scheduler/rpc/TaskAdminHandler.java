package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import io.borealis.api.AuroraConstants;
import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.prune.EndedTasks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.task.TaskQueries;
import io.borealis.scheduler.task.TaskStates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What administrators do to single tasks. Thread-safe. */
public final class TaskAdminHandler {
  private static final Logger LOG = LoggerFactory.getLogger(TaskAdminHandler.class);

  private final Writes writes;
  private final Supplier<State> state;
  private final TaskLifecycle lifecycle;
  private final int batchSize;
  private final Counter pruned;

  /**
   * @param state the durable State
   * @param batchSize most tasks that are pruned in one transaction
   */
  public TaskAdminHandler(
      Writes writes,
      Supplier<State> state,
      TaskLifecycle lifecycle,
      int batchSize,
      MeterRegistry meters) {
    this.writes = writes;
    this.state = state;
    this.lifecycle = lifecycle;
    this.batchSize = batchSize;
    this.pruned = meters.counter("tasks_pruned");
  }

  /** Tries the transition; that it is not allowed is no reason to refuse the call. */
  CompletionStage<Response> forceTaskState(
      CallContext call, @Nullable String taskId, @Nullable ScheduleStatus status) {
    String id = Arguments.notBlank(taskId);
    ScheduleStatus target = Arguments.required(status, "status");
    String note = "Transition forced by " + call.user();
    return writes.submit(
        WriteClass.RPC,
        call.deadlineNanos(),
        tx -> {
          var unused = lifecycle.changeState(tx, id, null, target, note);
          return Responses.ok();
        });
  }

  CompletionStage<Response> pruneTasks(CallContext call, @Nullable TaskQuery asked) {
    TaskQuery query = Arguments.required(asked, "query");
    if (query.statuses().stream().anyMatch(TaskStates::isActive)) {
      throw Refusal.error("Tasks in non-terminal state cannot be pruned.");
    }
    Integer limit = query.limit();
    if (limit != null && limit < 0) {
      throw Refusal.error("limit must be non-negative, not " + limit + ".");
    }
    TaskQueryHandler.requireValidKeys(query);
    ImmutableList<String> ids =
        limit != null && limit == 0
            ? ImmutableList.of()
            : ended(state.get(), query, limit == null ? Integer.MAX_VALUE : limit);
    CompletableFuture<Response> reply = new CompletableFuture<>();
    prune(call, ids, 0, 0, reply);
    return reply;
  }

  /** The tasks to be pruned: those that ended first, if not all. */
  private static ImmutableList<String> ended(State state, TaskQuery query, int limit) {
    TaskQuery terminal =
        query.toBuilder()
            .statuses(
                query.statuses().isEmpty() ? AuroraConstants.TERMINAL_STATES : query.statuses())
            .offset(null)
            .limit(null)
            .build();
    Iterable<ScheduledTask> found = TaskQueries.find(state, terminal);
    return ImmutableList.sortedCopyOf(EndedTasks.OLDEST_FIRST, found).stream()
        .limit(limit)
        .map(task -> task.assignedTask().taskId())
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Removes one batch after the other, so that a long history does not hold the writer up.
   *
   * @param done how many of the tasks were looked after
   * @param gone how many of these the call removed; others were gone already
   */
  private void prune(
      CallContext call,
      ImmutableList<String> ids,
      int done,
      int gone,
      CompletableFuture<Response> reply) {
    if (done >= ids.size()) {
      tell(call, gone);
      reply.complete(Responses.ok());
      return;
    }
    int end = Math.min(ids.size(), done + batchSize);
    writes
        .submit(
            WriteClass.RPC,
            call.deadlineNanos(),
            tx -> EndedTasks.remove(tx, ids.subList(done, end)))
        .whenComplete(
            (removed, failure) -> {
              if (failure == null) {
                pruned.increment(removed);
                prune(call, ids, end, gone + removed, reply);
              } else {
                tell(call, gone);
                reply.completeExceptionally(done == 0 ? failure : halfDone(done, ids, failure));
              }
            });
  }

  private static void tell(CallContext call, int removed) {
    LOG.atInfo()
        .addKeyValue("user", call.user())
        .addKeyValue("tasks", removed)
        .log("Tasks that ended were removed by a call");
  }

  /** That nothing was done would not be true any more. */
  private static Throwable halfDone(int done, ImmutableList<String> ids, Throwable failure) {
    String why = Responses.failureText(failure);
    return why == null
        ? failure
        : Refusal.error(done + " of " + ids.size() + " tasks were pruned, then: " + why);
  }
}
