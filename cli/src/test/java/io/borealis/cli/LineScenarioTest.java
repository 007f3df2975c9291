package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.LaunchTask;
import io.borealis.scheduler.agents.AgentCluster;
import io.borealis.scheduler.agents.AgentClusterSettings;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.Test;

/** Both ends of the line between agents and leaders, against each other, by many seeds. */
public class LineScenarioTest {
  private static final int SEEDS = Integer.getInteger("borealis.line-seeds", 60);
  private static final Endpoint ONE = new Endpoint("one", 1);
  private static final Endpoint OTHER = new Endpoint("other", 2);
  private static final AgentClusterSettings SETTINGS =
      new AgentClusterSettings(
          "test", Duration.ofSeconds(75), Duration.ofMinutes(2), Duration.ofMillis(5), false);

  private LineWorld world;
  private final LineLeader.State state = new LineLeader.State();

  private LineWorld.Agent agent(String id) {
    LineWorld.Agent[] self = new LineWorld.Agent[1];
    self[0] =
        new LineWorld.Agent(
            id,
            new LineAgent(
                world.runtimes.newLoop("tasks " + id),
                world.runtimes.clock(),
                new Random(world.random.nextLong()),
                launch -> isOfNewestLeader(self[0], launch)));
    return self[0];
  }

  /**
   * Tasks are named by the epoch in which they were assigned. A leader also launches what it found
   * assigned when it took over.
   */
  private void isOfNewestLeader(LineWorld.Agent agent, LaunchTask launch) {
    long epoch = agent.memory.facts.epoch();
    String id = launch.task().taskId();
    if (!state.inherited.containsEntry(epoch, id)) {
      assertThat(id).startsWith("e" + epoch + "-");
    }
  }

  @Test
  public void commandsAreCarriedOutInOrderAndOnceOverABadNetwork() {
    for (int seed = 0; seed < SEEDS; seed++) {
      world = new LineWorld(seed);
      AgentCluster cluster =
          world.addScheduler(
              ONE,
              new AgentClusterSettings(
                  "test", Duration.ofHours(1), Duration.ofMinutes(2), Duration.ofMillis(5), false));
      LineWorld.Agent agent = agent("a");
      world.start(agent);
      LineLeader.State alone = new LineLeader.State();
      LineLeader leader = new LineLeader(world, alone, cluster);
      world.advertise(Optional.of(ONE));
      world.runtimes.advance(Duration.ofSeconds(1));
      world.lossPercent = 20;
      world.repeatPercent = 20;
      for (int i = 0; i < 100; i++) {
        leader.launch();
        world.runtimes.advance(Duration.ofMillis(world.random.nextInt(3000)));
        if (world.random.nextInt(3) == 0) {
          leader.reconcile();
        }
      }
      world.lossPercent = 0;
      world.repeatPercent = 0;
      world.runtimes.advance(Duration.ofMinutes(5));
      List<String> launched =
          agent.handler.commands.stream()
              .filter(command -> command.startsWith("launch"))
              .collect(Collectors.toList());
      Set<String> expected = new HashSet<>();
      for (int i = 1; i <= alone.launched; i++) {
        expected.add("launch e1-t" + i);
      }
      assertThat(launched).as("seed %d", seed).hasSizeGreaterThan(3).doesNotHaveDuplicates();
      assertThat(launched)
          .as("seed %d", seed)
          .containsExactlyElementsOf(
              expected.stream()
                  .sorted((x, y) -> Integer.compare(number(x), number(y)))
                  .collect(Collectors.toList()));
      assertThat(leader.lost).isEmpty();
      checkUpdates(seed, alone);
    }
  }

  private static int number(String launch) {
    return Integer.parseInt(launch.substring(launch.lastIndexOf('t') + 1));
  }

  @Test
  public void whateverHappensNothingIsDoneTwiceAndEveryUpdateArrivesInOrder() {
    for (int seed = 0; seed < SEEDS; seed++) {
      live(seed);
    }
  }

  private void live(int seed) {
    world = new LineWorld(seed);
    state.live.clear();
    state.ended.clear();
    state.reported.clear();
    state.epoch = 0;
    state.launched = 0;
    world.addScheduler(ONE, SETTINGS);
    world.addScheduler(OTHER, SETTINGS);
    for (String id : List.of("a", "b", "c")) {
      world.start(agent(id));
    }
    Endpoint at = ONE;
    LineLeader leader = new LineLeader(world, state, world.schedulers.get(at));
    world.advertise(Optional.of(at));
    world.lossPercent = world.random.nextInt(15);
    world.repeatPercent = world.random.nextInt(15);
    for (int step = 0; step < 300; step++) {
      world.runtimes.advance(Duration.ofMillis(world.random.nextInt(2000)));
      checkRoom(seed);
      List<String> ids = List.copyOf(world.agents.keySet());
      String some = ids.get(world.random.nextInt(ids.size()));
      int dice = world.random.nextInt(100);
      if (dice < 50) {
        leader.launch();
      } else if (dice < 65) {
        leader.kill();
      } else if (dice < 70) {
        world.start(world.agents.get(some));
      } else if (dice < 74) {
        world.away.add(some);
      } else if (dice < 80) {
        world.away.clear();
      } else if (dice < 83) {
        // The old one does not know yet, and everybody else may learn of it late.
        LineLeader old = leader;
        Endpoint next = at.equals(ONE) ? OTHER : ONE;
        leader = new LineLeader(world, state, world.schedulers.get(next));
        at = next;
        if (world.random.nextBoolean()) {
          world.advertise(Optional.empty());
          world.runtimes.advance(Duration.ofMillis(world.random.nextInt(3000)));
        }
        if (world.random.nextBoolean()) {
          old.close();
        }
        world.advertise(Optional.of(at));
        if (world.random.nextBoolean()) {
          // Who looks at a ZooKeeper server that lags sees the old one once more.
          world.runtimes.advance(Duration.ofMillis(world.random.nextInt(3000)));
          world.advertise(Optional.of(at.equals(ONE) ? OTHER : ONE));
          world.runtimes.advance(Duration.ofMillis(world.random.nextInt(3000)));
          world.advertise(Optional.of(at));
        }
        if (old.steppedDown) {
          old.close();
        }
      } else if (dice < 86) {
        leader.reconcile();
      } else if (dice < 87) {
        world.runtimes.advance(Duration.ofSeconds(world.random.nextInt(200)));
      }
    }
    world.away.clear();
    world.lossPercent = 0;
    world.repeatPercent = 0;
    world.runtimes.advance(Duration.ofMinutes(10));
    leader.reconcile();
    world.runtimes.advance(Duration.ofMinutes(10));
    assertThat(leader.steppedDown).as("seed %d", seed).isFalse();
    checkUpdates(seed, state);
    checkTasks(seed);
  }

  /** No machine has to give more than it has, and no port is given twice. */
  private void checkRoom(int seed) {
    for (LineWorld.Agent agent : world.agents.values()) {
      ImmutableList<AgentResources> used = agent.handler.used();
      assertThat(used.stream().mapToDouble(AgentResources::cpus).sum())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(LineWorld.MACHINE.cpus());
      List<AgentPorts> ports =
          used.stream().flatMap(each -> each.ports().stream()).collect(Collectors.toList());
      assertThat(ports).as("seed %d", seed).doesNotHaveDuplicates();
    }
  }

  /** Each update arrived, and first in the order in which it was made. */
  private void checkUpdates(int seed, LineLeader.State arrived) {
    for (LineWorld.Agent agent : world.agents.values()) {
      assertThat(agent.handler.isIdle()).as("seed %d, %s", seed, agent.id).isTrue();
      for (Map.Entry<String, List<UUID>> made : agent.handler.made.entrySet()) {
        assertThat(arrived.reported.get(made.getKey()))
            .as("seed %d, %s", seed, made.getKey())
            .containsExactlyElementsOf(
                made.getValue().stream().map(UUID::toString).collect(Collectors.toList()));
      }
    }
  }

  /** In the end both sides agree, and nothing was begun twice. */
  private void checkTasks(int seed) {
    for (LineWorld.Agent agent : world.agents.values()) {
      assertThat(agent.handler.launches.values()).as("seed %d", seed).containsOnly(1);
    }
    state.live.forEach(
        (id, task) ->
            assertThat(world.agents.get(task.assignedTask().slaveId()).handler.lives(id))
                .as("seed %d, %s lives", seed, id)
                .isTrue());
    for (LineWorld.Agent agent : world.agents.values()) {
      agent.handler.launches.keySet().stream()
          .filter(agent.handler::lives)
          .forEach(id -> assertThat(state.live).as("seed %d", seed).containsKey(id));
    }
    assertThat(state.launched).as("seed %d", seed).isGreaterThan(20);
  }
}
