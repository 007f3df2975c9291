package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.collect.Streams;
import io.borealis.api.AuroraConstants;
import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.Test;

/** What administrators do to tasks: rules of the API, sections 14.2, 14.5 and 18. */
public class TaskAdminHandlerTest {
  private static final JobKey OTHER = new JobKey("shop", "prod", "other");

  private final TestApi api = new TestApi();

  private ScheduledTask have(ScheduleStatus status) {
    ScheduledTask task = Iterables.getOnlyElement(api.have(Samples.stored(Samples.JOB), status, 0));
    api.store.runtimes().advance(Duration.ofMillis(1));
    return task;
  }

  private static String id(ScheduledTask task) {
    return task.assignedTask().taskId();
  }

  private CompletionStage<Response> force(String id, ScheduleStatus status) {
    return api.api.forceTaskState(api.call(), id, status);
  }

  private CompletionStage<Response> prune(TaskQuery query) {
    return api.api.pruneTasks(api.call(), query);
  }

  private static TaskQuery.Builder ofJob() {
    return TaskQuery.builder().jobKeys(ImmutableSet.of(Samples.JOB));
  }

  private List<ScheduleStatus> statuses() {
    return Streams.stream(api.state().tasks().all()).map(ScheduledTask::status).sorted().toList();
  }

  // ---- forceTaskState --------------------------------------------------------------------------

  @Test
  public void aForcedStateIsRecordedWithWhoForcedIt() {
    ScheduledTask task = have(ScheduleStatus.RUNNING);
    api.ok(force(id(task), ScheduleStatus.LOST));
    TaskEvent event = Iterables.getLast(api.state().tasks().get(id(task)).taskEvents());
    assertThat(event.status()).isEqualTo(ScheduleStatus.LOST);
    assertThat(event.message()).isEqualTo("Transition forced by ann");
    assertThat(api.statuses(Samples.JOB)).as("it comes again").containsExactly("0:PENDING");
  }

  @Test
  public void whatIsNotAllowedIsAnsweredAlikeAndChangesNothing() {
    ScheduledTask pending = have(ScheduleStatus.PENDING);
    int entries = api.store.entries();
    api.ok(force(id(pending), ScheduleStatus.LOST));
    api.ok(force(id(pending), ScheduleStatus.INIT));
    api.ok(force(id(pending), ScheduleStatus.PENDING));
    api.ok(force("nope", ScheduleStatus.FAILED));
    assertThat(api.store.entries()).isEqualTo(entries);
    assertThat(api.killed).isEmpty();
    assertThat(api.meters.counter("scheduler_illegal_task_state_transitions").count()).isEqualTo(3);
  }

  @Test
  public void anUnknownOrEndedTaskThatIsForcedToLiveIsKilled() {
    ScheduledTask lost = have(ScheduleStatus.LOST);
    api.ok(force("nope", ScheduleStatus.ASSIGNED));
    api.ok(force("nope", ScheduleStatus.STARTING));
    api.ok(force("nope", ScheduleStatus.RUNNING));
    api.ok(force(id(lost), ScheduleStatus.RUNNING));
    assertThat(api.killed).containsExactly("nope", "nope", "nope", id(lost));
  }

  @Test
  public void aJobThatIsUpdatingIsNoReasonToRefuse() {
    TaskConfig unused = api.haveRunning(0, 1);
    assertThat(
            api.get(api.start(Samples.request(Samples.config().toBuilder().priority(3).build(), 2)))
                .responseCode())
        .isEqualTo(ResponseCode.OK);
    ScheduledTask task = api.active(Samples.JOB).get(1);
    api.ok(force(id(task), ScheduleStatus.FAILED));
    assertThat(api.state().tasks().get(id(task)).status()).isEqualTo(ScheduleStatus.FAILED);
  }

  @Test
  public void aTaskAndAStatusMustBeGiven() {
    api.refused(force("", ScheduleStatus.LOST), ResponseCode.ERROR, "Argument cannot be blank");
    api.refused(
        api.api.forceTaskState(api.call(), null, ScheduleStatus.LOST),
        ResponseCode.ERROR,
        "Argument cannot be blank");
    api.refused(
        api.api.forceTaskState(api.call(), "t", null), ResponseCode.ERROR, "status must be set");
  }

  // ---- pruneTasks ------------------------------------------------------------------------------

  @Test
  public void allThatHaveEndedAndMatchAreRemoved() {
    have(ScheduleStatus.RUNNING);
    AuroraConstants.TERMINAL_STATES.forEach(this::have);
    api.have(Samples.stored(OTHER), ScheduleStatus.LOST, 0);
    api.ok(prune(ofJob().build()));
    assertThat(statuses()).containsExactly(ScheduleStatus.RUNNING, ScheduleStatus.LOST);
    int entries = api.store.entries();
    api.ok(prune(ofJob().build()));
    assertThat(api.store.entries()).isEqualTo(entries);
  }

  @Test
  public void anEmptyQueryNeverRemovesWhatIsAlive() {
    AuroraConstants.ACTIVE_STATES.forEach(
        status -> api.have(Samples.stored(Samples.JOB), status, status.value()));
    have(ScheduleStatus.FAILED);
    api.ok(prune(TaskQuery.builder().statuses(ImmutableSet.of()).build()));
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(AuroraConstants.ACTIVE_STATES);
    api.ok(prune(TaskQuery.builder().statuses(ImmutableSet.of(ScheduleStatus.INIT)).build()));
    assertThat(statuses()).hasSameSizeAs(AuroraConstants.ACTIVE_STATES);
  }

  @Test
  public void aQueryForWhatIsAliveIsRefused() {
    have(ScheduleStatus.FAILED);
    for (ScheduleStatus active : AuroraConstants.ACTIVE_STATES) {
      api.refused(
          prune(ofJob().statuses(ImmutableSet.of(ScheduleStatus.FAILED, active)).build()),
          ResponseCode.ERROR,
          "Tasks in non-terminal state cannot be pruned.");
    }
  }

  @Test
  public void statusesAndTheLimitRestrictAndTheOffsetDoesNot() {
    have(ScheduleStatus.LOST);
    ScheduledTask first = have(ScheduleStatus.FAILED);
    have(ScheduleStatus.FAILED);
    TaskQuery failed =
        ofJob().statuses(ImmutableSet.of(ScheduleStatus.FAILED)).limit(1).offset(1).build();
    api.ok(prune(failed.toBuilder().limit(0).build()));
    assertThat(statuses()).hasSize(3);
    api.ok(prune(failed));
    assertThat(statuses()).containsExactly(ScheduleStatus.FAILED, ScheduleStatus.LOST);
    assertThat(api.state().tasks().get(id(first))).as("the oldest goes first").isNull();
    api.refused(
        prune(failed.toBuilder().limit(-1).build()),
        ResponseCode.ERROR,
        "limit must be non-negative, not -1.");
  }

  @Test
  public void aQueryMustBeThereAndNameJobsThatCanBe() {
    api.refused(api.api.pruneTasks(api.call(), null), ResponseCode.ERROR, "query must be set");
    api.refused(
        prune(TaskQuery.builder().jobKeys(ImmutableSet.of(new JobKey("a b", "c", "d"))).build()),
        ResponseCode.ERROR,
        "Invalid job key format: a b/c/d");
  }

  @Test
  public void aLongHistoryIsCutIntoTransactionsOfBoundedSize() {
    haveEnded(25);
    int before = api.store.entries();
    api.ok(prune(ofJob().build()));
    assertThat(
            api.store.transactionsSince(before).stream()
                .flatMap(each -> each.ops().stream())
                .map(op -> ((Op.RemoveTasks) op).value().taskIds().size()))
        .containsExactly(10, 10, 5);
    assertThat(statuses()).isEmpty();
    assertThat(api.meters.counter("tasks_pruned").count()).isEqualTo(25);
    assertThat(api.failover().state().tasks().size()).isZero();
  }

  @Test
  public void whatIsNotBegunIsTransientAndWhatIsHalfDoneSaysSo() {
    haveEnded(25);
    CallContext late =
        new CallContext("r1", "ann", "10.0.0.1", api.store.clock().nanoTime() + 1_000_000);
    api.store.runtimes().advance(Duration.ofMillis(2));
    Response answer = api.get(api.api.pruneTasks(late, ofJob().build()));
    assertThat(answer.responseCode()).isEqualTo(ResponseCode.ERROR_TRANSIENT);
    assertThat(statuses()).hasSize(25);

    api.store.hold();
    CompletableFuture<Response> reply = prune(ofJob().build()).toCompletableFuture();
    api.store.runtimes().runReady();
    assertThat(reply).isNotDone();
    api.store.loop().execute(() -> api.store.writer().close("Storage is not READY"));
    api.store.release();
    api.store.runtimes().runReady();
    Response half = reply.join();
    assertThat(half.responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(half.details().get(0).message())
        .isEqualTo("10 of 25 tasks were pruned, then: Storage is not READY");
    assertThat(statuses()).hasSize(15);
    assertThat(api.meters.counter("tasks_pruned").count()).isEqualTo(10);
  }

  private void haveEnded(int count) {
    TaskConfig config = Samples.stored(Samples.JOB);
    ImmutableList<ScheduledTask> unused =
        api.have(config, ScheduleStatus.FINISHED, IntStream.range(0, count).toArray());
  }
}
