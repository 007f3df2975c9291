package io.borealis.agent.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.api.AssignedTask;
import io.borealis.api.Container;
import io.borealis.api.DockerContainer;
import io.borealis.api.DockerImage;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Image;
import io.borealis.api.MesosContainer;
import io.borealis.api.MesosFetcherURI;
import io.borealis.api.TaskConfig;
import io.borealis.api.Volume;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class SupportedTest {
  private static final ExecutorConfig OURS = new ExecutorConfig("AuroraExecutor", "{}");

  private static void check(TaskConfig.@Nullable Builder config) throws InvalidTaskException {
    Supported.check(
        AssignedTask.builder().taskId("t").task(config == null ? null : config.build()).build());
  }

  private static TaskConfig.Builder ours() {
    return TaskConfig.builder().executorConfig(OURS);
  }

  private static void assertRefused(TaskConfig.Builder config, String because) {
    assertThatThrownBy(() -> check(config))
        .isInstanceOf(InvalidTaskException.class)
        .hasMessageContaining(because);
  }

  @Test
  public void aPlainTaskIsFine() throws Exception {
    check(ours());
    check(ours().container(new Container.Mesos(MesosContainer.builder().build())));
    assertThat(ours().build().executorConfig()).isEqualTo(OURS);
  }

  @Test
  public void whatCannotBeRunIsRefusedWithTheReason() {
    assertThatThrownBy(() -> check(null)).hasMessage("Could not deserialize task.");
    assertRefused(TaskConfig.builder(), "executor ''");
    assertRefused(
        TaskConfig.builder().executorConfig(new ExecutorConfig("docker-compose", "")),
        "executor 'docker-compose'");
    assertRefused(
        ours().container(new Container.Docker(DockerContainer.builder().image("nginx").build())),
        "Docker container");
    assertRefused(
        ours()
            .container(
                new Container.Mesos(
                    MesosContainer.builder()
                        .image(new Image.Docker(new DockerImage("nginx", "1")))
                        .build())),
        "filesystem image");
    assertRefused(
        ours()
            .container(
                new Container.Mesos(
                    MesosContainer.builder()
                        .volumes(ImmutableList.of(Volume.builder().build()))
                        .build())),
        "volumes");
    assertRefused(ours().container(new Container.Unknown(9)), "unknown kind");
    assertRefused(
        ours()
            .mesosFetcherUris(ImmutableSet.of(MesosFetcherURI.builder().value("http://x").build())),
        "mesosFetcherUris");
  }
}
