package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.AuroraConstants;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetTasksStatusArgs;
import io.borealis.api.rpc.StartJobUpdateArgs;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The calls that many tests make. */
final class Calls {
  private Calls() {}

  /** Creates a job and waits until it runs. */
  static void createRunning(Wire wire, String name, int instances) throws IOException {
    ok(wire.call("createJob", new CreateJobArgs(Jobs.job(name, instances))));
    awaitRunning(wire, Jobs.key(name), instances);
  }

  static void awaitRunning(Wire wire, JobKey job, int instances) {
    Await.until(
        job + " runs " + instances,
        Duration.ofSeconds(30),
        () ->
            active(wire, job).stream().filter(t -> t.status() == ScheduleStatus.RUNNING).count()
                == instances);
  }

  /** The active tasks of a job. */
  static List<ScheduledTask> active(Wire wire, JobKey job) throws IOException {
    return active(wire, TaskQuery.builder().jobKeys(Set.of(job)));
  }

  /** The active tasks of a role. */
  static List<ScheduledTask> activeOf(Wire wire, String role) throws IOException {
    return active(wire, TaskQuery.builder().role(role));
  }

  private static List<ScheduledTask> active(Wire wire, TaskQuery.Builder query) throws IOException {
    return tasks(wire, query.statuses(AuroraConstants.ACTIVE_STATES));
  }

  /** The tasks a query finds. */
  static List<ScheduledTask> tasks(Wire wire, TaskQuery.Builder query) throws IOException {
    Response response = wire.call("getTasksStatus", new GetTasksStatusArgs(query.build()));
    if (response.responseCode() != ResponseCode.OK) {
      throw new IOException("refused: " + response);
    }
    return response.result() instanceof Result.ScheduleStatusResult result
        ? result.value().tasks()
        : List.of();
  }

  /** Starts an update and returns its key. */
  static JobUpdateKey start(Wire wire, JobUpdateRequest request) throws IOException {
    Response response = wire.call("startJobUpdate", new StartJobUpdateArgs(request, "test"));
    ok(response);
    return ((Result.StartJobUpdateResult) response.result()).value().key();
  }

  static void ok(Response response) {
    assertThat(response.responseCode()).as("%s", response).isEqualTo(ResponseCode.OK);
  }
}
