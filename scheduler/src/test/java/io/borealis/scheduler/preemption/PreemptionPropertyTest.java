package io.borealis.scheduler.preemption;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AuroraConstants;
import io.borealis.api.Constraint;
import io.borealis.api.LimitConstraint;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.tier.TierRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.Test;

/** What holds in every cluster, whatever happens to it; each story is made from a seed. */
public class PreemptionPropertyTest {
  private static final int SEEDS = Integer.getInteger("borealis.seeds", 40);
  private static final TierRegistry TIERS = TierRegistry.stock();
  private int displacements;
  private int failovers;

  @Test
  public void nobodyIsDisplacedWithoutRightOrForNothing() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Life life = new Life(seed);
      try {
        life.run();
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
      displacements += life.displaced.size();
      failovers += life.failovers;
    }
    assertThat(displacements).as("or this shows nothing").isGreaterThan(SEEDS);
    assertThat(failovers).isPositive();
  }

  /** A task that had to leave. */
  private record Displacement(
      String victim, String host, String favoredId, TaskConfig favored, long atMs) {}

  private static final class Life implements Reaction {
    final List<Displacement> displaced = new ArrayList<>();
    final Set<String> troubled = new HashSet<>();
    int failovers;
    private final Random random;
    private final int hosts;
    private final List<TaskConfig> jobs = new ArrayList<>();
    private PreemptionStory story;

    Life(int seed) {
      this.random = new Random(seed);
      this.hosts = 2 + random.nextInt(6);
      this.story = PreemptionStory.of(hosts);
      story.store.react(this);
      for (int i = 3 + random.nextInt(7); i > 0; i--) {
        jobs.add(config(i));
      }
    }

    private TaskConfig config(int number) {
      String tier = random.nextInt(3) == 0 ? "preferred" : "preemptible";
      TaskConfig config =
          PreemptionStory.config(
              "role" + random.nextInt(2),
              "job" + number,
              tier,
              random.nextInt(3),
              1 + random.nextInt(10));
      return random.nextInt(4) == 0
          ? config.toBuilder()
              .constraints(
                  ImmutableSet.of(
                      new Constraint(
                          random.nextBoolean() ? "rack" : "host",
                          new TaskConstraint.Limit(new LimitConstraint(1 + random.nextInt(2))))))
              .build()
          : config;
    }

    void run() {
      for (int step = 0; step < 40; step++) {
        act();
        story.advance(Duration.ofMillis(random.nextInt(10) == 0 ? 60_000 : random.nextInt(3_000)));
        checkHosts();
        checkLimits();
      }
      for (int host = 1; host <= hosts; host++) {
        story.cluster.returnHost("host-" + host);
        story.mode("host-" + host, MaintenanceMode.NONE);
      }
      for (int i = 0; i < 40; i++) {
        story.advance(Duration.ofMinutes(2));
        checkHosts();
      }
      checkNeeds();
      int before = displaced.size();
      story.advance(Duration.ofHours(2));
      assertThat(displaced).as("it ends").hasSize(before);
    }

    private void act() {
      TaskConfig job = jobs.get(random.nextInt(jobs.size()));
      String host = "host-" + (1 + random.nextInt(hosts));
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> story.insert(job, 1 + random.nextInt(4));
        case 4 -> story.killJob(job);
        case 5 -> {
          List<ScheduledTask> running = story.tasks(job, ScheduleStatus.RUNNING);
          if (!running.isEmpty()) {
            story.cluster.endTask(
                running.get(random.nextInt(running.size())).assignedTask().taskId(),
                random.nextBoolean() ? ClusterTaskState.TASK_FINISHED : ClusterTaskState.TASK_LOST,
                "by itself");
          }
        }
        case 6 -> {
          troubled.add(host);
          story.cluster.loseHost(host);
        }
        case 7 -> story.cluster.returnHost(host);
        case 8 -> {
          if (story.store.state().hosts().contains(host)) {
            troubled.add(host);
            story.mode(
                host, random.nextBoolean() ? MaintenanceMode.DRAINING : MaintenanceMode.NONE);
          }
        }
        case 9 -> {
          failovers++;
          story = story.failover();
          story.store.react(this);
        }
        default -> story.advance(PreemptionStory.DELAY);
      }
    }

    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      ScheduledTask victim = change.task();
      if (victim.status() != ScheduleStatus.PREEMPTING || !change.changesStatus()) {
        return;
      }
      String message = victim.taskEvents().get(victim.taskEvents().size() - 1).message();
      String favoredId = message.substring("Preempting in favor of ".length());
      ScheduledTask favored = transaction.state().tasks().get(favoredId);
      assertThat(favored).as(message).isNotNull();
      assertThat(favored.status()).isEqualTo(ScheduleStatus.PENDING);
      assertThat(
              Rank.of(TIERS, favored.assignedTask().task())
                  .mayDisplace(Rank.of(TIERS, victim.assignedTask().task())))
          .as("%s displaces %s", favoredId, victim.assignedTask().taskId())
          .isTrue();
      assertThat(transaction.nowMs() - Candidate.lastEventMs(favored))
          .as("waited for long enough")
          .isGreaterThanOrEqualTo(PreemptionStory.DELAY.toMillis());
      String host = victim.assignedTask().slaveHost();
      assertThat(transaction.state().hosts().get(host).mode())
          .isNotEqualTo(MaintenanceMode.DRAINING);
      for (Displacement earlier : displaced) {
        assertThat(earlier.victim()).isNotEqualTo(victim.assignedTask().taskId());
      }
      displaced.add(
          new Displacement(
              victim.assignedTask().taskId(),
              host,
              favoredId,
              favored.assignedTask().task(),
              transaction.nowMs()));
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      throw failure;
    }

    /** No host has more than it can carry. */
    private void checkHosts() {
      Map<String, Double> cpus = new HashMap<>();
      for (ScheduledTask task : story.store.state().tasks().all()) {
        if (AuroraConstants.SLAVE_ASSIGNED_STATES.contains(task.status())) {
          cpus.merge(
              task.assignedTask().slaveHost(),
              io.borealis.scheduler.cluster.ResourceVector.of(task.assignedTask().task()).cpus(),
              Double::sum);
        }
      }
      assertThat(cpus.values()).allSatisfy(sum -> assertThat(sum).isLessThanOrEqualTo(16));
    }

    private void checkLimits() {
      for (TaskConfig job : jobs) {
        for (Constraint constraint : job.constraints()) {
          TaskConstraint.Limit limit = (TaskConstraint.Limit) constraint.constraint();
          Map<String, Integer> counts = new HashMap<>();
          for (ScheduledTask task :
              story.store.state().tasks().ofJob(job.job()).active().values()) {
            String host = task.assignedTask().slaveHost();
            if (host != null && AuroraConstants.SLAVE_ASSIGNED_STATES.contains(task.status())) {
              String value =
                  story.store.state().hosts().get(host).attributes().stream()
                      .filter(attribute -> attribute.name().equals(constraint.name()))
                      .flatMap(attribute -> attribute.values().stream())
                      .findFirst()
                      .orElseThrow();
              counts.merge(value, 1, Integer::sum);
            }
          }
          assertThat(counts.values())
              .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(limit.value().limit()));
        }
      }
    }

    /** Each displacement was followed by what it was for, or nobody needs it any more. */
    private void checkNeeds() {
      for (Displacement each : displaced) {
        ScheduledTask favored = story.store.state().tasks().get(each.favoredId());
        boolean waits = favored != null && favored.status() == ScheduleStatus.PENDING;
        if (waits && !troubled.contains(each.host())) {
          assertThat(wasPlaced(each)).as("%s was for nothing", each).isTrue();
        }
      }
    }

    private boolean wasPlaced(Displacement each) {
      for (ScheduledTask task : ImmutableList.copyOf(story.store.state().tasks().all())) {
        if (task.assignedTask().task().equals(each.favored())) {
          for (TaskEvent event : task.taskEvents()) {
            if (event.status() == ScheduleStatus.ASSIGNED && event.timestamp() >= each.atMs()) {
              return true;
            }
          }
        }
      }
      return false;
    }
  }
}
