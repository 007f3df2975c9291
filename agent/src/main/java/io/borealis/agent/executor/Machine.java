package io.borealis.agent.executor;

import io.borealis.agent.announce.Announcers;
import io.borealis.agent.health.LocalHttp;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.runner.ProcTables;
import io.borealis.agent.runner.TaskRunners;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What this machine has for tasks, shared by all. Immutable.
 *
 * @param announcers make tasks known; empty if none are to be
 * @param io does what blocks; a few threads
 */
public record Machine(
    Accounts accounts,
    ProcReader processes,
    ProcTables tables,
    Limits limits,
    TaskRunners runners,
    LocalHttp http,
    Optional<Announcers> announcers,
    Executor io) {}
