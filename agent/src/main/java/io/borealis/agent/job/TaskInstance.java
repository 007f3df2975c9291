package io.borealis.agent.job;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import java.util.Map;
import java.util.Optional;

/**
 * What an executor makes of an assigned task: instance and host are filled in, what only the runner
 * knows (ports, task id and user) is not. Immutable.
 */
public final class TaskInstance {
  /**
   * Reads the data of the task's executorConfig, which describe a job or an instance of one.
   *
   * @throws InvalidTaskException if they do not, or break a rule
   */
  public static TaskInstance parse(AssignedTask assigned) throws InvalidTaskException {
    throw new UnsupportedOperationException();
  }

  /** The role, whose account the processes run as. */
  public String role() {
    throw new UnsupportedOperationException();
  }

  /** The environment of the job. */
  public String environment() {
    throw new UnsupportedOperationException();
  }

  /** The number of the instance. */
  public int instance() {
    throw new UnsupportedOperationException();
  }

  /** Every port that has a number, by all its names: assigned ones, aliases and fixed ones. */
  public ImmutableMap<String, Integer> ports() {
    throw new UnsupportedOperationException();
  }

  /** Names the job gives to ports that have no number, which is worth a warning. */
  public ImmutableSet<String> portsWithoutNumber() {
    throw new UnsupportedOperationException();
  }

  /** How health is checked; holds defaults if the job does not say. */
  public HealthCheckConfig healthCheck() {
    throw new UnsupportedOperationException();
  }

  /** How the task is asked to end, if it is to be asked. */
  public Optional<HttpLifecycle> lifecycle() {
    throw new UnsupportedOperationException();
  }

  /** How the task is made known, if it is to be. */
  public Optional<Announcement> announcement() {
    throw new UnsupportedOperationException();
  }

  /**
   * The command of a health check by shell, with assigned ports and task id filled in.
   *
   * @throws InvalidTaskException if references are left
   */
  public String shellCheck(HealthCheckConfig.Shell check, String taskId)
      throws InvalidTaskException {
    throw new UnsupportedOperationException();
  }

  /** The task as JSON, with references to what only the runner knows. */
  public String taskJson() {
    throw new UnsupportedOperationException();
  }

  /**
   * The task as it runs.
   *
   * @param ports the number of each name, usually {@link #ports}
   * @throws InvalidTaskException if it needs a port without a number or breaks another rule
   */
  public RunnerTask bind(String taskId, String user, Map<String, Integer> ports)
      throws InvalidTaskException {
    throw new UnsupportedOperationException();
  }
}
