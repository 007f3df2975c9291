package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.AssignedTask;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import java.time.Duration;
import org.junit.Test;

/** Reads a job that uses most of what there is. */
public final class ExampleGoldenTest {
  private final JsonNode example;

  public ExampleGoldenTest() throws Exception {
    example = Golden.file("example-executor-data.json");
  }

  private AssignedTask assigned(JsonNode data) {
    return AssignedTask.builder()
        .taskId("shop-prod-checkout-api-3-uuid")
        .slaveHost(example.get("slaveHost").asText())
        .instanceId(example.get("instance").asInt())
        .assignedPorts(Texts.numbers(example.get("assignedPorts")))
        .task(
            TaskConfig.builder()
                .executorConfig(
                    ExecutorConfig.builder().name("AuroraExecutor").data(data.toString()).build())
                .build())
        .build();
  }

  @Test
  public void theExampleIsReadAsOthersReadIt() throws Exception {
    TaskInstance instance = TaskInstance.parse(assigned(example.get("executor_data")));

    assertThat(instance).isEqualTo(TaskInstance.parse(assigned(example.get("task_instance"))));
    assertThat(Golden.plain(instance.taskJson()))
        .isEqualTo(Golden.plain(example.at("/task_instance/task")));
    RunnerTask task = instance.bind("shop-prod-checkout-api-3-uuid", "shop", instance.ports());
    assertThat(Golden.plain(task.toJson())).isEqualTo(Golden.plain(example.get("runner_task")));
  }

  @Test
  public void whatSurroundsTheTaskIsReadToo() throws Exception {
    TaskInstance instance = TaskInstance.parse(assigned(example.get("executor_data")));

    assertThat(instance.role()).isEqualTo("shop");
    assertThat(instance.environment()).isEqualTo("prod");
    assertThat(instance.instance()).isEqualTo(3);
    assertThat(instance.ports())
        .isEqualTo(ImmutableMap.of("admin", 31101, "aurora", 31100, "health", 31101, "http", 31100))
        .isEqualTo(Texts.numbers(example.get("resolved_ports")));
    assertThat(instance.portsWithoutNumber()).isEmpty();
    assertThat(instance.healthCheck())
        .isEqualTo(
            new HealthCheckConfig(
                new HealthCheckConfig.Http("/healthz", "ok", 200),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                3,
                2));
    assertThat(instance.lifecycle())
        .contains(
            new HttpLifecycle(
                "admin",
                "/quitquitquit",
                "/abortabortabort",
                Duration.ofSeconds(10),
                Duration.ofSeconds(5)));
    assertThat(instance.announcement())
        .contains(
            new Announcement("http", ImmutableMap.of("aurora", "http", "health", "admin"), null));
  }
}
