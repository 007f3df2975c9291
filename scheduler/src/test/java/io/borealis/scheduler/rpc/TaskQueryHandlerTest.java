package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ConfigGroup;
import io.borealis.api.ConfigSummary;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobStats;
import io.borealis.api.JobSummary;
import io.borealis.api.PendingReason;
import io.borealis.api.Range;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.RoleSummary;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class TaskQueryHandlerTest {
  private static final JobKey OTHER = new JobKey("bank", "prod", "books");

  private final TestApi test = new TestApi();

  private ImmutableList<ScheduledTask> tasks(CompletionStage<Response> call) {
    return ((Result.ScheduleStatusResult) test.result(call)).value().tasks();
  }

  private ImmutableSet<JobSummary> summaries(@Nullable String role) {
    return ((Result.JobSummaryResult) test.result(test.api.getJobSummary(test.call(), role)))
        .value()
        .summaries();
  }

  private ImmutableSet<JobConfiguration> jobs(@Nullable String role) {
    return ((Result.GetJobsResult) test.result(test.api.getJobs(test.call(), role)))
        .value()
        .configs();
  }

  private ImmutableSet<PendingReason> reasons(TaskQuery query) {
    return ((Result.GetPendingReasonResult)
            test.result(test.api.getPendingReason(test.call(), query)))
        .value()
        .reasons();
  }

  private ConfigSummary configSummary(JobKey job) {
    return ((Result.ConfigSummaryResult) test.result(test.api.getConfigSummary(test.call(), job)))
        .value()
        .summary();
  }

  private static TaskQuery query() {
    return TaskQuery.builder().build();
  }

  @Test
  public void tasksAreFoundWhole() {
    ImmutableList<ScheduledTask> running =
        test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0, 1);
    ImmutableList<ScheduledTask> others =
        test.have(Samples.stored(OTHER), ScheduleStatus.FAILED, 0);

    assertThat(tasks(test.api.getTasksStatus(test.call(), query())))
        .containsExactlyInAnyOrderElementsOf(
            ImmutableList.<ScheduledTask>builder().addAll(running).addAll(others).build());
    assertThat(
            tasks(test.api.getTasksStatus(test.call(), TaskQuery.builder().role("bank").build())))
        .isEqualTo(others);
  }

  @Test
  public void configurationsAreLeftOutOnRequest() {
    ImmutableList<ScheduledTask> full = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0);

    ScheduledTask task = tasks(test.api.getTasksWithoutConfigs(test.call(), query())).get(0);

    ExecutorConfig executor = task.assignedTask().task().executorConfig();
    assertThat(executor).isEqualTo(new ExecutorConfig("AuroraExecutor", null));
    TaskConfig restored =
        task.assignedTask().task().toBuilder()
            .executorConfig(full.get(0).assignedTask().task().executorConfig())
            .build();
    assertThat(restored).isEqualTo(full.get(0).assignedTask().task());
  }

  @Test
  public void tasksWithoutExecutorAreReturnedUnchanged() {
    TaskConfig bare = Samples.stored(JOB).toBuilder().executorConfig(null).build();
    ImmutableList<ScheduledTask> stored = test.have(bare, ScheduleStatus.RUNNING, 0);

    assertThat(tasks(test.api.getTasksWithoutConfigs(test.call(), query()))).isEqualTo(stored);
  }

  @Test
  public void aQueryMustBeGiven() {
    for (CompletionStage<Response> call :
        List.of(
            test.api.getTasksStatus(test.call(), null),
            test.api.getTasksWithoutConfigs(test.call(), null),
            test.api.getPendingReason(test.call(), null))) {
      test.refused(call, ResponseCode.ERROR, "query must be set");
    }
  }

  @Test
  public void keysInAQueryMustBeValid() {
    JobKey bad = new JobKey("shop", "prod", "a b");
    test.refused(
        test.api.getTasksStatus(
            test.call(), TaskQuery.builder().jobKeys(ImmutableSet.of(bad)).build()),
        ResponseCode.ERROR,
        "Invalid job key format: shop/prod/a b");
    test.refused(
        test.api.getTasksStatus(
            test.call(), TaskQuery.builder().role("shop").environment("prod").jobName("").build()),
        ResponseCode.ERROR,
        "Invalid job key format: shop/prod/");
    test.refused(
        test.api.getTasksStatus(
            test.call(), TaskQuery.builder().role("").environment("prod").jobName("cart").build()),
        ResponseCode.ERROR,
        "Invalid job key format: /prod/cart");
    test.refused(
        test.api.getTasksStatus(
            test.call(),
            TaskQuery.builder().jobKeys(ImmutableSet.of(Samples.JOB)).jobName("cart").build()),
        ResponseCode.ERROR,
        "Invalid job key format: null/null/cart");
    assertThat(
            tasks(
                test.api.getTasksStatus(
                    test.call(),
                    TaskQuery.builder()
                        .jobKeys(ImmutableSet.of(bad))
                        .taskIds(ImmutableSet.of("x"))
                        .build())))
        .isEmpty();
  }

  @Test
  public void pendingReasonsCoverPendingTasksOnly() {
    ImmutableList<ScheduledTask> pending =
        test.have(Samples.stored(JOB), ScheduleStatus.PENDING, 0);
    ImmutableList<ScheduledTask> unused =
        test.have(Samples.stored(JOB), ScheduleStatus.THROTTLED, 1);
    unused = test.have(Samples.stored(OTHER), ScheduleStatus.RUNNING, 0);
    String id = pending.get(0).assignedTask().taskId();
    assertThat(reasons(query())).containsExactly(new PendingReason(id, ""));

    ImmutableList<String> displaced =
        test.offers.add(
            new Offer(
                "o1",
                "agent-1",
                "host-1",
                ResourceVector.ZERO,
                ImmutableList.of(),
                ImmutableList.of(),
                null),
            Long.MAX_VALUE);

    assertThat(displaced).isEmpty();
    assertThat(reasons(query()))
        .singleElement()
        .satisfies(reason -> assertThat(reason.reason()).contains("Insufficient: RAM"));
    assertThat(reasons(TaskQuery.builder().role("bank").build())).isEmpty();
  }

  @Test
  public void pendingReasonsCannotBeAskedByHostOrStatus() {
    test.invalid(
        test.api.getPendingReason(
            test.call(), TaskQuery.builder().slaveHosts(ImmutableSet.of("host-1")).build()),
        "SlaveHosts are not supported in TaskQuery(slaveHosts:[host-1])");
    test.invalid(
        test.api.getPendingReason(
            test.call(),
            TaskQuery.builder()
                .role("shop")
                .statuses(ImmutableSet.of(ScheduleStatus.PENDING))
                .build()),
        "Statuses is not supported in TaskQuery(role:shop, statuses:[PENDING])");
  }

  @Test
  public void configSummaryGroupsActiveInstancesByConfiguration() {
    TaskConfig plain = Samples.stored(JOB);
    TaskConfig urgent = plain.toBuilder().priority(5).build();
    ImmutableList<ScheduledTask> unused = test.have(plain, ScheduleStatus.RUNNING, 0, 1, 4);
    unused = test.have(urgent, ScheduleStatus.PENDING, 2, 3);
    unused = test.have(plain, ScheduleStatus.FAILED, 9);

    assertThat(configSummary(JOB))
        .isEqualTo(
            new ConfigSummary(
                JOB,
                ImmutableSet.of(
                    new ConfigGroup(plain, ImmutableSet.of(new Range(0, 1), new Range(4, 4))),
                    new ConfigGroup(urgent, ImmutableSet.of(new Range(2, 3))))));
  }

  @Test
  public void configSummaryOfAnUnknownJobIsEmptyAndOfABadKeyAnError() {
    assertThat(configSummary(JOB)).isEqualTo(new ConfigSummary(JOB, ImmutableSet.of()));
    test.refused(
        test.api.getConfigSummary(test.call(), null), ResponseCode.ERROR, "job must be set");
    test.refused(
        test.api.getConfigSummary(test.call(), new JobKey("a", "prod", null)),
        ResponseCode.ERROR,
        "job a/prod/null is not a valid job key");
  }

  @Test
  public void rolesAreCountedByTheirTasksAndTemplates() {
    ImmutableList<ScheduledTask> unused =
        test.have(Samples.stored(JOB), ScheduleStatus.FAILED, 0, 1);
    unused = test.have(Samples.stored(OTHER), ScheduleStatus.RUNNING, 0);
    test.haveCron(new JobKey("shop", "prod", "nightly"));
    test.haveCron(new JobKey("cronly", "prod", "nightly"));

    Result result = test.result(test.api.getRoleSummary(test.call()));

    assertThat(((Result.RoleSummaryResult) result).value().summaries())
        .containsExactly(
            new RoleSummary("bank", 1, 0),
            new RoleSummary("cronly", 0, 1),
            new RoleSummary("shop", 1, 1));
  }

  @Test
  public void jobsAreDescribedByTheirLatestActiveTask() {
    TaskConfig old = Samples.stored(JOB);
    TaskConfig young = old.toBuilder().owner(new Identity("eve")).priority(1).build();
    ImmutableList<ScheduledTask> unused = test.have(old, ScheduleStatus.RUNNING, 0);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    unused = test.have(young, ScheduleStatus.RUNNING, 1);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    unused = test.have(old, ScheduleStatus.KILLED, 2);

    assertThat(summaries("shop"))
        .singleElement()
        .satisfies(
            summary -> {
              assertThat(summary.job())
                  .isEqualTo(
                      JobConfiguration.builder()
                          .key(JOB)
                          .owner(new Identity("eve"))
                          .taskConfig(young)
                          .instanceCount(3)
                          .build());
              assertThat(summary.stats()).isEqualTo(new JobStats(2, 1, 0, 0));
              assertThat(summary.nextCronRunMs()).isNull();
            });
    assertThat(jobs("shop"))
        .singleElement()
        .satisfies(job -> assertThat(job.instanceCount()).isEqualTo(2));
  }

  @Test
  public void endedJobsAreSummarisedButNotListed() {
    ImmutableList<ScheduledTask> unused = test.have(Samples.stored(JOB), ScheduleStatus.LOST, 0);

    assertThat(summaries("shop"))
        .singleElement()
        .satisfies(summary -> assertThat(summary.stats()).isEqualTo(new JobStats(0, 0, 1, 0)));
    assertThat(jobs("shop")).isEmpty();
  }

  @Test
  public void everyStatusIsCountedOnce() {
    for (ScheduleStatus status : ScheduleStatus.values()) {
      ImmutableList<ScheduledTask> unused = test.have(Samples.stored(JOB), status, status.value());
    }

    assertThat(summaries("shop"))
        .singleElement()
        .satisfies(summary -> assertThat(summary.stats()).isEqualTo(new JobStats(8, 2, 2, 3)));
  }

  @Test
  public void cronJobsAreShownByTheirTemplateEvenWhenTheyHaveTasks() {
    test.haveCron(JOB);
    ImmutableList<ScheduledTask> unused = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0);

    JobConfiguration template = test.state().cronJobs().get(JOB);

    assertThat(jobs("shop")).containsExactly(template);
    assertThat(summaries("shop"))
        .singleElement()
        .satisfies(
            summary -> {
              assertThat(summary.job()).isEqualTo(template);
              assertThat(summary.stats()).isEqualTo(new JobStats(1, 0, 0, 0));
            });
  }

  @Test
  public void aBlankRoleMeansAllRoles() {
    ImmutableList<ScheduledTask> unused = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0);
    test.haveCron(OTHER);

    for (String role : new String[] {null, "", " "}) {
      assertThat(jobs(role)).extracting(JobConfiguration::key).containsExactly(OTHER, JOB);
      assertThat(summaries(role)).hasSize(2);
    }
    assertThat(jobs("nobody")).isEmpty();
    assertThat(summaries("nobody")).isEmpty();
  }
}
