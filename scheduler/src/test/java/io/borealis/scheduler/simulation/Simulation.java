package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import io.borealis.api.ScheduledTask;
import io.borealis.config.DaemonSettings;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.SimulatedCluster;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.journal.JournalLimits;
import io.borealis.scheduler.journal.SimulatedEnsemble;
import io.borealis.scheduler.sla.MoodyCoordinators;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * One history of everything, made from a seed on virtual time and one thread: schedulers that die,
 * are cut off and depose each other, a cluster that loses tasks, hosts and messages, and customers
 * who change their minds. After every transaction what was promised must hold; left in peace, all
 * updates must end.
 */
final class Simulation implements World {
  private static final int STEPS = 120;
  private static final Duration SETTLING = Duration.ofMinutes(10);

  /** Longer than anything may wait that could go on. */
  private static final int QUIET_SECONDS = 30;

  /** Twice this, and cron jobs have run. */
  private static final int A_MINUTE_AT_LEAST = 35;

  /** Longer than a host may be drained, and its last task take to end. */
  private static final int DRAINING_SECONDS = 120;

  private final Random random;
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final EventLoop network = runtimes.newLoop("network");
  private final Truth truth = new Truth();
  private final Trace trace = new Trace(runtimes.clock());
  private final Answers answers = new Answers(truth, this::isPolite);
  private final SimulatedEnsemble ensemble;
  private final SimulatedElection election;
  private final SimulatedCluster cluster;
  private final MoodyCoordinators coordinators;
  private final AtomicLong newestEpoch = new AtomicLong();
  private final int hosts;
  private final Snapshotter.Policy snapshots;
  private final List<SimulatedScheduler> schedulers = new ArrayList<>();
  private final Cast cast;
  private final Parts parts;
  private final DaemonSettings settings;
  private final CronWatch cron = new CronWatch(truth, job -> answers.count(Attempt.Kind.SEEN, job));
  private final Peace peace = new Peace(truth);
  private final int faults;
  private final boolean polite;
  private long peaceMs;
  private boolean clocksAgree = true;
  private boolean rough = true;

  Simulation(long seed) {
    random = new Random(seed);
    parts = Parts.draw(seed);
    settings = SimulatedSettings.of(parts);
    coordinators = new MoodyCoordinators(network, random, Duration.ofSeconds(4));
    truth.watch(answers);
    truth.watch(new PlacementWatch(truth));
    truth.watch(new QuotaWatch(truth));
    truth.watch(new PreemptionWatch(truth));
    truth.watch(cron);
    truth.watch(new MaintenanceWatch(truth, coordinators::letGo, () -> clocksAgree));
    truth.watch(new FailureBudgets(truth));
    truth.watch(new UpdateWatch(truth, coordinators::letGo));
    faults = random.nextInt(4) * 7;
    polite = random.nextBoolean();
    ensemble =
        new SimulatedEnsemble(
            network,
            random,
            new JournalLimits(
                1 + random.nextInt(4),
                random.nextInt(4) == 0 ? 100 : 1_000,
                random.nextInt(4) == 0 ? 500 : 10_000,
                10,
                Duration.ofMillis(random.nextInt(4) > 0 ? 200 : 10_000)),
            truth::broken);
    election = new SimulatedElection(ensemble, network, random);
    // Six have three racks, and the last one is dedicated.
    hosts = 3 + random.nextInt(2) + (parts.placement() ? 2 : 0);
    cluster =
        new SimulatedCluster(
            new SimulatedClusterSettings(
                hosts,
                parts.placement() ? 4 : 7.5,
                1024,
                1024,
                Duration.ofMillis(50),
                Duration.ofMillis(30),
                Duration.ofMillis(random.nextBoolean() ? 200 : 900),
                Duration.ofMillis(5),
                Duration.ofSeconds(1),
                true,
                parts.placement() ? 1.5 : 0,
                0,
                false),
            runtimes.newLoop("cluster"),
            runtimes.clock(),
            Room::demand);
    snapshots =
        new Snapshotter.Policy(
            random.nextBoolean() ? 15 : 40, 1_000_000, Duration.ofSeconds(10 + random.nextInt(60)));
    for (int i = 0; i < 2 + random.nextInt(2); i++) {
      schedulers.add(new SimulatedScheduler(this, "scheduler-" + i));
    }
    cast = new Cast(this, answers, schedulers, hostNames());
    cast.assemble(parts);
  }

  private ImmutableList<String> hostNames() {
    return IntStream.rangeClosed(1, hosts)
        .mapToObj(number -> "host-" + number)
        .collect(ImmutableList.toImmutableList());
  }

  /** Lives through it. */
  void run() {
    pass(Duration.ofSeconds(1));
    for (int i = 0; i < STEPS; i++) {
      if (random.nextInt(100) < faults) {
        // While calls are under way.
        var unused = network.schedule(Duration.ofMillis(random.nextInt(15)), this::fault);
      } else if (random.nextInt(3) == 0) {
        mishap();
      }
      // Who acts at once meets each other on the way.
      for (int j = parts.any() && random.nextInt(3) == 0 ? 4 : 1; j > 0; j--) {
        cast.act();
      }
      if (parts.cron() && random.nextInt(12) == 0) {
        pass(Duration.ofMillis(random.nextInt(30_000)));
      }
      pass(Duration.ofMillis(20 + random.nextInt(random.nextInt(10) == 0 ? 3_000 : 300)));
    }
    settle();
  }

  private void pass(Duration time) {
    runtimes.advance(time);
    truth.check();
  }

  /** Who leads, or anybody if nobody does. */
  private SimulatedScheduler leader() {
    return schedulers.stream()
        .filter(SimulatedScheduler::isActive)
        .findFirst()
        .orElseGet(this::anybody);
  }

  private SimulatedScheduler anybody() {
    return schedulers.get(random.nextInt(schedulers.size()));
  }

  // ---- What goes wrong -------------------------------------------------------------------------

  /** Something happens to a scheduler. */
  private void fault() {
    SimulatedScheduler victim = random.nextBoolean() ? leader() : anybody();
    if (victim.isDead()) {
      victim.restart();
      return;
    }
    int dice = random.nextInt(100);
    String what;
    if (dice < 20) {
      what = "is to die soon";
      victim.process().dieAfter(random.nextInt(150));
    } else if (dice < 36) {
      what = "is to be cut off during a call";
      victim.cutAtNextCall();
    } else if (dice < 40) {
      what = "is cut off";
      victim.cut();
    } else if (dice < 60) {
      what = "is back";
      victim.connection().restore();
      victim.seat().restore();
    } else if (dice < 66) {
      what = "has its journal cut off";
      victim.connection().cut();
    } else if (dice < 72) {
      what = "has its candidacy cut off";
      if (!polite) {
        victim.seat().cut();
      }
    } else if (dice < 76) {
      what = "loses its session";
      victim.connection().expire();
    } else if (dice < 82) {
      what = "has another time";
      clocksAgree = false;
      victim.process().stepWallClock(Duration.ofMillis(random.nextInt(20_000) - 10_000));
    } else if (dice < 88) {
      what = "lags";
      victim.connection().lag(random.nextBoolean() ? 2_000 : 5);
    } else if (dice < 94) {
      what = "steps down";
      victim.stepDown();
    } else {
      what = "sees others elected";
      if (!polite) {
        election.mislead();
      }
    }
    trace.say(victim.toString(), what);
  }

  /** Something happens in the cluster. */
  private void mishap() {
    int dice = random.nextInt(100);
    if (dice < 8) {
      String host = "host-" + (1 + random.nextInt(hosts));
      trace.say(host, "is lost");
      cluster.loseHost(host);
    } else if (dice < 30) {
      returnHosts();
    } else {
      List<ScheduledTask> placed = new ArrayList<>();
      for (ScheduledTask task : truth.now().tasks().all()) {
        if (task.assignedTask().slaveId() != null) {
          placed.add(task);
        }
      }
      if (!placed.isEmpty()) {
        ScheduledTask task = placed.get(random.nextInt(placed.size()));
        meet(task.assignedTask().taskId(), dice);
      }
    }
  }

  private void meet(String id, int dice) {
    if (dice < 50) {
      trace.say(id, "fails");
      cluster.endTask(id, ClusterTaskState.TASK_FAILED, "flapping");
    } else if (dice < 56) {
      trace.say(id, "cannot be reached");
      schedulers.forEach(each -> each.report(id, ClusterTaskState.TASK_UNREACHABLE));
    } else if (dice < 62) {
      // Of whatever time that was.
      schedulers.forEach(each -> each.report(id, ClusterTaskState.TASK_RUNNING));
    }
  }

  private void returnHosts() {
    for (int i = 1; i <= hosts; i++) {
      cluster.returnHost("host-" + i);
    }
  }

  // ---- Peace -----------------------------------------------------------------------------------

  private void settle() {
    rough = false;
    peaceMs = runtimes.clock().wallMillis();
    coordinators.calm(false);
    trace.say("world", "is at peace");
    returnHosts();
    long end = runtimes.clock().nanoTime() + SETTLING.toNanos();
    while (isUnderWay() || cast.isBusy()) {
      calm();
      cast.care();
      pass(Duration.ofSeconds(1));
      truth.require(runtimes.clock().nanoTime() < end, "no end of " + underWay());
      truth.check();
      peace.look(leader().offers(), runtimes.clock().nanoTime());
    }
    if (parts.any()) {
      rest();
      cast.returnHosts();
      rest();
    }
    for (int i = 0; i < 300 && !isAgreed(); i++) {
      calm();
      pass(Duration.ofMillis(100));
    }
    truth.require(isAgreed(), "not everybody has caught up");
    for (SimulatedScheduler each : schedulers) {
      truth.requireSame(each.toString(), each.durable());
    }
    truth.check();
  }

  /** Waits for what must come about by itself. */
  private void rest() {
    int seconds = parts.cron() ? A_MINUTE_AT_LEAST : QUIET_SECONDS;
    for (int i = 0; i < seconds || isDraining(); i++) {
      calm();
      pass(Duration.ofSeconds(1));
      peace.look(leader().offers(), runtimes.clock().nanoTime());
      if (clocksAgree) {
        cron.atPeace(peaceMs, runtimes.clock().wallMillis());
      }
      cron.waitsForSomething();
      truth.require(i < DRAINING_SECONDS, "no end of " + truth.now().maintenance().asMap());
      truth.check();
    }
  }

  private void calm() {
    for (SimulatedScheduler each : schedulers) {
      each.process().dieAfter(Long.MAX_VALUE);
      each.restart();
      each.connection().calm();
      each.connection().restore();
      each.seat().restore();
    }
  }

  private boolean isDraining() {
    return !truth.now().maintenance().isEmpty();
  }

  private boolean isUnderWay() {
    return truth.now().updates().active().iterator().hasNext();
  }

  private String underWay() {
    StringBuilder text = new StringBuilder();
    for (UpdateRecord update : truth.now().updates().active()) {
      text.append(update.events()).append(" with ");
      for (ScheduledTask task : truth.now().tasks().ofJob(update.key().job()).active().values()) {
        text.append(task.assignedTask().instanceId())
            .append(' ')
            .append(task.status())
            .append(", ");
      }
    }
    return text.toString();
  }

  private boolean isAgreed() {
    State now = truth.now();
    return schedulers.stream().allMatch(each -> each.durable().transaction() == now.transaction());
  }

  // ---- The world -------------------------------------------------------------------------------

  @Override
  public VirtualRuntimes runtimes() {
    return runtimes;
  }

  @Override
  public EventLoop network() {
    return network;
  }

  @Override
  public Random random() {
    return random;
  }

  @Override
  public SimulatedEnsemble ensemble() {
    return ensemble;
  }

  @Override
  public SimulatedElection election() {
    return election;
  }

  @Override
  public SimulatedCluster cluster() {
    return cluster;
  }

  @Override
  public MoodyCoordinators coordinators() {
    return coordinators;
  }

  @Override
  public AtomicLong newestEpoch() {
    return newestEpoch;
  }

  @Override
  public Snapshotter.Policy snapshots() {
    return snapshots;
  }

  @Override
  public Truth truth() {
    return truth;
  }

  @Override
  public Trace trace() {
    return trace;
  }

  @Override
  public Parts parts() {
    return parts;
  }

  @Override
  public DaemonSettings settings() {
    return settings;
  }

  @Override
  public boolean isPolite() {
    return polite;
  }

  @Override
  public boolean isRough() {
    return rough;
  }
}
