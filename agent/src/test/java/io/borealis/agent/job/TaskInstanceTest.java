package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public final class TaskInstanceTest {
  private static AssignedTask.Builder assigned(@Nullable String data) {
    return AssignedTask.builder()
        .taskId("www-prod-hello-4-x")
        .slaveHost("host-1")
        .instanceId(4)
        .assignedPorts(ImmutableMap.of("http", 31000))
        .task(
            TaskConfig.builder()
                .executorConfig(ExecutorConfig.builder().name("AuroraExecutor").data(data).build())
                .build());
  }

  private static TaskInstance job(String members, String command) throws InvalidTaskException {
    return TaskInstance.parse(assigned(data(members, command)).build());
  }

  private static String data(String members, String command) {
    return """
    {"name": "hello", "role": "www", "environment": "prod", "cluster": "c1", %s
     "task": {"processes": [{"name": "run", "cmdline": "%s"}]}}
    """
        .formatted(members, command);
  }

  @Test
  public void whatTheExecutorKnowsIsFilledInAndTheRestIsLeft() throws InvalidTaskException {
    TaskInstance instance =
        job(
            "",
            "{{mesos.instance}} {{mesos.hostname}} {{mesos.role}} {{mesos.cluster}} {{role}}"
                + " {{environment}} {{thermos.task_id}} {{thermos.user}} {{thermos.ports[http]}}");

    assertThat(instance.taskJson())
        .contains(
            "4 host-1 www c1 www prod"
                + " {{thermos.task_id}} {{thermos.user}} {{thermos.ports[http]}}");
    RunnerTask task = instance.bind("id", "joe", instance.ports());
    assertThat(task.process("run").cmdline()).isEqualTo("4 host-1 www c1 www prod id joe 31000");
    assertThat(task.name()).isEqualTo("run");
  }

  @Test
  public void anOlderFormSaysItsNumberItself() throws InvalidTaskException {
    TaskInstance instance =
        TaskInstance.parse(
            assigned(
                    """
                    {"instance": 7, "role": "www", "environment": "prod", "task":
                      {"processes": [{"name": "run", "cmdline": "{{mesos.instance}}"}]}}
                    """)
                .build());

    assertThat(instance.instance()).isEqualTo(7);
    assertThat(instance.taskJson()).contains("\"7\"");
    assertThat(instance.lifecycle()).isEmpty();
    assertThat(instance.healthCheck()).isEqualTo(job("", "x").healthCheck());
  }

  @Test
  public void defaultsAreThoseOfAurora() throws InvalidTaskException {
    TaskInstance instance = job("", "x");

    assertThat(instance.healthCheck())
        .isEqualTo(
            new HealthCheckConfig(
                new HealthCheckConfig.Http("/health", "ok", 0),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                0,
                1));
    assertThat(instance.lifecycle())
        .contains(
            new HttpLifecycle(
                "health",
                "/quitquitquit",
                "/abortabortabort",
                Duration.ofSeconds(5),
                Duration.ofSeconds(5)));
    assertThat(instance.announcement()).isEmpty();
    assertThat(instance.ports()).containsExactly(Map.entry("http", 31000));
    assertThat(job("\"announce\": {},", "x").announcement())
        .contains(new Announcement("http", ImmutableMap.of("aurora", "http"), null));
    assertThat(job("\"lifecycle\": {},", "x").lifecycle()).isEmpty();
  }

  @Test
  public void aliasesHaveTheNumbersOfWhatTheyStandFor() throws InvalidTaskException {
    TaskInstance instance =
        job(
            "\"announce\": {\"portmap\": {\"health\": \"http\", \"fixed\": 80, \"lost\": \"x\"}},",
            "x");

    assertThat(instance.ports())
        .isEqualTo(ImmutableMap.of("fixed", 80, "health", 31000, "http", 31000));
    assertThat(instance.portsWithoutNumber()).containsExactly("lost");
  }

  @Test
  public void aHealthCheckByShellKnowsTheTaskAndItsAssignedPorts() throws InvalidTaskException {
    TaskInstance instance =
        job(
            """
            "announce": {"portmap": {"alias": "http"}},
            "health_check_config": {"interval_secs": "0.5", "health_checker": {"shell": {"shell_command":
              "{{mesos.instance}} {{thermos.task_id}} {{thermos.ports[http]}} {{thermos.ports[alias]}} {{&x}}"
            }, "http": {}}},
            """,
            "x");

    assertThat(instance.healthCheck().checker())
        .isEqualTo(
            new HealthCheckConfig.Shell(
                "4 www-prod-hello-4-x 31000 {{thermos.ports[alias]}} {{x}}"));
    assertThat(instance.healthCheck().interval()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  public void checksWithoutPauseOrTimeAreRefused() {
    for (String member : new String[] {"interval_secs", "timeout_secs"}) {
      for (String no : new String[] {"0", "-1", "1e300"}) {
        assertThatThrownBy(
                () -> job("\"health_check_config\": {\"" + member + "\": " + no + "},", "x"))
            .hasMessage("health_check_config." + member + ": must be a number of seconds above 0");
      }
    }
    assertThatThrownBy(
            () -> job("\"health_check_config\": {\"max_consecutive_failures\": -1},", "x"))
        .hasMessage("health_check_config.max_consecutive_failures: must be at least 0, not -1");
  }

  @Test
  public void aTaskWithoutConfigurationIsRefused() {
    String message = "the task has no configuration";
    assertThatThrownBy(() -> TaskInstance.parse(assigned("").build())).hasMessage(message);
    assertThatThrownBy(() -> TaskInstance.parse(assigned(null).build())).hasMessage(message);
    assertThatThrownBy(() -> TaskInstance.parse(assigned("").task(null).build()))
        .hasMessage(message);
    assertThatThrownBy(
            () -> TaskInstance.parse(assigned("").task(TaskConfig.builder().build()).build()))
        .hasMessage(message);
  }

  @Test
  public void whatIsMissingIsNamed() {
    for (String member : new String[] {"role", "environment", "task"}) {
      String data = data("", "x").replace("\"" + member + "\":", "\"gone\":");
      assertThatThrownBy(() -> TaskInstance.parse(assigned(data).build()))
          .hasMessage(member + ": is required");
    }
  }

  @Test
  public void whatNobodyWillKnowIsRefusedAtOnce() {
    assertThatThrownBy(() -> job("", "{{nope}}"))
        .hasMessage("task.processes[0].cmdline: {{nope}} stands for nothing that is known here");
    assertThatThrownBy(() -> job("\"contact\": \"{{mesos.nope}}\",", "x"))
        .hasMessage("contact: {{mesos.nope}} stands for nothing that is known here");
    assertThatThrownBy(() -> job("", "{{thermos.nope}}"))
        .hasMessage(
            "task.processes[0].cmdline: {{thermos.nope}} stands for nothing that is known here");
  }

  @Test
  public void aPortWithoutANumberStopsTheTaskWhenItIsBound() throws InvalidTaskException {
    TaskInstance instance = job("", "{{thermos.ports[admin]}}");

    assertThatThrownBy(() -> instance.bind("id", "joe", instance.ports()))
        .hasMessage("task.processes[0].cmdline: port 'admin' has no number");
  }
}
