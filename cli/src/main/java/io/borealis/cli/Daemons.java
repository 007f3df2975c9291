package io.borealis.cli;

import io.borealis.agent.Agent;
import io.borealis.config.AgentSettings;
import io.borealis.config.Command;
import io.borealis.config.DaemonSettings;
import io.borealis.config.Parsed;
import io.borealis.runtime.SystemRuntimes;
import io.borealis.scheduler.Scheduler;
import io.borealis.scheduler.journal.EmbeddedZooKeeper;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs daemons in the foreground until a signal or something fatal ends them. */
final class Daemons {
  private static final Logger LOG = LoggerFactory.getLogger(Daemons.class);
  private static final int STOP_SECONDS = 45;

  private Daemons() {}

  static int zooKeeper(Parsed parsed, PrintStream out, PrintStream err) {
    DaemonSettings.ZooKeeperServer settings =
        DaemonSettings.zooKeeperServer(Command.ZOOKEEPER, parsed);
    try (Ending ending = new Ending();
        EmbeddedZooKeeper server = start(settings, settings.port(), ending)) {
      out.println("ZooKeeper listens at " + server.connectString());
      return ending.await(() -> {});
    } catch (IOException failure) {
      err.println("borealis zookeeper: " + failure.getMessage());
      return Main.FAILED;
    }
  }

  private static EmbeddedZooKeeper start(
      DaemonSettings.ZooKeeperServer settings, int port, Ending ending) throws IOException {
    return EmbeddedZooKeeper.start(
        new EmbeddedZooKeeper.Settings(
            settings.dataDir(),
            settings.host(),
            port,
            settings.tickTime(),
            settings.id(),
            settings.servers()),
        () -> ending.end("ZooKeeper cannot go on"));
  }

  static int up(Parsed parsed, PrintStream out, PrintStream err) {
    DaemonSettings.ZooKeeperServer server = DaemonSettings.zooKeeperServer(Command.UP, parsed);
    DaemonSettings settings = DaemonSettings.of(Command.UP, parsed);
    int port;
    try {
      port = server.port() == 0 ? freePort() : server.port();
    } catch (IOException none) {
      err.println("borealis up: no free port: " + none.getMessage());
      return Main.FAILED;
    }
    try (Ending ending = new Ending();
        EmbeddedZooKeeper zooKeeper = start(server, port, ending)) {
      DaemonSettings connected = settings.withEnsemble(zooKeeper.connectString());
      if (!settings.cluster().hasAgents()) {
        return run("up", connected, true, Optional.empty(), ending, out, err);
      }
      String secret = settings.agents().secret().orElseGet(Daemons::newSecret);
      AgentSettings agent =
          AgentSettings.of(Command.UP, parsed)
              .withEnsemble(zooKeeper.connectString())
              .withSecret(secret);
      return run(
          "up", connected.withAgentSecret(secret), true, Optional.of(agent), ending, out, err);
    } catch (IOException failure) {
      err.println("borealis up: " + failure.getMessage());
      return Main.FAILED;
    }
  }

  /** Known to this process alone. */
  private static String newSecret() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static int scheduler(Parsed parsed, PrintStream out, PrintStream err) {
    DaemonSettings settings = DaemonSettings.of(Command.SCHEDULER, parsed);
    try (Ending ending = new Ending()) {
      return run("scheduler", settings, false, Optional.empty(), ending, out, err);
    }
  }

  static int agent(Parsed parsed, PrintStream out, PrintStream err) {
    AgentSettings settings = AgentSettings.of(Command.AGENT, parsed);
    try (Ending ending = new Ending();
        SystemRuntimes runtimes = runtimes(ending)) {
      Agent agent = new Agent(settings, runtimes, new AgentTelling(out));
      try {
        agent.start();
      } catch (RuntimeException failure) {
        err.println("borealis agent: " + message(failure));
        stop("agent", agent.stop());
        return Main.FAILED;
      }
      out.println("shows its tasks at http://" + agent.observer());
      int exit = ending.await(() -> stop("agent", agent.stop()));
      if (exit == Main.FAILED) {
        err.println("borealis agent: " + ending.reason());
      }
      return exit;
    }
  }

  private static SystemRuntimes runtimes(Ending ending) {
    return new SystemRuntimes(
        (loop, failure) -> {
          LOG.error("Unexpected on {}", loop, failure);
          ending.end("unexpected on " + loop + ": " + failure);
        });
  }

  private static int run(
      String command,
      DaemonSettings settings,
      boolean alone,
      Optional<AgentSettings> ownAgent,
      Ending ending,
      PrintStream out,
      PrintStream err) {
    try (SystemRuntimes runtimes = runtimes(ending)) {
      Scheduler scheduler = new Scheduler(settings, runtimes, new Telling(out, ending));
      Optional<Agent> agent = ownAgent.map(of -> new Agent(of, runtimes, new AgentTelling(out)));
      Runnable stop =
          () -> {
            // What it has heard of its tasks should reach the scheduler's journal first.
            agent.ifPresent(own -> stop("agent", own.stop()));
            stop("scheduler", scheduler.stop());
          };
      try {
        // First what can be wrong with this machine, then what others see.
        agent.ifPresent(Agent::start);
        scheduler
            .start(alone)
            .whenComplete(
                (started, failure) -> {
                  if (failure != null) {
                    ending.end(message(failure));
                  }
                });
      } catch (RuntimeException failure) {
        err.println("borealis " + command + ": " + message(failure));
        stop.run();
        return Main.FAILED;
      }
      agent.ifPresent(own -> out.println("shows its tasks at http://" + own.observer()));
      int exit = ending.await(stop);
      if (exit == Main.FAILED) {
        err.println("borealis " + command + ": " + ending.reason());
      }
      return exit;
    }
  }

  private static void stop(String what, CompletionStage<Void> stopped) {
    try {
      stopped.toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      LOG.warn("The {} did not stop cleanly", what, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String message(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** Prints what becomes of an agent. */
  private record AgentTelling(PrintStream out) implements Agent.Events {
    @Override
    public void registered(String leader, String agentId) {
      out.println("registered with " + leader + " as " + agentId);
    }

    @Override
    public void lost(String reason) {
      out.println("without a leader: " + reason);
    }
  }

  /** Prints each change once. */
  private static final class Telling implements Scheduler.Events {
    private final PrintStream out;
    private final Ending ending;
    private final AtomicReference<String> last = new AtomicReference<>("");

    Telling(PrintStream out, Ending ending) {
      this.out = out;
      this.ending = ending;
    }

    @Override
    public void waiting(String connect) {
      say("waiting for ZooKeeper at " + connect);
    }

    @Override
    public void leading(Endpoint here) {
      say("leading at http://" + here);
    }

    @Override
    public void standingBy(Optional<Endpoint> leader) {
      say(
          leader
              .map(other -> "standing by; the leader is http://" + other)
              .orElse("standing by; no leader is known"));
    }

    private void say(String line) {
      if (!line.equals(last.getAndSet(line))) {
        out.println(line);
      }
    }

    @Override
    public void fatal(String reason) {
      ending.end(reason);
    }
  }

  /**
   * How a daemon comes to its end: by a signal, after which the process waits for the main thread,
   * or for a reason of its own.
   */
  private static final class Ending implements AutoCloseable {
    private final CompletableFuture<String> reason = new CompletableFuture<>();
    private volatile boolean started;
    private final Thread main = Thread.currentThread();
    private final Thread hook = new Thread(this::signalled, "shutdown");

    Ending() {
      Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Ends the wait for signals: the process now ends by itself. */
    @Override
    public void close() {
      try {
        // Otherwise the hook would wait for this thread, which waits in exit for the hook.
        boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException alreadyEnding) {
        LOG.debug("Ending by a signal");
      }
    }

    private void signalled() {
      reason.complete("");
      try {
        // While it still starts there is nothing to hand over.
        main.join(started ? TimeUnit.SECONDS.toMillis(STOP_SECONDS) : 1);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      // The JVM would report the signal; a daemon that handed over has done what it was asked.
      Runtime.getRuntime().halt(Main.OK);
    }

    void end(String why) {
      reason.complete(why);
    }

    String reason() {
      return reason.join();
    }

    /** Waits for the end, stops, and returns the exit code. */
    int await(Runnable stop) {
      started = true;
      String why = reason.join();
      stop.run();
      return why.isEmpty() ? Main.SIGNALLED : Main.FAILED;
    }
  }
}
