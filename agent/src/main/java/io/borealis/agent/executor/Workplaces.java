package io.borealis.agent.executor;

import io.borealis.agent.announce.Announcer;
import io.borealis.agent.health.HealthCheck;
import io.borealis.agent.job.HealthCheckConfig;
import io.borealis.agent.job.HttpLifecycle;
import io.borealis.agent.job.InvalidTaskException;
import io.borealis.agent.runner.TaskRunner;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes room for tasks on this machine. Thread-safe. */
interface Workplaces {
  /**
   * Makes what a task needs, or finds what a former agent process made of it. May take long.
   *
   * @param loop of the task
   * @throws InvalidTaskException when the task breaks a rule, or asks for what agents of this kind
   *     do not have
   * @throws SandboxException when the machine does not allow it
   */
  Workplace prepare(TaskRun run, EventLoop loop) throws InvalidTaskException, SandboxException;

  /** Kills what may live of a task that is told to have ended without a place. Blocks. */
  void abandon(TaskRun run);

  /** Why there is no sandbox, for people. Immutable. */
  final class SandboxException extends Exception {
    private static final long serialVersionUID = 1;

    SandboxException(String message) {
      super(message);
    }
  }

  /**
   * What surrounds one task. Confined to the loop of the task but for the methods that block, which
   * any thread may call.
   */
  interface Workplace {
    /** Whether a runner has had the task already, so that it may have started something. */
    boolean isBegun();

    /** The runner of the task, not started. */
    TaskRunner runner(TaskRunner.Listener listener);

    /** How health is to be checked; empty if nothing is. */
    Optional<HealthCheck> healthCheck();

    /** How failures of health checks count. */
    HealthCheckConfig healthConfig();

    /** Whether health checks are put off. */
    boolean isSnoozed();

    /** How the task is asked to end, and the port that is asked; empty if it is not. */
    Optional<Teardown> teardown();

    /** Who makes the task known, if somebody is to. */
    Optional<Announcer> announcer(Announcer.Listener listener);

    /** Bytes the sandbox may have. */
    OptionalLong diskReserved();

    /** Bytes the sandbox has. Blocks. */
    long diskUsed() throws IOException;

    /** Says with numbers that the task took more memory than it may; empty if not. Blocks. */
    Optional<String> memoryExceeded();

    /** Gives back what only a living task needs. Blocks; false means to repeat it later. */
    boolean release();
  }

  /** Whom to ask to end. */
  record Teardown(int port, HttpLifecycle lifecycle) {}
}
