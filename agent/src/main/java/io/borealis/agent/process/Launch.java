package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * All that is needed to run one command. Immutable.
 *
 * @param process the name of the process, any bytes but NUL
 * @param forkedSeq the number of the FORKED record; RUNNING gets the next, the end the one after
 * @param commandLine run by {@code /bin/bash -c}
 * @param sandbox working directory and HOME of the command
 * @param stream the coordinator stream, to which RUNNING and the end are appended
 * @param logDirectory of this run; made if absent
 * @param consoleDirectory where {@code stdout} and {@code stderr} of the task lie
 * @param account whose name the command sees as USER and LOGNAME
 * @param asAccount whether to become the account, which needs root; else it runs as this agent
 * @param preserveEnvironment whether the command sees the agent's environment below its own
 * @param cgroupFiles files that take the pid of the command before it runs anything
 * @param maxProcesses bound by rlimit, which counts all processes of the user
 */
public record Launch(
    String process,
    long forkedSeq,
    String commandLine,
    Path sandbox,
    Path stream,
    Path logDirectory,
    Path consoleDirectory,
    LogPlan logs,
    Account account,
    boolean asAccount,
    boolean preserveEnvironment,
    ImmutableList<Path> cgroupFiles,
    OptionalLong maxProcesses) {}
