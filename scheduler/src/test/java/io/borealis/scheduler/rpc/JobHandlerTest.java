package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class JobHandlerTest {
  private static final JobKey UNKNOWN = new JobKey("shop", "prod", "nope");
  private static final JobKey INVALID = new JobKey("shop", "prod", "a b");
  private static final ImmutableSet<Integer> ALL = ImmutableSet.of();

  private final TestApi test = new TestApi();

  private CompletionStage<Response> create(@Nullable JobConfiguration job) {
    return test.api.createJob(test.call(), job);
  }

  private CompletionStage<Response> kill(
      @Nullable JobKey job, ImmutableSet<Integer> instances, @Nullable String message) {
    return test.api.killTasks(test.call(), job, instances, message);
  }

  private CompletionStage<Response> restart(@Nullable JobKey job, Integer... shards) {
    return test.api.restartShards(test.call(), job, ImmutableSet.copyOf(shards));
  }

  private CompletionStage<Response> add(@Nullable JobKey job, int instance, int count) {
    return test.api.addInstances(test.call(), new InstanceKey(job, instance), count);
  }

  private void haveActiveUpdate(JobUpdateStatus status) {
    test.haveUpdate(Updates.of(JOB, "u1", Samples.stored(JOB), 3), status);
  }

  private static JobConfiguration preferred(int instances) {
    return Samples.job(instances).toBuilder()
        .taskConfig(Samples.config().toBuilder().tier("preferred").build())
        .build();
  }

  @Test
  public void createdJobsHaveOnePendingTaskAnInstance() {
    test.ok(create(Samples.job(3)));

    assertThat(test.statuses(JOB)).containsExactly("0:PENDING", "1:PENDING", "2:PENDING");
    assertThat(test.active(JOB))
        .allSatisfy(task -> assertThat(task.assignedTask().task()).isEqualTo(Samples.stored(JOB)));
  }

  @Test
  public void equalConfigurationsAreOneObjectOnTheLeaderToo() {
    test.ok(create(Samples.job(2)));
    TaskConfig first = Iterables.getFirst(test.active(JOB), null).assignedTask().task();
    test.ok(kill(JOB, ImmutableSet.of(), null));
    test.ok(create(Samples.job(2)));

    assertThat(test.active(JOB))
        .allSatisfy(task -> assertThat(task.assignedTask().task()).isSameAs(first));
  }

  @Test
  public void createIsOneTransaction() {
    int before = test.store.entries();

    test.ok(create(Samples.job(100)));

    assertThat(test.store.entries()).isEqualTo(before + 1);
  }

  @Test
  public void createRefusesWhatIsNotAJob() {
    test.refused(create(null), ResponseCode.ERROR, "description must be set");
    test.invalid(
        create(JobConfiguration.builder().build()), "Job configuration must have taskConfig set.");
    test.invalid(create(Samples.job(0)), "Instance count must be positive.");
    test.invalid(create(Samples.job(4001)), "Instance count must be between 1 and 4000 inclusive.");
  }

  @Test
  public void createRefusesCronJobsEvenWithAnEmptySchedule() {
    test.invalid(
        create(Samples.job(1).toBuilder().cronSchedule("").build()),
        "Cron jobs may only be created/updated by calling scheduleCronJob.");
  }

  @Test
  public void createRefusesJobsThatExist() {
    test.ok(create(Samples.job(1)));

    test.invalid(create(Samples.job(1)), "Job shop/prod/cart already exists");
  }

  @Test
  public void createRefusesJobsThatAreCronJobs() {
    test.haveCron(JOB);

    test.invalid(create(Samples.job(1)), "Job shop/prod/cart already exists");
  }

  @Test
  public void aJobWhoseTasksHaveEndedMayBeCreatedAgain() {
    List<ScheduledTask> ended = test.have(Samples.stored(JOB), ScheduleStatus.KILLED, 0);

    test.ok(create(Samples.job(1)));

    assertThat(test.statuses(JOB)).containsExactly("0:PENDING");
    assertThat(test.state().tasks().get(ended.get(0).assignedTask().taskId())).isNotNull();
  }

  @Test
  public void productionNeedsQuota() {
    test.invalid(
        create(preferred(3)),
        "Insufficient resource quota: CPU quota exceeded by 3.00 core(s); RAM quota exceeded by"
            + " 48.00 MB; disk quota exceeded by 96.00 MB");

    test.haveQuota("shop", 3, 48, 96);
    test.ok(create(preferred(3)));
  }

  @Test
  public void theCountIsRefusedBeforeTheQuota() {
    test.invalid(create(preferred(4001)), "Instance count must be between 1 and 4000 inclusive.");
  }

  /** SM-9. */
  @Test
  public void everyActiveUpdateHoldsOtherChangesBack() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    for (JobUpdateStatus status : io.borealis.api.AuroraConstants.ACTIVE_JOB_UPDATE_STATES) {
      haveActiveUpdate(status);

      for (CompletionStage<Response> call :
          List.of(create(Samples.job(1)), kill(JOB, ALL, null), restart(JOB, 7), add(JOB, 9, 1))) {
        test.refused(call, ResponseCode.JOB_UPDATING_ERROR, "Job is currently updating");
      }
    }
    haveActiveUpdate(JobUpdateStatus.ROLLED_FORWARD);
    test.ok(restart(JOB, 0));
  }

  @Test
  public void populateReturnsTheTaskAndStoresNothing() {
    int entries = test.store.entries();

    Result result = test.result(test.api.populateJobConfig(test.call(), Samples.job(4001)));

    assertThat(((Result.PopulateJobResult) result).value().taskConfig())
        .isEqualTo(Samples.stored(JOB));
    assertThat(test.store.entries()).isEqualTo(entries);
  }

  @Test
  public void populateSaysThatTheConfigurationIsInvalid() {
    test.invalid(
        test.api.populateJobConfig(test.call(), Samples.job(0)),
        "Invalid configuration: Instance count must be positive.");
    test.refused(
        test.api.populateJobConfig(test.call(), null),
        ResponseCode.ERROR,
        "description must be set");
  }

  @Test
  public void killTakesAllInstancesWhenNoneIsNamed() {
    TaskConfig unused = test.haveRunning(0, 1);

    test.ok(kill(JOB, ALL, null));

    assertThat(test.statuses(JOB)).containsExactly("0:KILLING", "1:KILLING");
    assertThat(lastEvent(0).message()).isEqualTo("Killed by ann");
  }

  @Test
  public void killTakesOnlyTheInstancesNamedAndNotesTheReason() {
    TaskConfig unused = test.haveRunning(0, 1);

    test.ok(kill(JOB, ImmutableSet.of(1, 99), "too hot"));

    assertThat(test.statuses(JOB)).containsExactly("0:RUNNING", "1:KILLING");
    assertThat(lastEvent(1).message()).isEqualTo("Killed by ann.\ntoo hot");
  }

  @Test
  public void killCountsPendingTasksWhichAreSimplyRemoved() {
    test.ok(create(Samples.job(2)));

    test.ok(kill(JOB, ALL, null));

    assertThat(test.active(JOB)).isEmpty();
  }

  @Test
  public void killTellsWhenThereWasNothingToKill() {
    test.ok(kill(UNKNOWN, ALL, null), "No tasks to kill.");
    TaskConfig unused = test.haveRunning(0);
    test.ok(kill(JOB, ImmutableSet.of(-1), null), "No tasks to kill.");
    test.ok(kill(JOB, ALL, null));
    test.ok(kill(JOB, ALL, null), "No tasks to kill.");
  }

  @Test
  public void callsWithoutAUsableKeyAreErrors() {
    for (CompletionStage<Response> call : List.of(kill(null, ALL, null), restart(null, 1))) {
      test.refused(call, ResponseCode.ERROR, "job must be set");
    }
    for (CompletionStage<Response> call : List.of(kill(INVALID, ALL, null), restart(INVALID, 1))) {
      test.refused(call, ResponseCode.ERROR, "job shop/prod/a b is not a valid job key");
    }
    test.refused(
        test.api.addInstances(test.call(), null, 1), ResponseCode.ERROR, "key must be set");
    test.refused(add(null, 0, 1), ResponseCode.ERROR, "key.jobKey must be set");
    test.refused(
        add(INVALID, 0, 1), ResponseCode.ERROR, "key.jobKey shop/prod/a b is not a valid job key");
  }

  @Test
  public void restartMovesTheInstancesNamed() {
    TaskConfig unused = test.haveRunning(0, 1);

    test.ok(restart(JOB, 1));

    assertThat(test.statuses(JOB)).containsExactly("0:RUNNING", "1:RESTARTING");
    assertThat(lastEvent(1).message()).isEqualTo("Restarted by ann");
  }

  @Test
  public void restartIgnoresTasksThatCannotRestart() {
    test.ok(create(Samples.job(1)));

    test.ok(restart(JOB, 0));

    assertThat(test.statuses(JOB)).containsExactly("0:PENDING");
  }

  @Test
  public void restartWantsEveryInstanceActive() {
    TaskConfig unused = test.haveRunning(0);

    test.refused(restart(JOB), ResponseCode.ERROR, "Argument cannot be blank");
    test.invalid(restart(JOB, 0, 1), "Not all requested shards are active.");
    test.invalid(restart(UNKNOWN, 0), "Not all requested shards are active.");
    assertThat(test.statuses(JOB)).containsExactly("0:RUNNING");
  }

  @Test
  public void addedInstancesFollowTheHighestAndLookLikeTheExample() {
    TaskConfig config = test.haveRunning(0, 1, 5);

    test.ok(add(JOB, 1, 2));

    assertThat(test.statuses(JOB))
        .containsExactly("0:RUNNING", "1:RUNNING", "5:RUNNING", "6:PENDING", "7:PENDING");
    assertThat(test.active(JOB).get(4).assignedTask().task()).isEqualTo(config);
  }

  @Test
  public void addRefusesWhatCannotBeAdded() {
    TaskConfig unused = test.haveRunning(0, 1, 5);
    test.haveCron(new JobKey("shop", "prod", "cron"));

    test.invalid(add(JOB, 0, 0), "Instance count must be positive.");
    test.invalid(add(JOB, 0, -1), "Instance count must be positive.");
    test.invalid(
        add(new JobKey("shop", "prod", "cron"), 0, 1), "Instances may not be added to cron jobs.");
    test.invalid(add(JOB, 3, 1), "No active task found for a given instance ID.");
    test.invalid(add(UNKNOWN, 0, 1), "No active task found for a given instance ID.");
    test.invalid(add(JOB, 0, 3998), "Instance count must be between 1 and 4000 inclusive.");
    test.invalid(
        add(JOB, 0, Integer.MAX_VALUE), "Instance count must be between 1 and 4000 inclusive.");
  }

  @Test
  public void addNeedsQuotaForTheNewInstancesOnly() {
    test.haveQuota("shop", 2, 1000, 1000);
    test.ok(create(preferred(1)));

    test.invalid(add(JOB, 0, 2), "Insufficient resource quota: CPU quota exceeded by 1.00 core(s)");
    test.ok(add(JOB, 0, 1));
  }

  private TaskEvent lastEvent(int instance) {
    List<TaskEvent> events = test.state().tasks().activeOf(JOB, instance).taskEvents();
    return events.get(events.size() - 1);
  }
}
