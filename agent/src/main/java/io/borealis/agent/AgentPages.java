package io.borealis.agent;

import io.borealis.agent.observer.About;
import io.borealis.agent.observer.Observer;
import io.borealis.agent.observer.ResourceSamples;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskLimits;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.runtime.Runtimes;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts together what an agent shows over HTTP. Stateless. */
final class AgentPages {
  private static final int THREADS = 4;

  private AgentPages() {}

  /**
   * The observer of an agent.
   *
   * @param leader the leading scheduler; null while none is known
   */
  static HttpHandler of(
      String hostname,
      Runtimes runtimes,
      WorkDir workDir,
      AgentTasks tasks,
      PrometheusMeterRegistry meters,
      Supplier<@Nullable Endpoint> leader)
      throws IOException {
    Observer observer =
        new Observer(
            workDir.root(),
            runtimes.clock(),
            runtimes.newPool("observer", THREADS),
            usage(runtimes, workDir, tasks),
            meters,
            () -> {
              Endpoint leading = leader.get();
              return new About(
                  hostname, workDir.agentId(), leading == null ? null : leading.toString());
            });
    return call -> {
      // An agent that cannot write is not healthy, though it goes on.
      Optional<String> problem = tasks.problem();
      return problem.isPresent() && call.path().equals("/health")
          ? CompletableFuture.completedFuture(
              HttpReply.text(
                  503, "Updates of tasks cannot be written and wait in memory: " + problem.get()))
          : observer.handle(call);
    };
  }

  private static ResourceSamples usage(Runtimes runtimes, WorkDir workDir, AgentTasks tasks)
      throws IOException {
    ProcReader processes = ProcReader.ofThisMachine();
    // Who only looks needs no cgroups: sessions and ancestry tell enough.
    TaskGroup none =
        Limits.withoutCgroups(workDir.agentId())
            .group("none", new TaskLimits(0, 0, OptionalLong.empty()));
    TaskUsage usage =
        new TaskUsage(
            tasks::living,
            processes::read,
            sandbox -> new TaskProcesses(processes, sandbox, OptionalInt.empty(), none),
            runtimes.newLoop("usage"),
            runtimes.clock());
    usage.start();
    return usage;
  }
}
