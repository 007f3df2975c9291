package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.Range;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.StartJobUpdateResult;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.Test;

/** W-38: a start that is repeated with its idempotency key. */
public class IdempotentStartTest {
  private static final String NAME = "io.borealis.idempotency_key";

  private final TestApi test = new TestApi();

  private static JobUpdateRequest keyed(String key, Metadata... others) {
    return Samples.request(NEW, 3).toBuilder().metadata(metadata(key, others)).build();
  }

  private static ImmutableSet<Metadata> metadata(String key, Metadata... others) {
    return ImmutableSet.<Metadata>builder().add(new Metadata(NAME, key)).add(others).build();
  }

  private static StartJobUpdateResult started(Result result) {
    return ((Result.StartJobUpdateResult) result).value();
  }

  private JobUpdateKey start(JobUpdateRequest request) {
    return started(test.result(test.start(request))).key();
  }

  @Test
  public void theSameStartTwiceIsOneUpdate() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    CompletionStage<Response> first = test.start(keyed("deploy-7"));
    CompletionStage<Response> second = test.api.startJobUpdate(test.call(), keyed("deploy-7"), "?");

    JobUpdateKey key = started(test.result(first)).key();
    int entries = test.store.entries();
    StartJobUpdateResult again = started(test.result(second));

    assertThat(again.key()).isEqualTo(key);
    assertThat(again.updateSummary()).isEqualTo(test.updating().summary());
    assertThat(again.updateSummary().state().status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(again.updateSummary().metadata()).containsExactly(new Metadata(NAME, "deploy-7"));
    assertThat(test.state().updates().size()).isEqualTo(1);
    assertThat(test.store.entries()).isEqualTo(entries);
    assertThat(test.meters.counter("thrift_workload_startJobUpdate").count()).isEqualTo(3);
  }

  @Test
  public void anUpdateThatEndedIsReturnedUntilItIsDeleted() {
    JobUpdateKey key = start(keyed("k"));
    test.ok(test.api.abortJobUpdate(test.call(), key, null));

    JobUpdateSummary ended = started(test.result(test.start(keyed("k")))).updateSummary();
    assertThat(ended.key()).isEqualTo(key);
    assertThat(ended.state().status()).isEqualTo(JobUpdateStatus.ABORTED);

    test.store.change(
        tx -> tx.change(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(key)))));
    assertThat(start(keyed("k"))).isNotEqualTo(key);
  }

  @Test
  public void anUpdateIsReturnedThoughNothingIsLeftToDo() {
    TaskConfig old = test.haveRunning(0, 1);
    JobUpdateRequest shrink = Samples.request(old, 1).toBuilder().metadata(metadata("k")).build();
    JobUpdateKey key = start(shrink);
    test.store.change(
        tx ->
            tx.state().tasks().ofJob(JOB).active().asMap().values().stream()
                .filter(task -> task.status() == ScheduleStatus.KILLING)
                .toList()
                .forEach(task -> tx.save(task.toBuilder().status(ScheduleStatus.KILLED).build())));
    assertThat(test.state().updates().get(key).status()).isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
    test.ok(test.start(Samples.request(old, 1)), "Job is unchanged by proposed update.");

    assertThat(start(shrink)).isEqualTo(key);
  }

  @Test
  public void theKeyIsLookedUpBeforeEverythingElseInState() {
    JobUpdateKey key = start(keyed("k"));
    test.haveCron(JOB);

    assertThat(start(keyed("k"))).isEqualTo(key);
    test.invalid(
        test.start(keyed("other")),
        "Cron jobs may only be created/updated by calling scheduleCronJob.");
  }

  /** The reply was lost together with the leader. */
  @Test
  public void theNextLeaderKnowsTheUpdateToo() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    CompletionStage<Response> lost = test.start(keyed("k"));
    test.store.runtimes().runReady();
    assertThat(lost).isNotNull();
    JobUpdateKey key = test.updating().key();

    TestApi next = test.failover();
    Result again = next.result(next.start(keyed("k")));

    assertThat(started(again).key()).isEqualTo(key);
    assertThat(next.state().updates().size()).isEqualTo(1);
  }

  @Test
  public void whatTheLastLeaderDidNotStoreIsStartedByTheNext() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    test.store.hold();
    CompletionStage<Response> lost = test.start(keyed("k"));
    test.store.runtimes().runReady();
    assertThat(lost.toCompletableFuture()).isNotDone();

    TestApi next = test.failover();
    Result again = next.result(next.start(keyed("k")));

    assertThat(next.updating().key()).isEqualTo(started(again).key());
    assertThat(next.state().updates().size()).isEqualTo(1);
  }

  @Test
  public void whatIsTheSameSaidInAnotherWayIsTheSameRequest() {
    JobUpdateRequest first =
        keyed("k", new Metadata("a", "1"), tag("x")).toBuilder()
            .taskConfig(linked(ImmutableMap.of("a", "1", "b", "2")))
            .settings(scope(new Range(0, 0), new Range(2, 2)).settings())
            .build();
    JobUpdateKey key = start(first);

    JobUpdateRequest second =
        first.toBuilder()
            .taskConfig(
                linked(ImmutableMap.of("b", "2", "a", "1")).toBuilder()
                    .resources(ImmutableList.copyOf(NEW.resources()).reverse())
                    .tier(null)
                    .container(null)
                    .build())
            .settings(
                scope(new Range(2, 2), new Range(0, 0)).settings().toBuilder()
                    .slaAware(false)
                    .blockIfNoPulsesAfterMs(0)
                    .build())
            .metadata(ImmutableSet.of(tag("y"), new Metadata("a", "1"), new Metadata(NAME, "k")))
            .build();
    assertThat(start(second)).isEqualTo(key);
    assertThat(start(second.toBuilder().metadata(metadata("k", new Metadata("a", "1"))).build()))
        .isEqualTo(key);
  }

  private static Metadata tag(String id) {
    return new Metadata("org.apache.aurora.client.update_id", id);
  }

  private static JobUpdateRequest scope(Range... ranges) {
    return Updates.only(3, ranges);
  }

  private static TaskConfig linked(ImmutableMap<String, String> links) {
    return NEW.toBuilder().taskLinks(links).build();
  }

  @Test
  public void theOrderOfGroupsCounts() {
    JobUpdateKey key = start(keyed("k").toBuilder().settings(groups(2, 1)).build());

    assertThat(start(keyed("k").toBuilder().settings(groups(2, 1)).build())).isEqualTo(key);
    assertThat(
            test.get(test.start(keyed("k").toBuilder().settings(groups(1, 2)).build()))
                .responseCode())
        .isEqualTo(ResponseCode.INVALID_REQUEST);
  }

  private static JobUpdateSettings groups(Integer... sizes) {
    return Updates.strategy(
            new JobUpdateStrategy.VarBatchStrategy(
                new VariableBatchJobUpdateStrategy(ImmutableList.copyOf(sizes), false)))
        .settings();
  }

  @Test
  public void anotherRequestWithTheSameKeyIsRefused() {
    JobUpdateRequest first = keyed("k");
    JobUpdateKey key = start(first);
    Stream<JobUpdateRequest> others =
        Stream.of(
            first.toBuilder().taskConfig(NEW.toBuilder().contactEmail("a@b").build()).build(),
            first.toBuilder().instanceCount(4).build(),
            first.toBuilder()
                .settings(Updates.request(s -> s.updateGroupSize(2)).settings())
                .build(),
            first.toBuilder().settings(scope(new Range(0, 0)).settings()).build(),
            first.toBuilder().settings(groups(1, 2)).build(),
            keyed("k", new Metadata("a", "1")));
    others.forEach(
        other ->
            test.invalid(
                test.start(other),
                "metadata io.borealis.idempotency_key 'k' belongs to update shop/prod/cart "
                    + key.id()
                    + ", whose request differs: taskConfig, instanceCount, settings and metadata"
                    + " must be the same, or the key a new one."));
    assertThat(start(first)).isEqualTo(key);
  }

  @Test
  public void anUpdateWhoseRequestIsNotOnRecordIsNotTakenForTheSame() {
    test.haveUpdate(
        Updates.of(JOB, "foreign", NEW, 3).toBuilder()
            .summary(
                JobUpdateSummary.builder()
                    .key(new JobUpdateKey(JOB, "foreign"))
                    .user("bob")
                    .metadata(metadata("k"))
                    .build())
            .build(),
        JobUpdateStatus.ROLLED_FORWARD);

    Response answer = test.get(test.start(keyed("k")));

    assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
    assertThat(answer.details().get(0).message()).contains("belongs to update", "foreign");
  }

  @Test
  public void keysCountWithinAJob() {
    JobUpdateKey key = start(keyed("k"));
    JobKey other = new JobKey("shop", "prod", "till");

    JobUpdateKey elsewhere =
        start(keyed("k").toBuilder().taskConfig(NEW.toBuilder().job(other).build()).build());

    assertThat(elsewhere.job()).isEqualTo(other);
    assertThat(elsewhere).isNotEqualTo(key);
  }

  @Test
  public void withoutAKeyASecondStartIsRefused() {
    JobUpdateRequest plain = Samples.request(NEW, 3);
    JobUpdateKey key = start(plain);
    for (JobUpdateRequest other : List.of(plain, keyed("new"))) {
      Response answer = test.get(test.start(other));

      assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
      assertThat(answer.details().get(0).message())
          .startsWith("An active update already exists for this job");
      assertThat(started(answer.result()).key()).isEqualTo(key);
    }
  }

  @Test
  public void aStartThatDoesNothingIsNotRemembered() {
    TaskConfig old = test.haveRunning(0);
    JobUpdateRequest nothing = Samples.request(old, 1).toBuilder().metadata(metadata("k")).build();
    for (int i = 0; i < 2; i++) {
      test.ok(test.start(nothing), "Job is unchanged by proposed update.");
    }
    assertThat(start(keyed("k"))).isNotNull();
  }

  @Test
  public void aKeyIsOneShortText() {
    test.invalid(
        test.start(keyed("k", new Metadata(NAME, "l"))),
        "metadata io.borealis.idempotency_key must occur at most once.");
    for (String bad : new String[] {"", null, Strings.repeat("k", 129)}) {
      test.invalid(
          test.start(keyed(bad)),
          "metadata io.borealis.idempotency_key must have 1 to 128 characters.");
    }
    assertThat(start(keyed(Strings.repeat("k", 128)))).isNotNull();
  }
}
