package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.announce.Announcers;
import io.borealis.agent.announce.ZooKeeperAnnouncers;
import io.borealis.agent.executor.AuroraExecutors;
import io.borealis.agent.executor.ExecutorSettings;
import io.borealis.agent.executor.Machine;
import io.borealis.agent.executor.TaskExecutors;
import io.borealis.agent.health.HealthMetrics;
import io.borealis.agent.health.LocalHttp;
import io.borealis.agent.process.Accounts;
import io.borealis.agent.process.Coordinators;
import io.borealis.agent.process.LaunchException;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.runner.ProcTables;
import io.borealis.agent.runner.TaskRunners;
import io.borealis.config.AgentSettings;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;

/** Puts together what runs tasks on this machine. Stateless. */
final class Machinery {
  private static final int TASK_LOOPS = 4;
  private static final int IO_THREADS = 8;
  private static final int HTTP_THREADS = 2;

  private Machinery() {}

  /**
   * Executors for all tasks of an agent.
   *
   * @throws LaunchException when the work directory does not take what processes are started by
   * @throws AgentException when credentials for announcements cannot be used
   */
  static TaskExecutors executors(
      AgentSettings settings,
      Runtimes runtimes,
      WorkDir workDir,
      Limits limits,
      MeterRegistry meters)
      throws LaunchException {
    Accounts accounts = Accounts.ofThisMachine();
    ProcReader processes = ProcReader.ofThisMachine();
    ProcTables tables = new ProcTables(processes::read, runtimes.clock());
    Machine machine =
        new Machine(
            accounts,
            processes,
            tables,
            limits,
            new TaskRunners(
                Coordinators.in(workDir.root()), tables, runtimes.clock(), accounts.own().uid()),
            new LocalHttp(runtimes.newPool("task-http", HTTP_THREADS)),
            announcers(settings, runtimes, meters),
            runtimes.newPool("task-io", IO_THREADS));
    ImmutableList.Builder<EventLoop> loops = ImmutableList.builder();
    for (int i = 0; i < TASK_LOOPS; i++) {
      loops.add(runtimes.newLoop("task-" + i));
    }
    return new AuroraExecutors(
        ExecutorSettings.of(settings),
        machine,
        runtimes.clock(),
        new HealthMetrics(meters),
        loops.build());
  }

  private static Optional<Announcers> announcers(
      AgentSettings settings, Runtimes runtimes, MeterRegistry meters) {
    return settings
        .announcer()
        .ensemble()
        .map(
            ensemble -> {
              CuratorFramework curator =
                  ZooKeeperClients.announcer(
                      ensemble, settings.leader().sessionTimeout(), settings.announcer());
              // Never closed: the tasks go on, and are to be found until the next process is here.
              curator.start();
              return new ZooKeeperAnnouncers(curator, runtimes.clock(), meters);
            });
  }
}
