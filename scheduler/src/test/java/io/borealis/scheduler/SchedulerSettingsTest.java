package io.borealis.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.api.DockerParameter;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import io.borealis.config.Command;
import io.borealis.config.DaemonSettings;
import io.borealis.config.SettingsReader;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.rpc.JobLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** From flags to what the parts of the scheduler are told. */
public class SchedulerSettingsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static DaemonSettings settings(String... flags) {
    return DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, List.of(flags), Map.of()));
  }

  private static ResourceVector overhead(ExecutorRegistry executors, String name) {
    return executors.overhead(
        TaskConfig.builder().executorConfig(new ExecutorConfig(name, "")).build());
  }

  @Test
  public void executorsOfAFileStandBesideTheUsualOne() throws Exception {
    Path file = folder.newFile("executors.json").toPath();
    Files.writeString(
        file,
        "[{\"executor\":{\"name\":\"mine\",\"resources\":[{\"name\":\"mem\",\"scalar\":"
            + "{\"value\":7}}]}}]");
    DaemonSettings settings =
        settings(
            "-custom_executor_config=" + file,
            "-thermos_executor_cpu=0.5",
            "-thermos_executor_ram=64MB",
            "-default_docker_parameters=rm=true,env=A=B");

    ExecutorRegistry executors = SchedulerSettings.executors(settings);
    JobLimits limits = SchedulerSettings.jobs(settings, executors);

    assertThat(overhead(executors, "AuroraExecutor")).isEqualTo(ResourceVector.of(0.5, 64, 0, 0));
    assertThat(overhead(executors, "mine")).isEqualTo(ResourceVector.of(0, 7, 0, 0));
    assertThat(limits.executors()).containsExactlyInAnyOrder("AuroraExecutor", "mine");
    assertThat(limits.defaultDockerParameters())
        .containsExactly(new DockerParameter("rm", "true"), new DockerParameter("env", "A=B"));
  }

  @Test
  public void withoutAnythingSaidThereIsTheUsualExecutor() {
    ExecutorRegistry executors = SchedulerSettings.executors(settings());

    assertThat(executors.names()).containsExactly("AuroraExecutor");
    assertThat(overhead(executors, "AuroraExecutor"))
        .isEqualTo(overhead(ExecutorRegistry.stock(), "AuroraExecutor"));
  }

  @Test
  public void wrongValuesAreNamed() {
    assertThatThrownBy(() -> settings("-thermos_executor_cpu=-1"))
        .hasMessageContaining("--thermos-executor-cpu: '-1'")
        .hasMessageContaining("must not be negative");
    assertThatThrownBy(() -> settings("-thermos_executor_cpu=NaN"))
        .hasMessageContaining("is not a number");
    assertThatThrownBy(() -> settings("-default_docker_parameters=rm"))
        .hasMessageContaining("is not a list of name=value");
    assertThatThrownBy(() -> settings("-default_docker_parameters=a=1,a=2"))
        .hasMessageContaining("each name once");
    assertThatThrownBy(() -> settings("-async_task_stat_update_interval=0secs"))
        .hasMessageContaining("must be positive");
  }

  @Test
  public void tiersComeFromAFile() throws Exception {
    Path file = folder.newFile("tiers.json").toPath();
    Files.writeString(file, "{\"default\":\"gold\",\"tiers\":{\"gold\":{}}}");

    assertThat(SchedulerSettings.tiers(settings("-tier_config=" + file)).defaultName())
        .isEqualTo("gold");
    assertThat(SchedulerSettings.tiers(settings()).defaultName()).isEqualTo("preemptible");
    assertThatThrownBy(() -> SchedulerSettings.tiers(settings("--tier-config=/no/such")))
        .hasMessageStartingWith("--tier-config: /no/such cannot be read: ");
  }
}
