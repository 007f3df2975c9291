package io.borealis.scheduler.update;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.DRAINING;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.FINISHED;
import static io.borealis.api.ScheduleStatus.KILLED;
import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.api.ScheduleStatus.LOST;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.PREEMPTING;
import static io.borealis.api.ScheduleStatus.RESTARTING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static io.borealis.api.ScheduleStatus.THROTTLED;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.sla.MoodyCoordinators;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An update drawn from a seed, and everything that can happen to it: tasks meet random fates, users
 * and clients interfere, leaders die with or without what they had under way. For one thread.
 */
final class RandomUpdate {
  private static final int INSTANCES = 8;
  private static final int SETTLING = 2_000;

  /** What may become of a task; what is likelier is said more often. */
  private static final ImmutableMap<ScheduleStatus, ImmutableList<ScheduleStatus>> FATES =
      ImmutableMap.<ScheduleStatus, ImmutableList<ScheduleStatus>>builder()
          .put(THROTTLED, ImmutableList.of(PENDING, PENDING, PENDING, KILLING))
          .put(PENDING, ImmutableList.of(ASSIGNED, ASSIGNED, ASSIGNED, ASSIGNED, KILLING))
          .put(ASSIGNED, ImmutableList.of(STARTING, STARTING, STARTING, RUNNING, LOST, KILLING))
          .put(STARTING, ImmutableList.of(RUNNING, RUNNING, RUNNING, FAILED, PARTITIONED))
          .put(
              RUNNING,
              ImmutableList.of(FAILED, FINISHED, LOST, PARTITIONED, RESTARTING, DRAINING, KILLING))
          .put(PREEMPTING, ImmutableList.of(KILLED))
          .put(RESTARTING, ImmutableList.of(KILLED, KILLED, LOST))
          .put(DRAINING, ImmutableList.of(KILLED))
          .put(KILLING, ImmutableList.of(KILLED, KILLED, FINISHED, LOST))
          .put(PARTITIONED, ImmutableList.of(RUNNING, LOST))
          .buildOrThrow();

  /** What becomes of a task in a cluster that is well. */
  private static final ImmutableMap<ScheduleStatus, ScheduleStatus> HEALTHY =
      ImmutableMap.<ScheduleStatus, ScheduleStatus>builder()
          .put(THROTTLED, PENDING)
          .put(PENDING, ASSIGNED)
          .put(ASSIGNED, STARTING)
          .put(STARTING, RUNNING)
          .put(PREEMPTING, KILLED)
          .put(RESTARTING, KILLED)
          .put(DRAINING, KILLED)
          .put(KILLING, KILLED)
          .put(PARTITIONED, RUNNING)
          .buildOrThrow();

  private final Random random;
  private final UpdateScenario story = UpdateScenario.scenario();
  private final List<String> told = new ArrayList<>();
  private final Set<Integer> gone = new HashSet<>();
  private final Set<String> partitioned = new HashSet<>();
  private final boolean rough;
  private final MoodyCoordinators coordinators;
  private final boolean stubborn;

  RandomUpdate(long seed) {
    random = new Random(seed);
    rough = random.nextBoolean();
    stubborn = random.nextInt(10) == 0;
    coordinators =
        new MoodyCoordinators(
            story.store().runtimes().newLoop("network"), random, Duration.ofSeconds(10));
    int batchSize = 1 + random.nextInt(3);
    story.coordinator(sla -> sla.playedBy(coordinators, Duration.ofSeconds(5), batchSize));
    var unused = story.failover();
    for (String version : ImmutableList.of("older", "old", "new")) {
      SlaPolicy policy = policy();
      told.add(version + " has " + policy);
      story.version(version, config -> config.slaPolicy(policy));
    }
    do {
      have();
    } while (!ask());
  }

  UpdateScenario story() {
    return story;
  }

  /** Instances of which a task went for good without the update, perhaps after they were done. */
  Set<Integer> gone() {
    return gone;
  }

  /** What happened so far. */
  List<String> told() {
    return told;
  }

  /** Whether a coordinator let the task go. */
  boolean letGo(String taskId) {
    return coordinators.letGo(taskId);
  }

  private boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  private <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  // ---- How it begins ---------------------------------------------------------------------------

  private void have() {
    List<ScheduleStatus> odd = ImmutableList.of(PENDING, THROTTLED, KILLING, PARTITIONED, STARTING);
    for (int id = 0; id < INSTANCES; id++) {
      if (story.store().state().tasks().activeOf(story.job(), id) == null && chance(0.7)) {
        String version = oneOf(ImmutableList.of("old", "old", "old", "older", "new"));
        ScheduleStatus status = chance(0.1) ? oneOf(odd) : RUNNING;
        Duration age = Duration.ofMillis(chance(0.1) ? random.nextInt(3_000) : 86_400_000);
        story.job(UpdateScenario.have(version, status, age, id));
      }
    }
  }

  private @Nullable SlaPolicy policy() {
    // Some would let nobody go.
    return chance(0.1)
        ? new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(random.nextInt(2 * INSTANCES), 1))
        : chance(0.1)
            ? new SlaPolicy.PercentageSlaPolicy(
                new PercentageSlaPolicy(random.nextInt(1_300) / 10.0, random.nextInt(3)))
            : RandomAsk.policy(random);
  }

  private boolean ask() {
    List<Ask.Word> words = new ArrayList<>();
    words.add(Ask.to("new"));
    words.add(Ask.instances(random.nextInt(INSTANCES + 2)));
    words.addAll(RandomAsk.draw(random, Duration.ofSeconds(2), Duration.ofSeconds(20)));
    if (chance(0.2)) {
      words.add(Ask.only(scope()));
    }
    Map<Integer, TaskConfig> active = new TreeMap<>();
    for (ScheduledTask task : active()) {
      active.put(task.assignedTask().instanceId(), task.assignedTask().task());
    }
    JobUpdateInstructions instructions =
        Ask.of(words.toArray(Ask.Word[]::new)).instructions(active, story::config);
    if (instructions.initialState().isEmpty() && instructions.desiredState() == null) {
      return false;
    }
    story.updateOf(instructions);
    return true;
  }

  private Integer[] scope() {
    Set<Integer> scope = new TreeSet<>();
    for (int i = random.nextInt(INSTANCES); i >= 0; i--) {
      scope.add(random.nextInt(INSTANCES));
    }
    return scope.toArray(Integer[]::new);
  }

  private List<ScheduledTask> active() {
    return ImmutableList.copyOf(story.store().state().tasks().ofJob(story.job()).active().values());
  }

  // ---- What happens ----------------------------------------------------------------------------

  void start() {
    tell("start", UpdateScenario::start);
  }

  /** Anything at all. */
  void step() {
    double dice = random.nextDouble();
    if (dice < 0.6) {
      move();
    } else if (dice < 0.8) {
      Duration time = Duration.ofMillis(random.nextInt(4_000));
      tell("wait " + time, s -> s.advance(time));
    } else if (dice < 0.9) {
      user();
    } else if (dice < 0.94) {
      tell("failover", UpdateScenario::failover);
    } else if (dice < 0.97) {
      interrupted();
    } else {
      Duration step = Duration.ofMillis(random.nextInt(20_000) - 10_000);
      told.add("clock " + step);
      story.store().runtimes().stepWallClock(step);
    }
  }

  /** Some task goes on in some way. */
  private void move() {
    List<ScheduledTask> tasks = active();
    if (tasks.isEmpty()) {
      return;
    }
    ScheduledTask task = oneOf(tasks);
    ScheduleStatus healthy = HEALTHY.get(task.status());
    boolean well = healthy != null && !(rough && chance(0.3)) && !chance(0.1);
    if (healthy == null && !chance(rough ? 0.3 : 0.05)) {
      return;
    }
    turn(task, well ? healthy : oneOf(FATES.get(task.status())));
  }

  private void turn(ScheduledTask task, ScheduleStatus to) {
    String id = task.assignedTask().taskId();
    if (to == PARTITIONED) {
      partitioned.add(id);
    }
    // A service that has finished while nobody could reach it is not started again.
    if (to == KILLING || (to == FINISHED && partitioned.contains(id))) {
      gone.add(task.assignedTask().instanceId());
    }
    tell(task.assignedTask().instanceId() + " " + to, s -> s.tries(id, to));
  }

  private void user() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> tell("pause", UpdateScenario::pause);
      case 3, 4, 5 -> tell("resume", UpdateScenario::resume);
      case 6 -> tell("rollback", UpdateScenario::rollback);
      case 7 -> {
        if (chance(0.2)) {
          tell("abort", UpdateScenario::abort);
        }
      }
      default -> pulse();
    }
  }

  private void pulse() {
    tell(
        "pulse",
        s -> {
          var unused = s.updates().pulse(s.store()::state, s.key(), UpdateScenario.USER);
          s.advance(Duration.ZERO);
        });
  }

  /** Steps that are not durable yet when the leader dies, or only just become so. */
  private void interrupted() {
    tell("hold", UpdateScenario::hold);
    for (int i = random.nextInt(4); i >= 0; i--) {
      move();
      if (chance(0.2)) {
        user();
      }
    }
    if (chance(0.5)) {
      tell("failover", UpdateScenario::failover);
    } else {
      tell("release", UpdateScenario::release);
    }
  }

  private void tell(String what, Consumer<UpdateScenario> step) {
    told.add(what);
    try {
      step.accept(story);
    } catch (UpdateException refused) {
      told.add("refused: " + refused.getMessage());
    }
  }

  /**
   * The cluster is well from now on, and everybody lets the update go on: it must end. If its
   * coordinators never do, somebody who takes care ends it.
   */
  void settle(Runnable afterEach) {
    coordinators.calm(stubborn);
    for (int i = 0; i < SETTLING; i++) {
      if (!UpdateTransitions.isActive(story.record().status())) {
        return;
      }
      if (UpdateTransitions.isAwaitingPulse(story.record().status()) || i % 5 == 0) {
        pulse();
      }
      boolean moved = false;
      for (ScheduledTask task : active()) {
        ScheduleStatus next = HEALTHY.get(task.status());
        if (next != null) {
          turn(task, next);
          moved = true;
        }
      }
      if (!moved) {
        tell("wait", s -> s.advance(Duration.ofSeconds(1)));
        tell("resume", UpdateScenario::resume);
      }
      if (stubborn && i == SETTLING / 2) {
        tell("abort", UpdateScenario::abort);
      }
      afterEach.run();
    }
  }
}
