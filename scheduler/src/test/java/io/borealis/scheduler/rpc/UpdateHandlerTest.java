package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.ConfigGroup;
import io.borealis.api.GetJobUpdateDiffResult;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateState;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.Range;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.StartJobUpdateResult;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class UpdateHandlerTest {
  private static final JobUpdateKey UNKNOWN = new JobUpdateKey(JOB, "nope");
  private static final TaskConfig NEW = Samples.stored(JOB).toBuilder().priority(7).build();

  private final TestApi test = new TestApi();

  private CompletionStage<Response> start(@Nullable JobUpdateRequest request) {
    return test.api.startJobUpdate(test.call(), request, null);
  }

  private static JobUpdateRequest request(UnaryOperator<JobUpdateSettings.Builder> settings) {
    JobUpdateSettings.Builder builder = JobUpdateSettings.builder().updateGroupSize(1);
    return Samples.request(NEW, 3).toBuilder().settings(settings.apply(builder).build()).build();
  }

  private static JobUpdateRequest only(int count, Range... ranges) {
    return request(s -> s.updateOnlyTheseInstances(ImmutableSet.copyOf(ranges))).toBuilder()
        .instanceCount(count)
        .build();
  }

  private static JobUpdateRequest strategy(JobUpdateStrategy strategy) {
    return request(s -> s.updateGroupSize(0).updateStrategy(strategy));
  }

  private UpdateRecord started() {
    return test.state().updates().activeOf(JOB).iterator().next();
  }

  @Test
  public void startStoresTheDifferenceAndAnswersWithKeyAndSummary() {
    TaskConfig old = test.haveRunning(0, 1, 2, 3);
    JobUpdateRequest request =
        Samples.request(NEW, 6).toBuilder()
            .metadata(ImmutableSet.of(new Metadata("tag", "x")))
            .build();

    Result result = test.result(start(request));

    JobUpdateKey key = new JobUpdateKey(JOB, "update-1");
    StartJobUpdateResult answer = ((Result.StartJobUpdateResult) result).value();
    assertThat(answer)
        .isEqualTo(
            new StartJobUpdateResult(
                key,
                JobUpdateSummary.builder()
                    .key(key)
                    .user("ann")
                    .metadata(ImmutableSet.of(new Metadata("tag", "x")))
                    .build()));
    JobUpdate stored = started().update();
    assertThat(stored.instructions().initialState())
        .containsExactly(new InstanceTaskConfig(old, ImmutableSet.of(new Range(0, 3))));
    assertThat(stored.instructions().desiredState())
        .isEqualTo(new InstanceTaskConfig(NEW, ImmutableSet.of(new Range(0, 5))));
    assertThat(stored.instructions().settings())
        .isEqualTo(
            JobUpdateSettings.builder()
                .updateGroupSize(1)
                .blockIfNoPulsesAfterMs(0)
                .slaAware(false)
                .updateStrategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(1)))
                .build());
  }

  @Test
  public void waitingForBatchesMakesABatchStrategy() {
    Result unused =
        test.result(start(request(s -> s.updateGroupSize(2).waitForBatchCompletion(true))));

    assertThat(started().update().instructions().settings().updateStrategy())
        .isEqualTo(new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(2, false)));
  }

  @Test
  public void scalingDownBringsNothing() {
    TaskConfig old = test.haveRunning(0, 1, 2);

    Result unused = test.result(start(Samples.request(old, 1)));

    assertThat(started().update().instructions().desiredState()).isNull();
    assertThat(started().update().instructions().initialState())
        .containsExactly(new InstanceTaskConfig(old, ImmutableSet.of(new Range(1, 2))));
  }

  @Test
  public void aScopeLimitsWhatIsTouched() {
    TaskConfig old = test.haveRunning(0, 1, 2);

    Result unused = test.result(start(only(3, new Range(1, 1))));

    assertThat(started().update().instructions().initialState())
        .containsExactly(new InstanceTaskConfig(old, ImmutableSet.of(new Range(1, 1))));
    assertThat(started().update().instructions().desiredState())
        .isEqualTo(new InstanceTaskConfig(NEW, ImmutableSet.of(new Range(1, 1))));
  }

  @Test
  public void startRefusesBrokenRequestsInOrder() {
    JobUpdateRequest good = request(s -> s);
    test.refused(start(null), ResponseCode.ERROR, "request must be set");
    test.refused(
        start(good.toBuilder().taskConfig(null).build()),
        ResponseCode.ERROR,
        "request.taskConfig must be set");
    test.invalid(
        start(Samples.request(NEW.toBuilder().isService(false).build(), 3)),
        "Updates are not supported for non-service tasks.");
    test.invalid(start(good.toBuilder().settings(null).build()), "settings must be set.");
    test.invalid(
        start(strategy(new JobUpdateStrategy.Unknown(9))), "Update strategy provided is unknown.");
    test.invalid(start(variable(1, 0, 2)), "All update group sizes must be positive.");
    String nothing = "Update results in no instance being modified.";
    test.invalid(start(variable()), nothing);
    test.invalid(start(request(s -> s.updateGroupSize(0))), nothing);
    test.invalid(start(request(s -> s.updateGroupSize(-1))), nothing);
    test.invalid(
        start(strategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(0)))),
        nothing);
    test.invalid(
        start(strategy(new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(0, true)))),
        nothing);
    test.invalid(
        start(request(s -> s.maxPerInstanceFailures(-1))),
        "maxPerInstanceFailures must be non-negative.");
    test.invalid(
        start(request(s -> s.maxFailedInstances(-1))), "maxFailedInstances must be non-negative.");
    test.invalid(
        start(request(s -> s.minWaitInInstanceRunningMs(-1))),
        "minWaitInInstanceRunningMs must be non-negative.");
    test.invalid(
        start(request(s -> s.blockIfNoPulsesAfterMs(-1))),
        "blockIfNoPulsesAfterMs must be positive.");
    test.invalid(
        start(request(s -> s.slaAware(true))),
        "slaAware is true, but no task slaPolicy is specified.");
    test.invalid(
        start(Samples.request(NEW.toBuilder().tier("nope").build(), 3)),
        "Invalid tier 'nope' in TaskConfig.");
    test.invalid(
        start(Samples.request(NEW.toBuilder().job(null).build(), 3)), "Job key null is invalid.");
  }

  private static JobUpdateRequest variable(Integer... sizes) {
    return strategy(
        new JobUpdateStrategy.VarBatchStrategy(
            new VariableBatchJobUpdateStrategy(ImmutableList.copyOf(sizes), false)));
  }

  @Test
  public void theFailureLimitDoesNotOverflow() {
    String tooMany =
        "Your update allows too many failures to occur, consider decreasing the per-instance"
            + " failures or maxFailedInstances.";
    test.invalid(start(request(s -> s.maxPerInstanceFailures(6667))), tooMany);
    // 3 times this is 2 in 32 bits.
    test.invalid(start(request(s -> s.maxPerInstanceFailures(1431655766))), tooMany);
    Result unused = test.result(start(request(s -> s.maxPerInstanceFailures(6666))));
  }

  @Test
  public void startRefusesScopesThatAreNotSetsOfRanges() {
    test.invalid(
        start(only(3, new Range(2, 1))),
        "updateOnlyTheseInstances: the first instance of a range must not be above its last:"
            + " [2..1]");
    test.invalid(
        start(only(3, new Range(0, 1), new Range(1, 2))),
        "updateOnlyTheseInstances: ranges must not overlap: [0..1] and [1..2]");
  }

  @Test
  public void startNamesInstancesItCannotTouch() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    String irrelevant =
        "The update request attempted to update specific instances, but some are irrelevant to the"
            + " update and current job state: ";

    test.invalid(start(only(3, new Range(2, 4))), irrelevant + "[3, 4]");
    test.invalid(start(only(3, new Range(-2, -1))), irrelevant + "[-2, -1]");
    Response huge = test.get(start(only(3, new Range(0, Integer.MAX_VALUE))));
    assertThat(huge.details().get(0).message())
        .startsWith(irrelevant + "[3, 4, ")
        .endsWith(", 1002, ...]");
  }

  @Test
  public void nothingToDoIsSuccessWithoutAnUpdate() {
    TaskConfig old = test.haveRunning(0, 1);
    String unchanged = "Job is unchanged by proposed update.";

    test.ok(start(Samples.request(old, 2)), unchanged);
    test.ok(
        start(Samples.request(NEW.toBuilder().job(new JobKey("a", "prod", "b")).build(), 0)),
        unchanged);
    assertThat(test.state().updates().size()).isZero();
  }

  /** DF-6 and DF-7. */
  @Test
  public void aScopeInWhichNothingChangesIsNothingToDo() {
    TaskConfig old = test.haveRunning(0, 1, 2);
    for (int count : new int[] {1, 5}) {
      JobUpdateRequest grownOrShrunk =
          only(count, new Range(0, 0)).toBuilder().taskConfig(old).build();
      test.ok(start(grownOrShrunk), "Job is unchanged by proposed update.");
    }
  }

  /** DF-5. */
  @Test
  public void holesAreFilledAndWhatIsRightIsLeftAlone() {
    TaskConfig old = test.haveRunning(0, 4);
    TaskConfig older = old.toBuilder().priority(3).build();
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 1);
    unused = test.have(older, ScheduleStatus.RUNNING, 3);

    assertThat(test.result(start(Samples.request(NEW, 5)))).isNotNull();

    assertThat(started().update().instructions().initialState())
        .containsExactlyInAnyOrder(
            new InstanceTaskConfig(old, ImmutableSet.of(new Range(0, 0), new Range(4, 4))),
            new InstanceTaskConfig(older, ImmutableSet.of(new Range(3, 3))));
    assertThat(started().update().instructions().desiredState())
        .isEqualTo(new InstanceTaskConfig(NEW, ImmutableSet.of(new Range(0, 0), new Range(2, 4))));
  }

  @Test
  public void countsOutsideTheLimitsAreRefused() {
    TaskConfig unused = test.haveRunning(0);
    for (int count : new int[] {0, -1, 4001, Integer.MAX_VALUE}) {
      test.invalid(
          start(Samples.request(NEW, count)),
          "Instance count must be between 1 and 4000 inclusive.");
    }
  }

  @Test
  public void cronJobsAreNotUpdated() {
    test.haveCron(JOB);

    test.invalid(
        start(Samples.request(NEW, 3)),
        "Cron jobs may only be created/updated by calling scheduleCronJob.");
    test.invalid(
        test.api.getJobUpdateDiff(test.call(), Samples.request(NEW, 3)),
        "Cron jobs are not supported.");
  }

  @Test
  public void productionUpdatesNeedQuotaForTheirLargerSide() {
    TaskConfig preferred =
        new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config)
            .validate(Samples.config().toBuilder().tier("preferred").build(), 1);
    var unused = test.have(preferred, ScheduleStatus.RUNNING, 0, 1);
    test.haveQuota("shop", 2, 1000, 1000);

    test.invalid(
        start(Samples.request(preferred.toBuilder().priority(1).build(), 3)),
        "Insufficient resource quota: CPU quota exceeded by 1.00 core(s)");
    Result ok = test.result(start(Samples.request(preferred.toBuilder().priority(1).build(), 2)));
    assertThat(ok).isNotNull();
  }

  @Test
  public void aSecondUpdateIsRefusedWithTheFirstOne() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    test.haveUpdate(Updates.of(JOB, "first", NEW, 3), JobUpdateStatus.ROLL_FORWARD_PAUSED);

    Response answer = test.get(start(Samples.request(NEW, 3)));

    TestApi.assertAnswer(
        answer,
        ResponseCode.INVALID_REQUEST,
        "An active update already exists for this job, please terminate it before starting"
            + " another. Active updates are those in states [ROLLING_FORWARD, ROLLING_BACK,"
            + " ROLL_FORWARD_PAUSED, ROLL_BACK_PAUSED, ROLL_FORWARD_AWAITING_PULSE,"
            + " ROLL_BACK_AWAITING_PULSE]");
    JobUpdateSummary existing =
        ((Result.StartJobUpdateResult) answer.result()).value().updateSummary();
    assertThat(existing.key().id()).isEqualTo("first");
    assertThat(existing.metadata()).containsExactly(new Metadata("tag", "first"));
    assertThat(existing.state().status()).isEqualTo(JobUpdateStatus.ROLL_FORWARD_PAUSED);
  }

  /** A client that had no answer repeats the call and knows its update by the tag. */
  @Test
  public void ofTwoStartsAtOnceOneWinsAndTheOtherIsShownTheWinner() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    Metadata tag = new Metadata("org.apache.aurora.client.update_id", "4711");
    JobUpdateRequest request =
        Samples.request(NEW, 3).toBuilder().metadata(ImmutableSet.of(tag)).build();

    CompletionStage<Response> first = start(request);
    CompletionStage<Response> second = start(request);

    Result won = test.result(first);
    Response lost = test.get(second);
    assertThat(lost.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
    StartJobUpdateResult shown = ((Result.StartJobUpdateResult) lost.result()).value();
    assertThat(shown.key()).isEqualTo(((Result.StartJobUpdateResult) won).value().key());
    assertThat(shown.updateSummary().metadata()).containsExactly(tag);
    assertThat(shown.updateSummary().state().status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(test.state().updates().size()).isEqualTo(1);
  }

  @Test
  public void whenSeveralUpdatesAreActiveAllAreNamed() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    test.haveUpdate(Updates.of(JOB, "a", NEW, 3), JobUpdateStatus.ROLL_FORWARD_PAUSED);
    test.haveUpdate(Updates.of(JOB, "b", NEW, 3), JobUpdateStatus.ROLLING_BACK);

    Response answer = test.get(start(Samples.request(NEW, 3)));

    assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
    assertThat(answer.details().get(0).message())
        .startsWith("Multiple active updates exist for this job.")
        .contains("shop/prod/cart a", "shop/prod/cart b");
  }

  @Test
  public void environmentsOfUpdatesAreCheckedOnlyWhenAskedFor() {
    TaskConfig odd = NEW.toBuilder().job(new JobKey("shop", "odd", "cart")).build();
    Result unused = test.result(start(Samples.request(odd, 1)));

    TestApi strict = new TestApi(JobLimits.builder().checkEnvironmentOfUpdates(true).build());
    strict.invalid(
        strict.api.startJobUpdate(strict.call(), Samples.request(odd, 1), null),
        "Job environment odd doesn't match: ^(prod|devel|test|staging\\d*)$");
  }

  private List<CompletionStage<Response>> steer(
      @Nullable JobUpdateKey key, @Nullable String message) {
    return List.of(
        test.api.pauseJobUpdate(test.call(), key, message),
        test.api.resumeJobUpdate(test.call(), key, message),
        test.api.abortJobUpdate(test.call(), key, message),
        test.api.rollbackJobUpdate(test.call(), key, message));
  }

  @Test
  public void updatesArePausedResumedRolledBackAndAborted() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    Result started = test.result(start(Samples.request(NEW, 3)));
    assertThat(started).isNotNull();
    JobUpdateKey key = started().key();

    test.ok(test.api.pauseJobUpdate(test.call(), key, "wait"));
    assertThat(started().status()).isEqualTo(JobUpdateStatus.ROLL_FORWARD_PAUSED);
    assertThat(started().events().get(started().events().size() - 1))
        .satisfies(
            event -> {
              assertThat(event.user()).isEqualTo("ann");
              assertThat(event.message()).isEqualTo("wait");
            });
    test.ok(test.api.resumeJobUpdate(test.call(), key, null));
    assertThat(started().status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    test.ok(test.api.abortJobUpdate(test.call(), key, null));
    assertThat(test.state().updates().get(key).status()).isEqualTo(JobUpdateStatus.ABORTED);
  }

  @Test
  public void steeringNeedsAKeyOfAnUpdate() {
    for (CompletionStage<Response> call : steer(null, null)) {
      test.refused(call, ResponseCode.ERROR, "key must be set");
    }
    for (CompletionStage<Response> call : steer(new JobUpdateKey(null, "x"), null)) {
      test.refused(call, ResponseCode.ERROR, "key.job must be set");
    }
    for (CompletionStage<Response> call : steer(UNKNOWN, null)) {
      Response answer = test.get(call);
      assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
      assertThat(answer.details().get(0).message()).startsWith("Update does not exist");
    }
  }

  @Test
  public void messagesHaveALimitedLength() {
    String longest = "m".repeat(1024);
    for (CompletionStage<Response> call : steer(UNKNOWN, longest + "m")) {
      test.invalid(call, "message must have at most 1024 characters.");
    }
    test.invalid(
        test.api.startJobUpdate(test.call(), Samples.request(NEW, 3), longest + "m"),
        "message must have at most 1024 characters.");
    test.ok(
        test.api.startJobUpdate(test.call(), Samples.request(NEW, 0), longest + "m"),
        "Job is unchanged by proposed update.");
    Result unused =
        test.result(test.api.startJobUpdate(test.call(), Samples.request(NEW, 3), longest));
    // Beyond the first plane a character counts twice, as in Java and JavaScript.
    test.invalid(
        test.api.pauseJobUpdate(
            test.call(), started().key(), Character.toString(0x1F680).repeat(513)),
        "message must have at most 1024 characters.");
    test.ok(
        test.api.pauseJobUpdate(
            test.call(), started().key(), Character.toString(0x1F680).repeat(512)));
  }

  @Test
  public void pulsesOfUnknownUpdatesAreAnsweredWithFinished() {
    Result result = test.result(test.api.pulseJobUpdate(test.call(), UNKNOWN));

    assertThat(((Result.PulseJobUpdateResult) result).value().status())
        .isEqualTo(JobUpdatePulseStatus.FINISHED);
    test.refused(test.api.pulseJobUpdate(test.call(), null), ResponseCode.ERROR, "key must be set");
    test.refused(
        test.api.pulseJobUpdate(test.call(), new JobUpdateKey(JOB, " ")),
        ResponseCode.ERROR,
        "Argument cannot be blank");
  }

  private List<String> find(UnaryOperator<JobUpdateQuery.Builder> query) {
    JobUpdateQuery asked = query.apply(JobUpdateQuery.builder()).build();
    Result result = test.result(test.api.getJobUpdateSummaries(test.call(), asked));
    List<String> ids =
        ((Result.GetJobUpdateSummariesResult) result)
            .value().updateSummaries().stream().map(summary -> summary.key().id()).toList();
    Result details = test.result(test.api.getJobUpdateDetails(test.call(), UNKNOWN, asked));
    assertThat(((Result.GetJobUpdateDetailsResult) details).value().detailsList())
        .extracting(one -> one.update().summary().key().id())
        .isEqualTo(ids);
    return ids;
  }

  @Test
  public void updatesAreFoundByAllFiltersNewestFirst() {
    JobKey other = new JobKey("bank", "prod", "books");
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ROLLED_FORWARD);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveUpdate(Updates.of(other, "c", NEW, 1), JobUpdateStatus.ABORTED);
    test.haveUpdate(Updates.of(other, "b", NEW, 1), JobUpdateStatus.ROLLING_BACK);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveUpdate(Updates.of(JOB, "d", NEW, 1), JobUpdateStatus.ROLLING_FORWARD);

    assertThat(find(q -> q)).containsExactly("d", "b", "c", "a");
    assertThat(find(q -> q.role("shop"))).containsExactly("d", "a");
    assertThat(find(q -> q.jobKey(other))).containsExactly("b", "c");
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "a")))).containsExactly("a");
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "b")))).isEmpty();
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "a")).role("bank"))).isEmpty();
    assertThat(find(q -> q.user("bob"))).hasSize(4);
    assertThat(find(q -> q.user("eve"))).isEmpty();
    assertThat(find(q -> q.updateStatuses(ImmutableSet.of(JobUpdateStatus.ABORTED))))
        .containsExactly("c");
    assertThat(find(q -> q.limit(2))).containsExactly("d", "b");
    assertThat(find(q -> q.offset(1).limit(2))).containsExactly("b", "c");
    assertThat(find(q -> q.limit(-1))).hasSize(4);
    assertThat(find(q -> q.offset(9))).isEmpty();
    test.invalid(
        test.api.getJobUpdateSummaries(test.call(), JobUpdateQuery.builder().offset(-1).build()),
        "offset must be non-negative, not -1.");
    test.refused(
        test.api.getJobUpdateSummaries(test.call(), null),
        ResponseCode.ERROR,
        "jobUpdateQuery must be set");
  }

  @Test
  public void theStateOfAnUpdateIsDerivedFromItsEvents() {
    JobUpdate update = Updates.of(JOB, "a", NEW, 1);
    JobUpdateState claimed =
        JobUpdateState.builder().status(JobUpdateStatus.ABORTED).createdTimestampMs(1).build();
    test.haveUpdate(
        update.toBuilder().summary(update.summary().toBuilder().state(claimed).build()).build(),
        JobUpdateStatus.ROLLING_FORWARD);

    Result result =
        test.result(test.api.getJobUpdateSummaries(test.call(), JobUpdateQuery.builder().build()));

    long now = test.store.clock().wallMillis();
    assertThat(((Result.GetJobUpdateSummariesResult) result).value().updateSummaries())
        .extracting(JobUpdateSummary::state)
        .containsExactly(
            JobUpdateState.builder()
                .status(JobUpdateStatus.ROLLING_FORWARD)
                .createdTimestampMs(now)
                .lastModifiedTimestampMs(now)
                .build());
  }

  @Test
  public void detailsCanBeAskedForByKeyTheOldWay() {
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ROLLED_FORWARD);

    Response answer =
        test.get(test.api.getJobUpdateDetails(test.call(), new JobUpdateKey(JOB, "a"), null));

    TestApi.assertAnswer(
        answer, ResponseCode.OK, "The key argument is deprecated, use the query argument instead");
    JobUpdateDetails details =
        ((Result.GetJobUpdateDetailsResult) answer.result()).value().details();
    assertThat(details.update().summary().state().status())
        .isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
    assertThat(details.updateEvents()).hasSize(1);
    test.invalid(
        test.api.getJobUpdateDetails(test.call(), UNKNOWN, null),
        "Invalid update: shop/prod/cart nope");
    test.refused(
        test.api.getJobUpdateDetails(test.call(), null, null),
        ResponseCode.ERROR,
        "Either key or query must be set.");
  }

  private GetJobUpdateDiffResult diff(JobUpdateRequest request) {
    Result result = test.result(test.api.getJobUpdateDiff(test.call(), request));
    return ((Result.GetJobUpdateDiffResult) result).value();
  }

  private static ConfigGroup group(TaskConfig config, int first, int last) {
    return new ConfigGroup(config, ImmutableSet.of(new Range(first, last)));
  }

  @Test
  public void theDiffSortsInstancesByWhatWouldHappenToThem() {
    TaskConfig old = test.haveRunning(0, 1, 4);
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 2);

    assertThat(diff(Samples.request(NEW, 4)))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .add(ImmutableSet.of(group(NEW, 3, 3)))
                .remove(ImmutableSet.of(group(old, 4, 4)))
                .update(ImmutableSet.of(group(old, 0, 1)))
                .unchanged(ImmutableSet.of(group(NEW, 2, 2)))
                .build());
    assertThat(diff(only(4, new Range(0, 0), new Range(8, 9))))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .update(ImmutableSet.of(group(old, 0, 0)))
                .unchanged(
                    ImmutableSet.of(
                        new ConfigGroup(old, ImmutableSet.of(new Range(1, 1), new Range(4, 4))),
                        group(NEW, 2, 2)))
                .build());
  }

  @Test
  public void theDiffDoesNotCareAboutHowAnUpdateWouldRun() {
    JobUpdateRequest odd =
        request(s -> s.updateGroupSize(0).maxFailedInstances(-1)).toBuilder()
            .taskConfig(NEW.toBuilder().isService(false).build())
            .instanceCount(4001)
            .build();

    assertThat(diff(odd).add())
        .containsExactly(group(NEW.toBuilder().isService(false).build(), 0, 4000));
  }

  @Test
  public void theDiffRefusesWhatCannotBeCompared() {
    test.refused(
        test.api.getJobUpdateDiff(test.call(), null), ResponseCode.ERROR, "request must be set");
    test.refused(
        test.api.getJobUpdateDiff(test.call(), request(s -> s).toBuilder().settings(null).build()),
        ResponseCode.ERROR,
        "request.settings must be set");
    test.invalid(
        test.api.getJobUpdateDiff(
            test.call(), Samples.request(NEW.toBuilder().resources(ImmutableSet.of()).build(), 3)),
        "num_cpus must be greater than 0.0");
    test.invalid(
        test.api.getJobUpdateDiff(test.call(), Samples.request(NEW, -1)),
        "Instance count must be between 1 and 1000000 inclusive.");
  }
}
