package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.CronCollisionPolicy;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.Mode;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.thrift.JsonCodec;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Compares what becomes of a job, at a scheduler and at an executor, with what others made. */
@RunWith(Parameterized.class)
public final class JobConversionGoldenTest {
  /** What one of the authors had bound before. */
  private static final ImmutableMap<String, String> BINDINGS =
      ImmutableMap.of("profile.name", "prof", "profile.args[0]", "first", "profile.env[A]", "va");

  /** What is meant to be taken, although others did not take it. */
  private static final String TAKEN_HERE = "escaped";

  /** For each job that is refused what is said about it. */
  private static final ImmutableMap<String, String> MESSAGES =
      ImmutableMap.<String, String>builder()
          .put(
              "cron-bad-policy",
              "cron_collision_policy: must be one of [KILL_EXISTING, CANCEL_NEW, RUN_OVERLAP],"
                  + " not 'WHATEVER'")
          .put(
              "ram-under-one-mb",
              "task.resources.ram: is in bytes, and must be at least 1048576, not 1048575")
          .put("zero-cpu", "task.resources.cpu: must be above 0")
          .put("no-resources", "task.resources: is required")
          .put("bad-name", "name: must consist of letters, digits, '_', '-' and '.': 'a/b'")
          .put("bad-role", "role: must consist of letters, digits, '_', '-' and '.': 'a b'")
          .put("missing-role", "role: is required")
          .put("missing-environment", "environment: is required")
          .put(
              "unbound-variable",
              "task.processes[0].cmdline: {{nope}} stands for nothing that is known here")
          .put(
              "constraint-bad-limit",
              "constraints[host]: must have a number after 'limit:', not 'limit:two'")
          .put("announce-cycle", "announce.portmap[a]: leads in a circle")
          .buildOrThrow();

  private final String name;
  private final JsonNode its;

  public JobConversionGoldenTest(String name, JsonNode its) {
    this.name = name;
    this.its = its;
  }

  @Parameters(name = "{0}")
  public static List<Object[]> cases() throws IOException {
    List<Object[]> cases = Golden.cases("job-conversion.json");
    assertThat(cases).hasSize(33);
    return cases;
  }

  @Test
  public void aJobBecomesWhatOthersMadeOfIt() throws Exception {
    if (its.has("error") && !name.equals(TAKEN_HERE)) {
      assertThatThrownBy(this::convert)
          .isInstanceOf(InvalidTaskException.class)
          .hasMessage(MESSAGES.get(name));
      return;
    }
    ConvertedJob converted = convert();
    assertThat(converted.cluster()).isEqualTo(its.at("/job_as_written/cluster").asText());
    if (its.has("error")) {
      return;
    }
    JobConfiguration job = converted.configuration();
    JsonNode expected = its.get("job_configuration");
    JsonNode expectedData = expected.at("/taskConfig/executorConfig/data/PARSED_JSON");
    String data = job.taskConfig().executorConfig().data();
    assertThat(withoutData(job)).isEqualTo(readable(expected));
    assertThat(Golden.plain(data)).isEqualTo(Golden.plain(expectedData));
    TreeSet<String> ports = new TreeSet<>();
    for (Resource resource : job.taskConfig().resources()) {
      if (resource instanceof Resource.NamedPort port) {
        ports.add(port.value());
      }
    }
    assertThat(ports).containsExactlyElementsOf(Texts.of(its.get("requested_ports")));
  }

  @Test
  public void anExecutorMakesOfTheDataWhatOthersMade() throws Exception {
    if (!its.has("executor")) {
      return;
    }
    JsonNode executor = its.get("executor");
    TaskInstance instance = TaskInstance.parse(assigned(convert()));

    JsonNode expected = executor.get("task_instance");
    assertThat(Golden.plain(instance.taskJson())).isEqualTo(Golden.plain(expected.get("task")));
    AssignedTask older = assigned(expected.toString());
    assertThat(TaskInstance.parse(older)).isEqualTo(instance);
    assertThat(instance.ports())
        .containsExactlyInAnyOrderEntriesOf(Texts.numbers(executor.get("resolved_ports")));

    JsonNode runner = executor.get("runner_task");
    if (!runner.get("unbound").isEmpty()) {
      assertThatThrownBy(() -> bind(instance, runner))
          .isInstanceOf(InvalidTaskException.class)
          .hasMessage("task.processes[0].cmdline: port 'p3' has no number");
      return;
    }
    RunnerTask task = bind(instance, runner);
    assertThat(Golden.plain(task.toJson())).isEqualTo(Golden.plain(runner.get("interpolated")));
    assertThat(RunnerTask.read(task.toJson())).isEqualTo(task);
    assertThat(RunnerTask.read(runner.get("interpolated").toString())).isEqualTo(task);
  }

  private static RunnerTask bind(TaskInstance instance, JsonNode runner)
      throws InvalidTaskException {
    return instance.bind(
        runner.get("task_id").asText(), runner.get("user").asText(), instance.ports());
  }

  private ConvertedJob convert() throws InvalidTaskException {
    JobConversion conversion = new JobConversion("submitter", BINDINGS, ImmutableSet.of());
    List<ConvertedJob> alone = conversion.convert(its.get("job_as_written").toString());
    assertThat(conversion.convert("{\"jobs\": [" + its.get("job_as_written") + "]}"))
        .isEqualTo(alone);
    assertThat(alone).hasSize(1);
    return alone.get(0);
  }

  private AssignedTask assigned(ConvertedJob job) {
    return assigned(job.configuration().taskConfig().executorConfig().data());
  }

  private AssignedTask assigned(String data) {
    JsonNode executor = its.get("executor");
    return AssignedTask.builder()
        .taskId(executor.at("/runner_task/task_id").asText())
        .slaveHost(executor.get("slaveHost").asText())
        .instanceId(executor.get("instance").asInt())
        .assignedPorts(Texts.numbers(executor.get("assignedPorts")))
        .task(
            TaskConfig.builder()
                .executorConfig(ExecutorConfig.builder().name("AuroraExecutor").data(data).build())
                .build())
        .build();
  }

  private static JobConfiguration withoutData(JobConfiguration job) {
    TaskConfig task = job.taskConfig();
    return job.toBuilder()
        .taskConfig(
            task.toBuilder()
                .executorConfig(task.executorConfig().toBuilder().data(null).build())
                .build())
        .build();
  }

  /** The recorded job in the form in which it is read: with names instead of numbers. */
  private static JobConfiguration readable(JsonNode recorded) throws Exception {
    ObjectNode job = recorded.deepCopy();
    job.put(
        "cronCollisionPolicy",
        CronCollisionPolicy.find(job.get("cronCollisionPolicy").asInt()).name());
    ((ObjectNode) job.at("/taskConfig/executorConfig")).remove("data");
    for (JsonNode volume : job.at("/taskConfig/container/mesos/volumes")) {
      ((ObjectNode) volume).put("mode", Mode.find(volume.get("mode").asInt()).name());
    }
    return JsonCodec.read(JobConfiguration.TYPE, job);
  }
}
