package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.cli.Cluster.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Schedulers and agents as processes on this machine, with the jobs they run, and what must hold of
 * all of them in the end. Used by one thread.
 */
final class RealCluster implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(60);

  private static int clusters;

  private final Path folder;
  private final Path secret;
  private final Cluster cluster;
  private final Map<String, Daemon> agents = new LinkedHashMap<>();
  private final List<RealTasks> jobs = new ArrayList<>();
  private final TaskWatch watch = new TaskWatch();

  /**
   * @param folder of its own; what belongs to the tasks is found by it
   * @param settings flags that every scheduler gets
   */
  RealCluster(Path folder, String... settings) throws IOException {
    this.folder = folder.toRealPath();
    secret = secret("secret", "known-to-all-of-them");
    Files.createDirectories(folder.resolve("signs"));
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("--agent-secret-file=" + secret);
    // Tasks that end after seconds are what these tests are made of.
    all.add("--flapping-task-threshold=1ms");
    // A task that a leader launches right before its end may be lost, which fails an update.
    all.add("--update-tolerate-infrastructure-exits=true");
    cluster = Cluster.ofAgents(Ensemble.shared(), "real" + ++clusters, all.toArray(String[]::new));
  }

  /** A file with a secret that only its owner can read. */
  Path secret(String file, String text) throws IOException {
    Path path = Files.writeString(folder.resolve(file), text + "\n");
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }

  Cluster schedulers() {
    return cluster;
  }

  TaskWatch watch() {
    return watch;
  }

  Path workDir(String host) {
    return folder.resolve(host);
  }

  AgentRecords records(String host) {
    return new AgentRecords(workDir(host));
  }

  Daemon agent(String host) {
    Daemon agent = agents.get(host);
    if (agent == null) {
      throw new AssertionError("no agent " + host);
    }
    return agent;
  }

  /** Starts an agent, with the work directory it had before if there is one. */
  Daemon launchAgent(String host, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "agent",
                "--zk-endpoints=" + Ensemble.shared().endpoints(),
                "--serverset-path=" + cluster.serverset(),
                "--work-dir=" + workDir(host),
                "--hostname=" + host,
                "--resources=cpus:4;mem:2048;disk:2048;ports:[31000-31999]",
                "--observer-port=0"));
    args.addAll(List.of(more));
    if (args.stream().noneMatch(arg -> arg.startsWith("--agent-secret-file"))) {
      args.add("--agent-secret-file=" + secret);
    }
    Daemon agent = Daemon.start("agent " + host, args.toArray(String[]::new));
    agents.put(host, agent);
    return agent;
  }

  /** The same, and waits until the leader knows it. */
  Daemon startAgent(String host, String... more) {
    Daemon agent = launchAgent(host, more);
    var unused = agent.awaitLine("registered with", LONG);
    return agent;
  }

  /** A job that is watched from now on. */
  RealTasks job(String name) {
    RealTasks job = new RealTasks(folder.resolve("signs"), name);
    jobs.add(job);
    watch.add(job);
    return job;
  }

  /**
   * Kills the jobs, waits until nothing of them is left, and holds what was written down against
   * the rules.
   */
  void finish() throws IOException {
    Member leader = cluster.awaitLeader();
    for (RealTasks job : jobs) {
      TaskHistory.assertLegal(job.tasks(leader.wire()));
      job.kill(leader.wire());
      TaskHistory.assertLegal(job.tasks(leader.wire()));
    }
    boolean unused =
        Await.until(
            "nothing is left of tasks", LONG, () -> LiveProcess.ofTasksIn(folder).isEmpty());
    watch.assertNeverTwice();
    for (String host : agents.keySet()) {
      AgentRecords records = records(host);
      records.assertStreamsAreWhole();
      if (agent(host).isAlive()) {
        Await.until(
            "all is delivered",
            LONG,
            () -> {
              try {
                records.assertEverythingWasDelivered();
                return true;
              } catch (AssertionError notYet) {
                throw new IOException(notYet);
              }
            });
      }
    }
    assertThat(leader.number("uncaught_exceptions")).isZero();
  }

  /** Ends all processes, also those that a failed test has left. */
  @Override
  public void close() {
    agents.values().forEach(Daemon::close);
    cluster.close();
    watch.close();
    LiveProcess.killTasksIn(folder);
  }
}
