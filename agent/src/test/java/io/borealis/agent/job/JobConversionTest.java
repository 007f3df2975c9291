package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.Metadata;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import java.util.Map;
import org.junit.Test;

public final class JobConversionTest {
  private static final Metadata COMMIT = metadata("commit", "1");

  private static Metadata metadata(String key, String value) {
    return Metadata.builder().key(key).value(value).build();
  }

  private static String job(String members) {
    return """
    {"role": "www", "environment": "prod", "cluster": "c1", %s "task": {"name": "hello",
      "resources": {"cpu": 1, "ram": 1048576, "disk": 1048576},
      "processes": [{"name": "p", "cmdline": "{{word}}"}]}}
    """
        .formatted(members);
  }

  private static ImmutableList<ConvertedJob> convert(String json) throws InvalidTaskException {
    return new JobConversion("joe", Map.of("word", "hi"), ImmutableSet.of(COMMIT)).convert(json);
  }

  private static ConvertedJob only(String members) throws InvalidTaskException {
    return Iterables.getOnlyElement(convert(job(members)));
  }

  private static TaskConfig task(String members) throws InvalidTaskException {
    return only(members).configuration().taskConfig();
  }

  private static JobUpdateSettings update(String members) throws InvalidTaskException {
    return only("\"update_config\": {" + members + "},").updateSettings();
  }

  @Test
  public void severalJobsAreConvertedInOrderAndAFaultIsFound() throws InvalidTaskException {
    String a = job("\"name\": \"a\",");
    String b = job("\"name\": \"b\",");
    String bad = job("\"name\": \"c\", \"priority\": \"high\",");

    assertThat(convert("{\"jobs\": [" + a + "," + b + "]}"))
        .extracting(job -> job.configuration().key().name())
        .containsExactly("a", "b");
    assertThat(convert("{\"jobs\": []}")).isEmpty();
    assertThatThrownBy(() -> convert("{\"jobs\": [" + a + "," + bad + "]}"))
        .hasMessage("jobs[1].priority: must be a whole number, not 'high'");
    assertThatThrownBy(() -> convert("{\"jobs\": [" + a + ", {\"role\": \"r\"}]}"))
        .hasMessage("jobs[1].cluster: is required");
    assertThatThrownBy(() -> convert("{\"jobs\": " + a + "}")).hasMessage("jobs: must be a list");
  }

  @Test
  public void metadataOfTheJobAndOfTheSubmissionAreBothKept() throws InvalidTaskException {
    assertThat(task("\"metadata\": [{\"key\": \"commit\", \"value\": 2}],").metadata())
        .containsExactlyInAnyOrder(metadata("commit", "2"), COMMIT);
  }

  @Test
  public void bindingsOfTheAuthorAreInTheData() throws InvalidTaskException {
    assertThat(task("").executorConfig().data()).contains("\"cmdline\":\"hi\"");
  }

  @Test
  public void aTextThatLooksLikeAReferenceReachesTheProcess() throws InvalidTaskException {
    String json = job("\"contact\": \"{{&x}}\",").replace("{{word}}", "{{&word}}");

    TaskConfig task = Iterables.getOnlyElement(convert(json)).configuration().taskConfig();

    assertThat(task.contactEmail()).isEqualTo("{{x}}");
    assertThat(task.executorConfig().data()).contains("{{&word}}");
  }

  @Test
  public void dataForAnotherExecutorAreNotLookedInto() throws InvalidTaskException {
    String data = "{\\\"x\\\": \\\"{{ any }} {{word}} {{&y}}\\\"}";

    TaskConfig task =
        task("\"executor_config\": {\"name\": \"other\", \"data\": \"" + data + "\"},");

    assertThat(task.executorConfig().name()).isEqualTo("other");
    assertThat(task.executorConfig().data()).isEqualTo("{\"x\": \"{{ any }} {{word}} {{&y}}\"}");
  }

  @Test
  public void whatTheExecutorWouldRefuseIsRefused() {
    assertThatThrownBy(() -> only("\"health_check_config\": {\"interval_secs\": 0},"))
        .hasMessage("health_check_config.interval_secs: must be a number of seconds above 0");
    assertThatThrownBy(() -> convert(job("").replace("\"p\"", "\"{{mesos.instance}}/p\"")))
        .hasMessage("task.processes[0].name: must not contain '/': '0/p'");
    assertThatThrownBy(() -> convert(job("").replace("{{word}}", "{{x_{{mesos.instance}}}}")))
        .hasMessage("task.processes[0].cmdline: {{x_0}} stands for nothing that is known here");
  }

  @Test
  public void aJobThatItsExecutorCouldNotReadIsRefused() throws InvalidTaskException {
    int most =
        Loader.MAX_LENGTH - only("").configuration().taskConfig().executorConfig().data().length();
    String large = job("").replace("{{word}}", "hi" + "x".repeat(most));

    assertThat(convert(large)).hasSize(1);
    assertThatThrownBy(() -> convert(large.replace("hix", "hixx")))
        .hasMessage("executor_config: the job is too large for its executor");
  }

  @Test
  public void aJobNeedsAProcess() {
    String json = job("").replaceAll("\\[.*\\]", "[]");

    assertThatThrownBy(() -> convert(json)).hasMessage("task.processes: must hold a process");
  }

  @Test
  public void policiesAreToldApartByTheirMembers() throws InvalidTaskException {
    assertThat(task("\"sla_policy\": {\"coordinator_url\": \"http://x\"},").slaPolicy())
        .isEqualTo(
            new SlaPolicy.CoordinatorSlaPolicy(
                CoordinatorSlaPolicy.builder()
                    .coordinatorUrl("http://x")
                    .statusKey("drain")
                    .build()));
    assertThat(
            task("\"sla_policy\": {\"count\": 2, \"duration_secs\": \"9\", \"x\": 1},").slaPolicy())
        .isEqualTo(
            new SlaPolicy.CountSlaPolicy(
                CountSlaPolicy.builder().count(2).durationSecs(9).build()));
    assertThatThrownBy(() -> task("\"sla_policy\": {\"count\": 2},"))
        .hasMessage(
            "sla_policy: must be one of [CoordinatorSlaPolicy, CountSlaPolicy,"
                + " PercentageSlaPolicy]");
  }

  @Test
  public void settingsOfUpdatesHaveAurorasDefaults() throws InvalidTaskException {
    assertThat(only("").updateSettings())
        .isEqualTo(
            JobUpdateSettings.builder()
                .updateGroupSize(1)
                .minWaitInInstanceRunningMs(45_000)
                .rollbackOnFailure(true)
                .slaAware(false)
                .build());
  }

  @Test
  public void strategiesOfUpdatesAreToldApartByTheirMembers() throws InvalidTaskException {
    assertThat(update("\"update_strategy\": {}").updateStrategy())
        .isEqualTo(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(1)));
    assertThat(update("\"update_strategy\": {\"batch_size\": 3}").updateStrategy())
        .isEqualTo(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(3)));
    assertThat(
            update("\"update_strategy\": {\"batch_size\": 3, \"autopause_after_batch\": true}")
                .updateStrategy())
        .isEqualTo(new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(3, true)));
    assertThat(update("\"update_strategy\": {\"batch_sizes\": [1, \"2\"]}").updateStrategy())
        .isEqualTo(
            new JobUpdateStrategy.VarBatchStrategy(
                new VariableBatchJobUpdateStrategy(ImmutableList.of(1, 2), false)));
  }

  @Test
  public void settingsOfUpdatesThatCannotBeMeantAreRefused() {
    assertThatThrownBy(() -> update("\"batch_size\": 0"))
        .hasMessage("update_config.batch_size: must be at least 1, not 0");
    assertThatThrownBy(() -> update("\"pulse_interval_secs\": 59"))
        .hasMessage("update_config.pulse_interval_secs: must be at least 60, not 59");
    assertThatThrownBy(() -> update("\"watch_secs\": 2147484"))
        .hasMessage("update_config.watch_secs: is out of range: 2147484");
    for (String both : new String[] {"\"batch_size\": 2", "\"wait_for_batch_completion\": true"}) {
      assertThatThrownBy(() -> update("\"update_strategy\": {}, " + both))
          .hasMessage(
              "update_config: update_strategy says how to go on; neither batch_size nor"
                  + " wait_for_batch_completion may say it too");
    }
  }
}
