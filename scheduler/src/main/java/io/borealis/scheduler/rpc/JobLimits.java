package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Container;
import io.borealis.api.DockerParameter;
import java.util.regex.Pattern;

/**
 * What this cluster allows in jobs and updates. Immutable.
 *
 * @param maxTasksPerJob most instances of a job
 * @param maxUpdateInstanceFailures most failures an update may tolerate: those of an instance times
 *     the instances
 * @param environments what names of environments must match whole
 * @param checkEnvironmentOfUpdates whether that also holds for updates; off, an update can create a
 *     job in an environment in which createJob refuses it, as in Aurora
 * @param containerTypes kinds of containers that jobs may use
 * @param dockerParameters whether jobs may pass parameters to Docker
 * @param defaultDockerParameters parameters of jobs that pass none; always allowed
 * @param dockerNeedsExecutor whether Docker containers must have an executor
 * @param containerVolumes whether jobs may mount volumes into Mesos containers
 * @param gpus whether jobs may ask for GPUs
 * @param fetcher whether jobs may have the agent fetch files
 * @param executors names of the executors configured
 * @param minInstancesForSla least instances a job with a percentage or count policy has
 * @param maxSlaDurationSecs longest duration of such a policy
 * @param slaForNonProduction whether jobs of other than production tiers may have a policy
 */
public record JobLimits(
    int maxTasksPerJob,
    long maxUpdateInstanceFailures,
    Pattern environments,
    boolean checkEnvironmentOfUpdates,
    ImmutableSet<Container.Kind> containerTypes,
    boolean dockerParameters,
    ImmutableList<DockerParameter> defaultDockerParameters,
    boolean dockerNeedsExecutor,
    boolean containerVolumes,
    boolean gpus,
    boolean fetcher,
    ImmutableSet<String> executors,
    int minInstancesForSla,
    long maxSlaDurationSecs,
    boolean slaForNonProduction) {

  /** The limits of a scheduler without any settings. */
  public static final JobLimits DEFAULT = new Builder().build();

  /** A builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the limits that differ from the defaults. For one thread. */
  public static final class Builder {
    private int maxTasksPerJob = 4000;
    private long maxUpdateInstanceFailures = 20_000;
    private Pattern environments = Pattern.compile("^(prod|devel|test|staging\\d*)$");
    private boolean checkEnvironmentOfUpdates;
    private ImmutableSet<Container.Kind> containerTypes = ImmutableSet.of(Container.Kind.MESOS);
    private boolean dockerParameters;
    private ImmutableList<DockerParameter> defaultDockerParameters = ImmutableList.of();
    private boolean dockerNeedsExecutor = true;
    private boolean containerVolumes;
    private boolean gpus;
    private boolean fetcher;
    private ImmutableSet<String> executors = ImmutableSet.of("AuroraExecutor");
    private int minInstancesForSla = 20;
    private long maxSlaDurationSecs = 7200;
    private boolean slaForNonProduction;

    private Builder() {}

    public Builder maxTasksPerJob(int value) {
      maxTasksPerJob = value;
      return this;
    }

    public Builder maxUpdateInstanceFailures(long value) {
      maxUpdateInstanceFailures = value;
      return this;
    }

    public Builder environments(Pattern value) {
      environments = value;
      return this;
    }

    public Builder checkEnvironmentOfUpdates(boolean value) {
      checkEnvironmentOfUpdates = value;
      return this;
    }

    public Builder containerTypes(Iterable<Container.Kind> value) {
      containerTypes = ImmutableSet.copyOf(value);
      return this;
    }

    public Builder dockerParameters(boolean value) {
      dockerParameters = value;
      return this;
    }

    public Builder defaultDockerParameters(Iterable<DockerParameter> value) {
      defaultDockerParameters = ImmutableList.copyOf(value);
      return this;
    }

    public Builder dockerNeedsExecutor(boolean value) {
      dockerNeedsExecutor = value;
      return this;
    }

    public Builder containerVolumes(boolean value) {
      containerVolumes = value;
      return this;
    }

    public Builder gpus(boolean value) {
      gpus = value;
      return this;
    }

    public Builder fetcher(boolean value) {
      fetcher = value;
      return this;
    }

    public Builder executors(Iterable<String> value) {
      executors = ImmutableSet.copyOf(value);
      return this;
    }

    public Builder minInstancesForSla(int value) {
      minInstancesForSla = value;
      return this;
    }

    public Builder maxSlaDurationSecs(long value) {
      maxSlaDurationSecs = value;
      return this;
    }

    public Builder slaForNonProduction(boolean value) {
      slaForNonProduction = value;
      return this;
    }

    /** The finished limits. */
    public JobLimits build() {
      return new JobLimits(
          maxTasksPerJob,
          maxUpdateInstanceFailures,
          environments,
          checkEnvironmentOfUpdates,
          containerTypes,
          dockerParameters,
          defaultDockerParameters,
          dockerNeedsExecutor,
          containerVolumes,
          gpus,
          fetcher,
          executors,
          minInstancesForSla,
          maxSlaDurationSecs,
          slaForNonProduction);
    }
  }
}
