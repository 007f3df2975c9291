package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Container;
import io.borealis.api.DockerContainer;
import io.borealis.api.MesosContainer;
import io.borealis.api.MesosFetcherURI;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.tier.TierRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Fills in what clients may leave out, so that equal wishes are stored as equal values. Immutable;
 * pure.
 */
final class ConfigDefaults {
  private final JobLimits limits;

  ConfigDefaults(JobLimits limits) {
    this.limits = limits;
  }

  /** The configuration as it is stored. The client has no say in {@code production}. */
  TaskConfig fill(TaskConfig config, String tierName, TierRegistry.Tier tier) {
    return config.toBuilder()
        .tier(tierName)
        .production(tier.production())
        .taskLinks(links(config))
        .container(container(config.container()))
        .mesosFetcherUris(uris(config.mesosFetcherUris()))
        .partitionPolicy(partition(config.partitionPolicy()))
        .build();
  }

  private static ImmutableMap<String, String> links(TaskConfig config) {
    if (!config.taskLinks().isEmpty()) {
      return config.taskLinks();
    }
    ImmutableMap.Builder<String, String> links = ImmutableMap.builder();
    for (String port : new String[] {"health", "http"}) {
      if (config.resources().contains(new Resource.NamedPort(port))) {
        links.put(port, "http://%host%:%port:" + port + "%");
      }
    }
    return links.buildOrThrow();
  }

  private Container container(@Nullable Container container) {
    if (container == null) {
      return new Container.Mesos(MesosContainer.builder().build());
    }
    if (container instanceof Container.Docker docker && docker.value().parameters().isEmpty()) {
      DockerContainer filled =
          docker.value().toBuilder().parameters(limits.defaultDockerParameters()).build();
      return new Container.Docker(filled);
    }
    return container;
  }

  private static ImmutableSet<MesosFetcherURI> uris(ImmutableSet<MesosFetcherURI> uris) {
    return uris.stream()
        .map(
            uri ->
                uri.toBuilder()
                    .extract(falseIfUnset(uri.extract()))
                    .cache(falseIfUnset(uri.cache()))
                    .build())
        .collect(ImmutableSet.toImmutableSet());
  }

  private static @Nullable PartitionPolicy partition(@Nullable PartitionPolicy policy) {
    return policy == null || policy.delaySecs() != null
        ? policy
        : policy.toBuilder().delaySecs(0L).build();
  }

  private static Boolean falseIfUnset(@Nullable Boolean value) {
    return value != null && value;
  }
}
