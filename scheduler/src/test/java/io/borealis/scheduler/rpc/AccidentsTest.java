package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.GetQuotaResult;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.scheduler.NamedTests;
import io.borealis.scheduler.quota.QuotaCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.junit.Test;

/**
 * What happens in the original by accident and shall not here (API rules, section 18). {@code
 * docs/compatibility.md} has a row for each of the fourteen with the tests that show it: these, or
 * those of the calls concerned.
 */
public class AccidentsTest {
  private static final Pattern ROW = Pattern.compile("^\\| RPC-(\\d+) \\|(.*)$", Pattern.MULTILINE);

  private TestApi test = new TestApi();

  private final TaskConfig stored = Samples.stored(JOB);
  private final TaskConfig prod = stored.toBuilder().production(true).build();

  private ImmutableList<ScheduledTask> tasks(CompletionStage<Response> call) {
    return ((Result.ScheduleStatusResult) test.result(call)).value().tasks();
  }

  private GetQuotaResult quota() {
    return ((Result.GetQuotaResult) test.result(test.api.getQuota(test.call(), "shop"))).value();
  }

  private static ResourceAggregate of(double cpus, long ramMb, long diskMb) {
    return new ResourceAggregate(Samples.resources(cpus, ramMb, diskMb));
  }

  @Test
  public void everyAccidentHasARowAndTestsThatExist() throws IOException {
    List<Integer> rows = new ArrayList<>();
    ImmutableSet<String> tests = NamedTests.existing();
    ROW.matcher(Files.readString(Path.of("../docs/compatibility.md")))
        .results()
        .forEach(
            row -> {
              rows.add(Integer.valueOf(row.group(1)));
              assertThat(NamedTests.in(row.group(2)))
                  .as("tests of RPC-%s", row.group(1))
                  .isNotEmpty()
                  .isSubsetOf(tests);
            });
    assertThat(rows).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
  }

  @Test
  public void tasksAreNotCreatedUnderAKeyThatNobodyChecked() {
    JobConfiguration smuggled =
        Samples.job(1).toBuilder()
            .taskConfig(Samples.config(new JobKey("bank", "prod", "cart")))
            .build();

    test.invalid(
        test.api.createJob(test.call(), smuggled),
        "Job key shop/prod/cart must be the same as taskConfig.job bank/prod/cart.");
  }

  @Test
  public void tasksWithoutAnExecutorDoNotSpoilTheAnswerForOthers() {
    TaskConfig bare = stored.toBuilder().executorConfig(null).build();
    var unused = test.have(bare, ScheduleStatus.RUNNING, 0);
    unused = test.have(stored, ScheduleStatus.RUNNING, 1);

    ImmutableList<ScheduledTask> found =
        tasks(test.api.getTasksWithoutConfigs(test.call(), TaskQuery.builder().build()));

    assertThat(Iterables.transform(found, task -> task.assignedTask().task()))
        .containsExactlyInAnyOrder(
            bare,
            stored.toBuilder().executorConfig(new ExecutorConfig("AuroraExecutor", null)).build());
  }

  @Test
  public void anEmptyRoleDoesNotHideCronJobs() {
    test.haveCron(JOB);

    for (String blank : new String[] {null, "", " "}) {
      var jobs = (Result.GetJobsResult) test.result(test.api.getJobs(test.call(), blank));
      assertThat(jobs.value().configs()).hasSize(1);
      var summaries =
          (Result.JobSummaryResult) test.result(test.api.getJobSummary(test.call(), blank));
      assertThat(summaries.value().summaries()).hasSize(1);
    }
  }

  @Test
  public void tasksOfACronJobCountInTheirOwnBucketWhateverItsTemplateIs() {
    test.haveCron(JOB); // Two instances, not production.
    var unused = test.have(prod, ScheduleStatus.RUNNING, 0, 1, 2);

    assertThat(quota().prodSharedConsumption()).isEqualTo(of(3, 48, 96));
    assertThat(quota().nonProdSharedConsumption()).isEqualTo(of(2, 32, 64));
  }

  /** Kept: clients can see it. */
  @Test
  public void aProductionCronJobOnDedicatedHostsNeedsQuota() {
    JobConfiguration template =
        Samples.job(2).toBuilder()
            .cronSchedule("* * * * *")
            .taskConfig(
                prod.toBuilder()
                    .isService(false)
                    .constraints(ImmutableSet.of(Samples.dedicated("shop/x")))
                    .build())
            .build();

    assertThat(QuotaCheck.forCron(test.state(), template).text())
        .isEqualTo(
            "CPU quota exceeded by 2.00 core(s); RAM quota exceeded by 32.00 MB; disk quota"
                + " exceeded by 64.00 MB");
    test.haveQuota("shop", 2, 32, 64);
    assertThat(QuotaCheck.forCron(test.state(), template)).isNull();
  }

  /** Also {@code SchedulerApiTest#aRefusalUndoesWhatTheCallHadChanged}. */
  @Test
  public void whatIsRefusedChangesNothing() {
    TaskConfig config = test.haveRunning(0, 1);
    assertThat(config).isNotNull();

    test.invalid(
        test.api.restartShards(test.call(), JOB, ImmutableSet.of(0, 7)),
        "Not all requested shards are active.");
    assertThat(test.statuses(JOB)).containsExactly("0:RUNNING", "1:RUNNING");
  }

  @Test
  public void theOrderOfTasksDependsOnNothingButTheTasks() {
    var unused = test.have(stored, ScheduleStatus.RUNNING, 0, 1, 2, 3, 40, 500);
    unused = test.have(Samples.stored(new JobKey("bank", "prod", "x")), ScheduleStatus.RUNNING, 1);
    TestApi other = new TestApi();
    unused = other.have(Samples.stored(new JobKey("bank", "prod", "x")), ScheduleStatus.RUNNING, 1);
    unused = other.have(stored, ScheduleStatus.RUNNING, 500, 3, 40, 1, 2, 0);

    for (TaskQuery query :
        new TaskQuery[] {
          TaskQuery.builder().build(),
          TaskQuery.builder().role("shop").build(),
          TaskQuery.builder().jobKeys(ImmutableSet.of(JOB)).build()
        }) {
      ImmutableList<ScheduledTask> order = tasks(test.api.getTasksStatus(test.call(), query));
      assertThat(tasks(other.api.getTasksStatus(other.call(), query))).isEqualTo(order);
      TestApi next = test.failover();
      assertThat(
              ((Result.ScheduleStatusResult)
                      next.result(next.api.getTasksStatus(next.call(), query)))
                  .value()
                  .tasks())
          .isEqualTo(order);
      test = next;
    }
  }

  @Test
  public void aRefusalForQuotaNamesCpuThenRamThenDisk() {
    TaskConfig preferred = Samples.config().toBuilder().tier("preferred").build();

    test.invalid(
        test.api.createJob(test.call(), Samples.job(1).toBuilder().taskConfig(preferred).build()),
        "Insufficient resource quota: CPU quota exceeded by 1.00 core(s); RAM quota exceeded by"
            + " 16.00 MB; disk quota exceeded by 32.00 MB");
  }

  @Test
  public void ofTheActiveTasksTheLatestSpeaksForTheJob() {
    TaskConfig old = stored.toBuilder().priority(1).build();
    TaskConfig latest = stored.toBuilder().priority(2).build();
    TaskConfig ended = stored.toBuilder().priority(3).build();
    var unused = test.have(old, ScheduleStatus.PENDING, 0);
    test.store.runtimes().advance(java.time.Duration.ofSeconds(1));
    unused = test.have(latest, ScheduleStatus.ASSIGNED, 1);
    test.store.runtimes().advance(java.time.Duration.ofSeconds(1));
    unused = test.have(ended, ScheduleStatus.FINISHED, 2);

    var jobs = (Result.GetJobsResult) test.result(test.api.getJobs(test.call(), "shop"));

    assertThat(Iterables.getOnlyElement(jobs.value().configs()).taskConfig()).isEqualTo(latest);
  }

  /** Integers arrive as integers, and what may be left out is known to be there when it is. */
  @Test
  public void plainJsonCallsAreCallsLikeAllOthers() {
    var unused = test.have(stored, ScheduleStatus.RUNNING, 0, 1);
    unused = test.have(stored, ScheduleStatus.FINISHED, 2, 3);
    TestEndpoints http = new TestEndpoints(test);
    String job = "{\"role\":\"shop\",\"environment\":\"prod\",\"name\":\"cart\"}";

    assertThat(http.plainAnswer("pruneTasks", "{\"query\":{\"role\":\"shop\",\"limit\":1}}"))
        .isEqualTo("OK []");
    assertThat(test.state().tasks().size()).isEqualTo(3);
    assertThat(http.plainAnswer("restartShards", "{\"job\":" + job + ",\"shardIds\":[1]}"))
        .isEqualTo("OK []");
    assertThat(test.statuses(JOB)).containsExactly("0:RUNNING", "1:RESTARTING");
    assertThat(http.plainAnswer("killTasks", "{\"job\":" + job + ",\"instances\":[0]}"))
        .isEqualTo("OK []");
    assertThat(test.statuses(JOB)).containsExactly("0:KILLING", "1:RESTARTING");
    assertThat(
            http.plainAnswer(
                "addInstances", "{\"key\":{\"jobKey\":" + job + ",\"instanceId\":0},\"count\":1}"))
        .isEqualTo("OK []");
    assertThat(test.statuses(JOB)).containsExactly("0:KILLING", "1:RESTARTING", "2:PENDING");
    assertThat(
            http.plainAnswer(
                "slaDrainHosts", "{\"hosts\":{\"hostNames\":[\"h\"]},\"timeoutSecs\":-1}"))
        .startsWith("INVALID_REQUEST [timeoutSecs");
    assertThat(
            http.plainAnswer(
                "triggerExplicitTaskReconciliation", "{\"settings\":{\"batchSize\":0}}"))
        .isEqualTo("INVALID_REQUEST [Batch size must be greater than zero.]");
  }

  @Test
  public void missingArgumentsAreErrorsInWords() {
    test.refused(
        test.api.createJob(test.call(), null), ResponseCode.ERROR, "description must be set");
    test.refused(
        test.api.getTasksStatus(test.call(), null), ResponseCode.ERROR, "query must be set");
    test.refused(
        test.api.setQuota(test.call(), "shop", null), ResponseCode.ERROR, "quota must be set");
  }
}
