package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static io.borealis.scheduler.rpc.Updates.instances;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.AuroraConstants;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
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
import io.borealis.scheduler.tier.TierRegistry;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.Test;

/** What starting an update checks and stores (update rules, section 3.2). */
public class StartUpdateTest {
  private final TestApi test = new TestApi();

  /** A-1; the summary lacks the state, as clients are used to (W-26). */
  @Test
  public void startStoresTheDifferenceAndAnswersWithKeyAndSummary() {
    TaskConfig old = test.haveRunning(0, 1, 4, 5, 6);
    TaskConfig older = old.toBuilder().priority(3).build();
    var unused = test.have(older, ScheduleStatus.RUNNING, 2, 3);
    JobUpdateRequest request =
        Samples.request(NEW, 6).toBuilder()
            .metadata(ImmutableSet.of(new Metadata("tag", "x")))
            .build();

    Result result = test.result(test.start(request));

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
    JobUpdate stored = test.updating().update();
    assertThat(stored.instructions().initialState())
        .containsExactlyInAnyOrder(
            instances(old, new Range(0, 1), new Range(4, 6)), instances(older, new Range(2, 3)));
    assertThat(stored.instructions().desiredState()).isEqualTo(instances(NEW, new Range(0, 5)));
    assertThat(stored.instructions().settings())
        .isEqualTo(
            JobUpdateSettings.builder()
                .updateGroupSize(1)
                .blockIfNoPulsesAfterMs(0)
                .slaAware(false)
                .updateStrategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(1)))
                .build());
    assertThat(workload()).isEqualTo(6);
  }

  private double workload() {
    return test.meters.counter("thrift_workload_startJobUpdate").count();
  }

  /** */
  @Test
  public void scalingDownBringsNothing() {
    TaskConfig old = test.haveRunning(0, 1, 2);

    Result unused = test.result(test.start(Samples.request(old, 1)));

    assertThat(test.updating().update().instructions().desiredState()).isNull();
    assertThat(test.updating().update().instructions().initialState())
        .containsExactly(new InstanceTaskConfig(old, ImmutableSet.of(new Range(1, 2))));
  }

  @Test
  public void aScopeLimitsWhatIsTouched() {
    TaskConfig old = test.haveRunning(0, 1, 2);

    Result unused = test.result(test.start(Updates.only(3, new Range(1, 1))));

    assertThat(test.updating().update().instructions().initialState())
        .containsExactly(new InstanceTaskConfig(old, ImmutableSet.of(new Range(1, 1))));
    assertThat(test.updating().update().instructions().desiredState())
        .isEqualTo(new InstanceTaskConfig(NEW, ImmutableSet.of(new Range(1, 1))));
  }

  /** */
  @Test
  public void waitingForBatchesMakesABatchStrategy() {
    JobUpdateSettings asked =
        Updates.request(s -> s.updateGroupSize(2).waitForBatchCompletion(true)).settings();

    Result unused =
        test.result(
            test.start(Updates.request(s -> s.updateGroupSize(2).waitForBatchCompletion(true))));

    assertThat(test.updating().details().update().instructions().settings())
        .isEqualTo(
            asked.toBuilder()
                .blockIfNoPulsesAfterMs(0)
                .slaAware(false)
                .updateStrategy(
                    new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(2, false)))
                .build());
  }

  /** */
  @Test
  public void aScopeMayNameInstancesThatAreAsTheyShallBe() {
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 0);
    TaskConfig old = test.haveRunning(1, 2);

    assertThat(test.result(test.start(Updates.only(3, new Range(0, 2))))).isNotNull();

    assertThat(test.updating().update().instructions().initialState())
        .containsExactly(instances(old, new Range(1, 2)));
    assertThat(test.updating().update().instructions().desiredState())
        .isEqualTo(instances(NEW, new Range(1, 2)));
  }

  /** */
  @Test
  public void nothingToDoIsSuccessWithoutAnUpdate() {
    TaskConfig old = test.haveRunning(0, 1);

    test.ok(test.start(Samples.request(old, 2)), "Job is unchanged by proposed update.");

    assertThat(test.state().updates().size()).isZero();
    assertThat(workload()).isZero();
  }

  /** */
  @Test
  public void noInstancesAreNothingToDoOnlyWhenThereAreNone() {
    test.ok(test.start(Samples.request(NEW, 0)), "Job is unchanged by proposed update.");

    TaskConfig unused = test.haveRunning(0, 1);
    test.invalid(
        test.start(Samples.request(NEW, 0)),
        "Instance count must be between 1 and 4000 inclusive.");
  }

  /** DF-6 and DF-7. */
  @Test
  public void aScopeInWhichNothingChangesIsNothingToDo() {
    TaskConfig old = test.haveRunning(0, 1, 2);
    for (int count : new int[] {1, 5}) {
      JobUpdateRequest grownOrShrunk =
          Updates.only(count, new Range(0, 0)).toBuilder().taskConfig(old).build();
      test.ok(test.start(grownOrShrunk), "Job is unchanged by proposed update.");
    }
  }

  /** DF-5. */
  @Test
  public void holesAreFilledAndWhatIsRightIsLeftAlone() {
    TaskConfig old = test.haveRunning(0, 4);
    TaskConfig older = old.toBuilder().priority(3).build();
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 1);
    unused = test.have(older, ScheduleStatus.RUNNING, 3);

    assertThat(test.result(test.start(Samples.request(NEW, 5)))).isNotNull();

    assertThat(test.updating().update().instructions().initialState())
        .containsExactlyInAnyOrder(
            new InstanceTaskConfig(old, ImmutableSet.of(new Range(0, 0), new Range(4, 4))),
            new InstanceTaskConfig(older, ImmutableSet.of(new Range(3, 3))));
    assertThat(test.updating().update().instructions().desiredState())
        .isEqualTo(new InstanceTaskConfig(NEW, ImmutableSet.of(new Range(0, 0), new Range(2, 4))));
  }

  /** A-19, W-24; of two thousand million instances no set is made. */
  @Test
  public void countsOutsideTheLimitsAreRefused() {
    TaskConfig unused = test.haveRunning(0);
    for (int count : new int[] {0, -1, 4001, Integer.MAX_VALUE}) {
      test.invalid(
          test.start(Samples.request(NEW, count)),
          "Instance count must be between 1 and 4000 inclusive.");
    }
  }

  /** */
  @Test
  public void cronJobsAreNotUpdated() {
    test.haveCron(JOB);

    test.invalid(
        test.start(Samples.request(NEW, 3)),
        "Cron jobs may only be created/updated by calling scheduleCronJob.");
  }

  /** */
  @Test
  public void productionUpdatesNeedQuotaForTheirLargerSide() {
    TaskConfig preferred =
        new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config)
            .validate(Samples.config().toBuilder().tier("preferred").build(), 1);
    var unused = test.have(preferred, ScheduleStatus.RUNNING, 0, 1);
    test.haveQuota("shop", 2, 1000, 1000);

    test.invalid(
        test.start(Samples.request(preferred.toBuilder().priority(1).build(), 3)),
        "Insufficient resource quota: CPU quota exceeded by 1.00 core(s)");
    Result ok =
        test.result(test.start(Samples.request(preferred.toBuilder().priority(1).build(), 2)));
    assertThat(ok).isNotNull();
  }

  /** QU-3. */
  @Test
  public void noQuotaIsNeededForWhatIsNotSharedProductionOrOnlyGoesAway() {
    TaskConfig preferred = preferred();
    var unused = test.have(preferred, ScheduleStatus.RUNNING, 0, 1);

    test.invalid(
        test.start(Samples.request(preferred.toBuilder().priority(1).build(), 2)),
        "Insufficient resource quota: CPU quota exceeded by 2.00 core(s); RAM quota exceeded by"
            + " 32.00 MB; disk quota exceeded by 64.00 MB");
    for (JobUpdateRequest free :
        List.of(
            Samples.request(NEW, 2),
            Samples.request(
                preferred.toBuilder()
                    .constraints(ImmutableSet.of(Samples.dedicated("shop/x")))
                    .build(),
                2),
            Samples.request(preferred, 1))) {
      assertThat(test.result(test.start(free))).isNotNull();
      test.ok(test.api.abortJobUpdate(test.call(), test.updating().key(), null));
    }
  }

  private static TaskConfig preferred() {
    return new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config)
        .validate(Samples.config().toBuilder().tier("preferred").build(), 1);
  }

  /** SM-3; AURORA-1023: also when the first one has no lock any more. */
  @Test
  public void aSecondUpdateIsRefusedWithTheFirstOne() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    for (JobUpdateStatus status : AuroraConstants.ACTIVE_JOB_UPDATE_STATES) {
      test.haveUpdate(Updates.of(JOB, "first", NEW, 3), status);
      int entries = test.store.entries();

      Response answer = test.get(test.start(Samples.request(NEW, 3)));

      TestApi.assertAnswer(
          answer,
          ResponseCode.INVALID_REQUEST,
          "An active update already exists for this job, please terminate it before starting"
              + " another. Active updates are those in states [ROLLING_FORWARD, ROLLING_BACK,"
              + " ROLL_FORWARD_PAUSED, ROLL_BACK_PAUSED, ROLL_FORWARD_AWAITING_PULSE,"
              + " ROLL_BACK_AWAITING_PULSE]");
      StartJobUpdateResult existing = ((Result.StartJobUpdateResult) answer.result()).value();
      assertThat(existing.key()).isEqualTo(new JobUpdateKey(JOB, "first"));
      assertThat(existing.updateSummary()).isEqualTo(test.updating().summary());
      assertThat(existing.updateSummary().metadata()).containsExactly(new Metadata("tag", "first"));
      assertThat(existing.updateSummary().state().status()).isEqualTo(status);
      assertThat(test.store.entries()).isEqualTo(entries);
    }
  }

  /**
   * A-27, SM-10, W-38, AURORA-1711: a client that had no answer repeats the call and knows its
   * update by the tag.
   */
  @Test
  public void ofTwoStartsAtOnceOneWinsAndTheOtherIsShownTheWinner() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    Metadata tag = new Metadata("org.apache.aurora.client.update_id", "4711");
    JobUpdateRequest request =
        Samples.request(NEW, 3).toBuilder().metadata(ImmutableSet.of(tag)).build();

    CompletionStage<Response> first = test.start(request);
    CompletionStage<Response> second = test.start(request);

    Result won = test.result(first);
    Response lost = test.get(second);
    assertThat(lost.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
    StartJobUpdateResult shown = ((Result.StartJobUpdateResult) lost.result()).value();
    assertThat(shown.key()).isEqualTo(((Result.StartJobUpdateResult) won).value().key());
    assertThat(shown.updateSummary().metadata()).containsExactly(tag);
    assertThat(shown.updateSummary().state().status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(test.state().updates().size()).isEqualTo(1);
  }

  /** SM-5. */
  @Test
  public void whenSeveralUpdatesAreActiveAllAreNamed() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    test.haveUpdate(Updates.of(JOB, "a", NEW, 3), JobUpdateStatus.ROLL_FORWARD_PAUSED);
    test.haveUpdate(Updates.of(JOB, "b", NEW, 3), JobUpdateStatus.ROLLING_BACK);

    Response answer = test.get(test.start(Samples.request(NEW, 3)));

    assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
    assertThat(answer.details().get(0).message())
        .startsWith("Multiple active updates exist for this job.")
        .contains("shop/prod/cart a", "shop/prod/cart b");
  }

  /** W-24. */
  @Test
  public void environmentsOfUpdatesAreCheckedOnlyWhenAskedFor() {
    TaskConfig odd = NEW.toBuilder().job(new JobKey("shop", "odd", "cart")).build();
    Result unused = test.result(test.start(Samples.request(odd, 1)));

    TestApi strict = new TestApi(JobLimits.builder().checkEnvironmentOfUpdates(true).build());
    strict.invalid(
        strict.api.startJobUpdate(strict.call(), Samples.request(odd, 1), null),
        "Job environment odd doesn't match: ^(prod|devel|test|staging\\d*)$");
  }
}
