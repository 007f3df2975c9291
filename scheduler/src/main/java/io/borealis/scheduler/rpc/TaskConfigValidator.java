package io.borealis.scheduler.rpc;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.Constraint;
import io.borealis.api.Container;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import io.borealis.scheduler.quota.QuotaAmount;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Checks the configuration of tasks and fills in its defaults. Immutable. */
public final class TaskConfigValidator {
  private static final String DEDICATED = "dedicated";

  private final JobLimits limits;
  private final TierRegistry tiers;
  private final ConfigDefaults defaults;
  private final SlaPolicyValidator slaPolicies;

  private final UnaryOperator<TaskConfig> shared;

  /**
   * Checks against these limits and tiers.
   *
   * @param shared gives the one object for all configurations that are the same
   */
  public TaskConfigValidator(
      JobLimits limits, TierRegistry tiers, UnaryOperator<TaskConfig> shared) {
    this.limits = limits;
    this.tiers = tiers;
    this.shared = shared;
    this.defaults = new ConfigDefaults(limits);
    this.slaPolicies = new SlaPolicyValidator(limits);
  }

  /**
   * Checks the configuration as the client sent it.
   *
   * @param instances how many instances the job is to have
   * @return the configuration to store
   * @throws Refusal for the first rule it breaks
   */
  public TaskConfig validate(TaskConfig config, int instances) {
    String tierName = config.tier() == null ? tiers.defaultName() : config.tier();
    if (!Identifiers.isGood(tierName)) {
      throw Refusal.invalid("Tier contains illegal characters: " + tierName);
    }
    TierRegistry.Tier tier = tiers.get(tierName);
    if (tier == null) {
      throw Refusal.invalid("Invalid tier '" + tierName + "' in TaskConfig.");
    }
    if (!Identifiers.isValid(config.job())) {
      throw Refusal.invalid("Job key " + Identifiers.path(config.job()) + " is invalid.");
    }
    checkExecutor(config);
    checkConstraints(config);
    checkContainer(config);
    checkResources(config.resources());
    if (!config.mesosFetcherUris().isEmpty() && !limits.fetcher()) {
      throw Refusal.invalid("Mesos Fetcher for individual jobs is disabled in this cluster.");
    }
    if (config.container() instanceof Container.Mesos mesos
        && !mesos.value().volumes().isEmpty()
        && !limits.containerVolumes()) {
      throw Refusal.invalid("This scheduler is configured to disallow container volumes.");
    }
    if (config.slaPolicy() != null) {
      slaPolicies.validate(config.slaPolicy(), tierName, tier, instances);
    }
    ConfigSense.require(config);
    Unions.requireKnown(TaskConfig.TYPE, config, "taskConfig");
    return shared.apply(defaults.fill(config, tierName, tier));
  }

  private void checkExecutor(TaskConfig config) {
    ExecutorConfig executor = config.executorConfig();
    if (executor == null) {
      if (!(config.container() instanceof Container.Docker)) {
        throw Refusal.invalid("Configuration may not be null.");
      }
      return;
    }
    if (executor.name() == null) {
      throw Refusal.invalid("Executor name may not be left unset.");
    }
    if (!limits.executors().contains(executor.name())) {
      throw Refusal.invalid("Configuration for executor '" + executor.name() + "' doesn't exist.");
    }
  }

  private static void checkConstraints(TaskConfig config) {
    for (Constraint constraint : config.constraints()) {
      if (constraint.name() == null) {
        throw Refusal.error("constraints: name must be set");
      }
      if (constraint.constraint() instanceof TaskConstraint.Unknown unknown) {
        throw Refusal.invalid(
            "Constraint "
                + constraint.name()
                + " must be of value or limit type, not field "
                + unknown.fieldId()
                + ".");
      }
    }
    for (Constraint constraint : config.constraints()) {
      if (DEDICATED.equals(constraint.name())) {
        checkDedicated(constraint.constraint(), String.valueOf(config.job().role()));
      }
    }
  }

  private static void checkDedicated(@Nullable TaskConstraint constraint, String role) {
    if (!(constraint instanceof TaskConstraint.Value value)) {
      throw Refusal.invalid("A dedicated constraint must be of value type.");
    }
    ValueConstraint wanted = value.value();
    if (wanted.values().size() != 1) {
      throw Refusal.invalid("A dedicated constraint must have exactly one value");
    }
    String host = Iterables.getOnlyElement(wanted.values());
    int slash = host.indexOf('/');
    String owner = slash < 0 ? host : host.substring(0, slash);
    if (!owner.equals("*") && !owner.equals(role)) {
      throw Refusal.invalid("Only " + owner + " may use hosts dedicated for that role.");
    }
  }

  private void checkContainer(TaskConfig config) {
    Container container = config.container();
    if (container instanceof Container.Docker docker) {
      if (Arguments.isBlank(docker.value().image())) {
        throw Refusal.invalid("A container must specify an image.");
      }
      if (!docker.value().parameters().isEmpty() && !limits.dockerParameters()) {
        throw Refusal.invalid("This scheduler is configured to disallow Docker parameters.");
      }
      if (limits.dockerNeedsExecutor() && config.executorConfig() == null) {
        throw Refusal.invalid(
            "This scheduler is configured to require an executor for Docker-based tasks.");
      }
    }
    Container.Kind kind = container == null ? Container.Kind.MESOS : container.kind();
    if (!limits.containerTypes().contains(kind)) {
      throw Refusal.invalid("This scheduler is not configured to allow the container type " + kind);
    }
  }

  private void checkResources(ImmutableSet<Resource> resources) {
    Map<Resource.Kind, Integer> counts = new EnumMap<>(Resource.Kind.class);
    for (Resource resource : resources) {
      if (resource instanceof Resource.Unknown unknown) {
        throw Refusal.invalid(
            "resources must be of kinds known to this scheduler, not field "
                + unknown.fieldId()
                + ".");
      }
      counts.merge(resource.kind(), 1, Integer::sum);
    }
    TreeSet<String> repeated = new TreeSet<>();
    counts.forEach(
        (kind, count) -> {
          if (count > 1 && kind != Resource.Kind.NAMED_PORT) {
            repeated.add(ResourceNames.of(kind));
          }
        });
    if (!repeated.isEmpty()) {
      throw Refusal.invalid(
          "Multiple resource values are not supported for " + Joiner.on(", ").join(repeated));
    }
    QuotaAmount amount = QuotaAmount.of(resources);
    if (!(amount.cpus() > 0)) {
      throw Refusal.invalid("num_cpus must be greater than 0.0");
    }
    if (Double.isInfinite(amount.cpus())) {
      throw Refusal.invalid("num_cpus must be finite");
    }
    if (amount.ramMb() <= 0) {
      throw Refusal.invalid("ram_mb must be greater than 0.0");
    }
    if (amount.diskMb() <= 0) {
      throw Refusal.invalid("disk_mb must be greater than 0.0");
    }
    if (counts.containsKey(Resource.Kind.NUM_GPUS) && !limits.gpus()) {
      throw Refusal.invalid("GPU resource support is disabled in this cluster.");
    }
  }
}
