package io.borealis.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Schedulers of one cluster, each a process with a {@link Link} of its own to the ensemble. Used by
 * one thread; its members may be used by several.
 */
final class Cluster implements AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Ensemble ensemble;
  private final String name;
  private final String driver;
  private final List<String> settings;
  private final List<Member> members = new CopyOnWriteArrayList<>();

  /**
   * @param name of the cluster, and so of its paths in ZooKeeper
   * @param settings flags that every member gets
   */
  Cluster(Ensemble ensemble, String name, String... settings) {
    this(ensemble, name, "simulated", settings);
  }

  private Cluster(Ensemble ensemble, String name, String driver, String... settings) {
    this.ensemble = ensemble;
    this.name = name;
    this.driver = driver;
    this.settings = List.of(settings);
  }

  /** One whose tasks are run by agents; parameters as above. */
  static Cluster ofAgents(Ensemble ensemble, String name, String... settings) {
    return new Cluster(ensemble, name, "agents", settings);
  }

  /** A scheduler process. Immutable but for the process behind it. */
  record Member(Daemon daemon, int port, Link link, Wire wire, Wire pages) {
    boolean leads() {
      return health() == 200;
    }

    /** The status of {@code /leaderhealth}; 0 without an answer. */
    int health() {
      try {
        return daemon.isAlive() ? pages.get("/leaderhealth").statusCode() : 0;
      } catch (IOException down) {
        return 0;
      }
    }

    /** Every number of {@code /vars}. */
    Map<String, Double> vars() throws IOException {
      Map<String, Double> vars = new TreeMap<>();
      for (String line : pages.get("/vars").body().lines().toList()) {
        int blank = line.lastIndexOf(' ');
        vars.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
      }
      return vars;
    }

    /** One number of {@code /vars}. */
    long number(String var) throws IOException {
      Double value = vars().get(var);
      if (value == null) {
        throw new IOException("no " + var);
      }
      return value.longValue();
    }

    /** The same with less patience with its answers. */
    Member withPatience(Duration patience) {
      return new Member(daemon, port, link, new Wire(port, patience), pages);
    }

    void awaitNumber(String var, long value) {
      Await.until(this + ": " + var + " " + value, LONG, () -> number(var) == value);
    }

    @Override
    public String toString() {
      return daemon.toString();
    }
  }

  /** Starts one more scheduler. */
  Member start() {
    int port = Ports.free();
    Link link = new Link(ensemble.endpoints());
    List<String> args =
        new ArrayList<>(
            List.of(
                "scheduler",
                "--zk-endpoints=" + link.endpoints(),
                "--http-port=" + port,
                "--cluster=" + driver,
                "--cluster-name=" + name,
                "--serverset-path=" + serverset(),
                "--zk-session-timeout=3s",
                // Thousands of tiny tasks are to find room.
                "--thermos-executor-cpu=0",
                "--thermos-executor-ram=0MB"));
    args.addAll(settings);
    Member member =
        new Member(
            Daemon.start("scheduler " + port, args.toArray(String[]::new)),
            port,
            link,
            new Wire(port),
            new Wire(port, Duration.ofSeconds(2)));
    members.add(member);
    return member;
  }

  /** Starts schedulers, waits for a leader and until the others follow it; returns the leader. */
  Member start(int size) {
    for (int i = 0; i < size; i++) {
      var unused = start();
    }
    Member leader = awaitLeader();
    followers(leader).forEach(Cluster::awaitStandby);
    return leader;
  }

  /** Starts another in place of one that has ended. */
  void replace(Member ended) {
    members.remove(ended);
    ended.link().close();
    var unused = start();
  }

  /** All that were started, dead or alive. */
  List<Member> members() {
    return List.copyOf(members);
  }

  /** Ways to all that were started. */
  List<Wire> wires() {
    return members().stream().map(Member::wire).toList();
  }

  /** All that live but the leader. */
  List<Member> followers(Member leader) {
    return members.stream().filter(m -> !m.equals(leader) && m.daemon().isAlive()).toList();
  }

  Member awaitLeader() {
    return Await.until(
        "a leader", LONG, () -> members.stream().filter(Member::leads).findFirst().orElse(null));
  }

  /** Waits for a leader that is another one. */
  Member awaitLeaderBut(Member old) {
    return Await.until(
        "another leader",
        LONG,
        () -> members.stream().filter(m -> !m.equals(old) && m.leads()).findFirst().orElse(null));
  }

  /** Waits until a member knows another as the leader. */
  static void awaitStandby(Member member) {
    Await.until(member + " stands by", LONG, () -> member.health() == 503);
  }

  String name() {
    return name;
  }

  String serverset() {
    return "/aurora/" + name;
  }

  String journal() {
    return "/borealis/" + name;
  }

  @Override
  public void close() {
    for (Member member : members) {
      member.daemon().close();
      member.link().close();
    }
  }
}
