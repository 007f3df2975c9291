package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.rpc.AbortJobUpdateArgs;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.PauseJobUpdateArgs;
import io.borealis.api.rpc.ResumeJobUpdateArgs;
import io.borealis.api.rpc.RollbackJobUpdateArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * What Aurora's own client sends, byte for byte, is answered as Aurora does: no value in it is
 * refused that Aurora accepts.
 */
public class RecordedRequestsTest {
  private static final Path REQUESTS = Path.of("../api/src/test/resources/requests");

  /** The answers, each where the jobs and updates are there that the request speaks of. */
  private static final String ANSWERS =
      """
      abortJobUpdate-1 | OK []
      abortJobUpdate-2 | OK []
      addInstances-1 | OK []
      createJob-1 | OK []
      createJob-2 | INVALID_REQUEST [Job with fewer than 20 instances cannot have Percentage/Count SlaPolicy.]
      descheduleCronJob-1 | OK []
      getJobUpdateDetails-1 | OK []
      getJobUpdateDetails-2 | OK []
      getJobUpdateDiff-1 | OK []
      getJobUpdateDiff-2 | INVALID_REQUEST [Job with fewer than 20 instances cannot have Percentage/Count SlaPolicy.]
      getJobUpdateSummaries-1 | OK []
      getJobUpdateSummaries-2 | OK []
      getJobs-1 | OK []
      getTasksWithoutConfigs-1 | OK []
      getTasksWithoutConfigs-2 | OK []
      getTierConfigs-1 | OK []
      killTasks-1 | OK []
      killTasks-2 | OK []
      pauseJobUpdate-1 | OK []
      pauseJobUpdate-2 | OK []
      populateJobConfig-1 | OK []
      restartShards-1 | OK []
      restartShards-2 | OK []
      resumeJobUpdate-1 | OK []
      resumeJobUpdate-2 | OK []
      rollbackJobUpdate-1 | OK []
      startJobUpdate-1 | OK []
      startJobUpdate-2 | OK []
      """;

  @Test
  public void everyRequestOfTheClientIsAnsweredAsByAurora() throws IOException, TException {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String row : Splitter.on('\n').omitEmptyStrings().split(ANSWERS)) {
      answers.put(row.substring(0, row.indexOf(" | ")), row.substring(row.indexOf(" | ") + 3));
    }
    TreeSet<String> recorded = new TreeSet<>();
    try (Stream<Path> files = Files.list(REQUESTS)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replaceAll("aurora-cli-|\\.bin", "");
        recorded.add(name);
        assertThat(answer(Files.readAllBytes(file))).as(name).isEqualTo(answers.get(name));
      }
    }
    assertThat(recorded).isEqualTo(answers.keySet());
  }

  private static String answer(byte[] request) throws TException {
    TestApi test = new TestApi();
    Object args = args(request);
    JobUpdateKey update = updateOf(args);
    test.haveCron(new JobKey("www-data", "prod", "nightly"));
    TaskConfig other = Samples.stored(new JobKey("www-data", "prod", "web2"));
    var unused = test.have(other, ScheduleStatus.RUNNING, 0, 1, 2, 5);
    if (update != null) {
      TaskConfig config = Samples.stored(update.job());
      unused = test.have(config, ScheduleStatus.RUNNING, 0);
      test.haveUpdate(
          Updates.of(update.job(), update.id(), config, 3),
          args instanceof ResumeJobUpdateArgs
              ? JobUpdateStatus.ROLL_FORWARD_PAUSED
              : JobUpdateStatus.ROLLING_FORWARD);
    }
    return TestEndpoints.told(new TestEndpoints(test).response(TestEndpoints.Form.BINARY, request));
  }

  private static Object args(byte[] request) throws TException {
    TBinaryProtocol in = new TBinaryProtocol(new TMemoryInputTransport(request));
    return AuroraAdmin.METHODS.get(in.readMessageBegin().name).args().read(in);
  }

  private static @Nullable JobUpdateKey updateOf(Object args) {
    if (args instanceof PauseJobUpdateArgs pause) {
      return pause.key();
    } else if (args instanceof ResumeJobUpdateArgs resume) {
      return resume.key();
    } else if (args instanceof AbortJobUpdateArgs abort) {
      return abort.key();
    }
    return args instanceof RollbackJobUpdateArgs rollback ? rollback.key() : null;
  }
}
