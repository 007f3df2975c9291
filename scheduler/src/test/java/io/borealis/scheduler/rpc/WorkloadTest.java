package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskQuery;
import io.borealis.thrift.Vars;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.Test;

/** The counters of what calls touch, under Aurora's names (API rules, section 4.4). */
public class WorkloadTest {
  private final TestApi test = new TestApi();

  private Map<String, Number> vars() {
    return new Vars(test.meters).all();
  }

  private void answered(CompletionStage<Response> call) {
    assertThat(test.result(call)).isNotNull();
  }

  private static TaskQuery role(String role) {
    return TaskQuery.builder().role(role).build();
  }

  @Test
  public void readsCountWhatTheyReturn() {
    var unused = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0, 1, 2);
    unused =
        test.have(Samples.stored(JOB).toBuilder().priority(7).build(), ScheduleStatus.PENDING, 3);
    unused = test.have(Samples.stored(new JobKey("bank", "prod", "x")), ScheduleStatus.FAILED, 0);

    answered(test.api.getTasksStatus(test.call(), role("shop")));
    answered(test.api.getTasksWithoutConfigs(test.call(), role(null)));
    answered(test.api.getPendingReason(test.call(), role("shop")));
    answered(test.api.getConfigSummary(test.call(), JOB));
    answered(test.api.getRoleSummary(test.call()));
    answered(test.api.getJobSummary(test.call(), null));
    answered(test.api.getJobs(test.call(), null));

    assertThat(vars())
        .containsEntry("scheduler_thrift_workload_getTasksStatus", 4L)
        .containsEntry("scheduler_thrift_workload_getTasksWithoutConfigs", 5L)
        .containsEntry("scheduler_thrift_workload_getPendingReason", 1L)
        .containsEntry("scheduler_thrift_workload_getConfigSummary", 2L)
        .containsEntry("scheduler_thrift_workload_getRoleSummary", 2L)
        .containsEntry("scheduler_thrift_workload_getJobSummary", 2L)
        .containsEntry("scheduler_thrift_workload_getJobs", 1L);
  }

  @Test
  public void writesCountWhatTheyTouchIfTheySucceed() {
    test.ok(test.api.createJob(test.call(), Samples.job(3)));
    test.invalid(
        test.api.createJob(test.call(), Samples.job(3)), "Job shop/prod/cart already exists");
    test.ok(test.api.addInstances(test.call(), new InstanceKey(JOB, 0), 2));
    test.ok(test.api.restartShards(test.call(), JOB, ImmutableSet.of(0, 1)));
    test.ok(test.api.killTasks(test.call(), JOB, ImmutableSet.of(0), null));
    test.ok(test.api.killTasks(test.call(), JOB, ImmutableSet.of(9), null), "No tasks to kill.");

    assertThat(vars())
        .containsEntry("thrift_workload_createJob", 3L)
        .containsEntry("thrift_workload_addInstances", 2L)
        .containsEntry("thrift_workload_restartShards", 2L)
        .containsEntry("thrift_workload_killTasks", 1L);
  }

  @Test
  public void queriesAreCountedByTheIndexThatAnswersThem() {
    var unused = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 0, 1);
    for (TaskQuery query :
        new TaskQuery[] {
          role(null),
          role("shop"),
          TaskQuery.builder().taskIds(ImmutableSet.of("x")).build(),
          TaskQuery.builder().jobKeys(ImmutableSet.of(JOB)).build(),
          TaskQuery.builder().slaveHosts(ImmutableSet.of("a")).build(),
          TaskQuery.builder().statuses(ImmutableSet.of(ScheduleStatus.RUNNING)).build()
        }) {
      answered(test.api.getTasksStatus(test.call(), query));
    }
    test.refused(
        test.api.getTasksStatus(test.call(), null), ResponseCode.ERROR, "query must be set");

    assertThat(vars())
        .containsEntry("task_queries_all", 1L)
        .containsEntry("task_queries_by_role", 1L)
        .containsEntry("task_queries_by_id", 1L)
        .containsEntry("task_queries_by_job", 1L)
        .containsEntry("task_queries_by_host", 1L)
        .containsEntry("task_queries_by_status", 1L)
        .containsEntry("task_store_index_job_items", 2L)
        .containsEntry("task_store_index_host_items", 0L);
  }
}
