package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Container;
import io.borealis.api.DockerContainer;
import io.borealis.api.DockerParameter;
import io.borealis.api.MesosContainer;
import io.borealis.api.MesosFetcherURI;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.tier.TierRegistry;
import org.junit.Test;

public class ConfigDefaultsTest {
  private final TaskConfigValidator validator =
      new TaskConfigValidator(
          JobLimits.builder()
              .fetcher(true)
              .containerTypes(ImmutableSet.of(Container.Kind.MESOS, Container.Kind.DOCKER))
              .defaultDockerParameters(ImmutableList.of(new DockerParameter("net", "host")))
              .build(),
          TierRegistry.stock(),
          config -> config);

  private TaskConfig fill(TaskConfig.Builder config) {
    return validator.validate(config.build(), 1);
  }

  @Test
  public void tierAndProductionComeFromTheSchedulerWhateverTheClientSays() {
    TaskConfig config = fill(Samples.config().toBuilder().production(true));

    assertThat(config.tier()).isEqualTo("preemptible");
    assertThat(config.production()).isFalse();
    assertThat(fill(Samples.config().toBuilder().tier("preferred").production(false)).production())
        .isTrue();
  }

  @Test
  public void linksAreMadeForKnownPortsOnly() {
    TaskConfig config =
        fill(
            Samples.config().toBuilder()
                .resources(
                    ImmutableSet.<Resource>builder()
                        .addAll(Samples.resources(1, 1, 1))
                        .add(
                            new Resource.NamedPort("http"),
                            new Resource.NamedPort("health"),
                            new Resource.NamedPort("other"))
                        .build()));

    assertThat(config.taskLinks())
        .containsOnly(
            java.util.Map.entry("health", "http://%host%:%port:health%"),
            java.util.Map.entry("http", "http://%host%:%port:http%"));
  }

  @Test
  public void linksOfTheClientAreKeptAsTheyAre() {
    TaskConfig config =
        fill(
            Samples.config().toBuilder()
                .taskLinks(ImmutableMap.of("a", "b"))
                .resources(
                    ImmutableSet.<Resource>builder()
                        .addAll(Samples.resources(1, 1, 1))
                        .add(new Resource.NamedPort("http"))
                        .build()));

    assertThat(config.taskLinks()).isEqualTo(ImmutableMap.of("a", "b"));
  }

  @Test
  public void unsetPartsGetTheirZeroValues() {
    TaskConfig config =
        fill(
            Samples.config().toBuilder()
                .container(null)
                .partitionPolicy(PartitionPolicy.builder().reschedule(true).build())
                .mesosFetcherUris(
                    ImmutableSet.of(MesosFetcherURI.builder().value("u").cache(true).build())));

    assertThat(config.container()).isEqualTo(new Container.Mesos(MesosContainer.builder().build()));
    assertThat(config.partitionPolicy().delaySecs()).isZero();
    assertThat(config.mesosFetcherUris())
        .containsExactly(MesosFetcherURI.builder().value("u").extract(false).cache(true).build());
  }

  @Test
  public void dockerGetsTheDefaultParametersEvenWhereClientsMayNotSetAny() {
    TaskConfig config =
        fill(
            Samples.config().toBuilder()
                .container(new Container.Docker(DockerContainer.builder().image("x").build())));

    assertThat(config.container())
        .isEqualTo(
            new Container.Docker(
                new DockerContainer("x", ImmutableList.of(new DockerParameter("net", "host")))));
  }

  @Test
  public void fillingTwiceChangesNothing() {
    TaskConfig once = fill(Samples.config().toBuilder());

    assertThat(fill(once.toBuilder())).isEqualTo(once);
  }
}
