package io.borealis.agent.runner;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.borealis.agent.checkpoint.Header;
import io.borealis.agent.job.RunnerTask;
import io.borealis.agent.process.Account;
import io.borealis.agent.process.LogPlan;
import java.nio.file.Path;

/**
 * What it takes to run one task. Immutable.
 *
 * @param task with every reference filled in
 * @param ports number of each port by all its names, for those who read the stream
 * @param checkpointRoot holds description and streams of the task
 * @param sandbox the directory the processes run in; exists or is made
 * @param logDir gets a directory for each process, with one for each run
 * @param consoleDir holds {@code stdout} and {@code stderr} of the task as a whole
 * @param hostname as the task is told
 * @param account whose name the processes see
 * @param asAccount whether they run as the account, which needs root; else as this agent
 * @param preserveEnvironment whether they see the environment of this agent below their own
 * @param logs where the output of those goes that do not say themselves
 */
public record RunnerSetup(
    String taskId,
    RunnerTask task,
    ImmutableMap<String, Integer> ports,
    Path checkpointRoot,
    Path sandbox,
    Path logDir,
    Path consoleDir,
    String hostname,
    Account account,
    boolean asAccount,
    boolean preserveEnvironment,
    LogPlan logs) {
  /**
   * What the stream of the task says of it for good.
   *
   * @param nowMs when the task begins, in ms since the epoch
   */
  Header header(long nowMs) {
    return new Header(
        taskId,
        nowMs,
        sandbox.toString(),
        hostname,
        account.name(),
        ImmutableMap.copyOf(Maps.transformValues(ports, Integer::longValue)),
        logDir.toString(),
        account.uid());
  }
}
