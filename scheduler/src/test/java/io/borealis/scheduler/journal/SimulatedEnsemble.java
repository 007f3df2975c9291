package io.borealis.scheduler.journal;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.jspecify.annotations.Nullable;

/**
 * A simulated ZooKeeper ensemble and the journals of the processes that share it. Watches out that
 * whoever writes an entry is the one whom the fence lets through. For one thread.
 */
public final class SimulatedEnsemble {
  private static final Layout LAYOUT = new Layout("/borealis/test");

  private final EventLoop network;
  private final Random random;
  private final JournalLimits limits;
  private final Consumer<String> onBroken;
  private final SimulatedZooKeeper server = new SimulatedZooKeeper(this::written);
  private @Nullable Object fencer;
  private final List<Connection> connections = new ArrayList<>();

  /**
   * @param network where requests travel
   * @param onBroken told of an entry that must not be there
   */
  public SimulatedEnsemble(
      EventLoop network, Random random, JournalLimits limits, Consumer<String> onBroken) {
    this.network = network;
    this.random = random;
    this.limits = limits;
    this.onBroken = onBroken;
  }

  /** How long a session outlives its last word. */
  public static Duration sessionTimeout() {
    return SimulatedZnodes.TIMEOUT;
  }

  /** A process comes; its journal runs on the loop. */
  public Connection join(EventLoop loop, Clock clock) {
    Connection connection = new Connection(loop, clock);
    connections.add(connection);
    return connection;
  }

  /** The version of a node; -1 when it is not there. */
  public int version(String path) {
    Znodes.@Nullable Node node = server.at(server.now()).get(path);
    return node == null ? -1 : node.version();
  }

  private void written(Object writer, List<Op> operations) {
    for (Op op : operations) {
      if (op.getPath().equals(LAYOUT.epoch()) && op.getType() == ZooDefs.OpCode.setData) {
        fencer = writer;
      } else if (op.getPath().startsWith(LAYOUT.root() + "/")
          && isFenced(op)
          && !writer.equals(fencer)) {
        onBroken.accept(op.getPath() + " is written by somebody who was fenced off");
      }
    }
    connections.forEach(Connection::lookSoon);
  }

  /** Whether only the leader may do this. */
  private static boolean isFenced(Op op) {
    boolean isEntry = op.getPath().startsWith(LAYOUT.entries() + "/");
    return op.getType() == ZooDefs.OpCode.delete
        ? isEntry || op.getPath().startsWith(LAYOUT.snapshots() + "/")
        : op.getType() == ZooDefs.OpCode.create && isEntry;
  }

  /** The end of one process' wire to the ensemble. */
  public final class Connection {
    private final SimulatedZnodes znodes;
    private final Journal journal;
    private int latestMs = 5;
    private boolean looking;
    private int cuts;

    private Connection(EventLoop loop, Clock clock) {
      this.znodes = new SimulatedZnodes(server, network, loop, random);
      this.journal =
          new LogJournal(
              new JournalSettings(
                  "simulated",
                  LAYOUT.root(),
                  "test",
                  "/aurora/scheduler",
                  SimulatedZnodes.TIMEOUT,
                  Optional.empty(),
                  limits),
              loop,
              clock,
              znodes);
    }

    public Journal journal() {
      return journal;
    }

    /** The connection is lost; unless it comes back in time, so is the session. */
    public void cut() {
      if (znodes.isConnected()) {
        znodes.disconnect();
        int cut = ++cuts;
        var unused =
            network.schedule(
                SimulatedZnodes.TIMEOUT,
                () -> {
                  if (cut == cuts && !znodes.isConnected()) {
                    znodes.expire();
                  }
                });
      }
    }

    public void restore() {
      znodes.reconnect();
    }

    /** The ensemble gives the session up although nothing is wrong. */
    public void expire() {
      znodes.expire();
    }

    /** Its server learns of the writes of others after so many milliseconds at most. */
    public void lag(int ms) {
      latestMs = ms;
    }

    /** The server does all that it is asked for, and in time. */
    public void calm() {
      latestMs = 5;
      znodes.calm();
    }

    /** The process is gone. */
    public void die() {
      znodes.disconnect();
      znodes.close();
      connections.remove(this);
    }

    private void lookSoon() {
      if (!looking) {
        looking = true;
        var unused =
            network.schedule(
                Duration.ofMillis(1 + random.nextInt(latestMs)),
                () -> {
                  looking = false;
                  znodes.look();
                  if (znodes.isConnected() && !znodes.isUpToDate()) {
                    lookSoon();
                  }
                });
      }
    }
  }
}
