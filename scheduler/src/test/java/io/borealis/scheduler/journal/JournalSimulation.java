package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One history of a journal and the processes that share it, made from a seed on virtual time: they
 * append, take over from each other without asking, lose connections and sessions, die and come
 * back. After every step what was promised must hold. For one thread.
 */
final class JournalSimulation {
  private final Random random;
  private final VirtualRuntimes world = new VirtualRuntimes();
  private final JournalPromises promises = new JournalPromises();
  private final List<SimulatedProcess> processes = new ArrayList<>();

  JournalSimulation(long seed) {
    random = new Random(seed);
    EventLoop network = world.newLoop("network");
    SimulatedZooKeeper server = new SimulatedZooKeeper();
    for (int i = 0; i < 3; i++) {
      processes.add(new SimulatedProcess("process " + i, world, network, server, random, promises));
    }
  }

  /** Lives through so many random steps, then lets everything recover, and checks the end. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      act(anybody());
      pass(Duration.ofMillis(random.nextInt(random.nextInt(20) == 0 ? 2_000 : 20)));
      anybody().znodes().look();
    }
    SimulatedProcess leader = anybody();
    recover(leader);
    for (int i = 0; i < 100; i++) {
      settle();
    }
    makeRoom(leader);
    for (SimulatedProcess each : processes) {
      promises.seenAtTheEnd(each.toString(), each.log());
      assertThat(each.status().newestSnapshot())
          .as("the newest snapshot known to %s", each)
          .isEqualTo(leader.status().newestSnapshot());
      assertThat(each.znodes().watches()).as("watches of %s", each).isLessThan(10);
    }
  }

  private SimulatedProcess anybody() {
    return processes.get(random.nextInt(processes.size()));
  }

  private void pass(Duration time) {
    world.advance(time);
    promises.check();
  }

  private void act(SimulatedProcess process) {
    int dice = random.nextInt(100);
    if (dice < 55) {
      var unused = process.append();
    } else if (dice < 65) {
      process.takeOver();
    } else if (dice < 72) {
      process.znodes().disconnect();
    } else if (dice < 85) {
      process.znodes().reconnect();
    } else if (dice < 88) {
      process.znodes().expire();
    } else if (dice < 91) {
      process.restart();
    } else if (dice < 94) {
      process.stepDown();
    } else {
      process.snapshot();
    }
  }

  /** No more faults: whoever is told to lead comes to lead and can append. */
  private void recover(SimulatedProcess leader) {
    processes.forEach(each -> each.znodes().calm());
    int id = 0;
    for (int i = 0; i < 400 && !promises.isDurable(id); i++) {
      settle();
      processes.stream().filter(each -> !each.equals(leader)).forEach(SimulatedProcess::stepDown);
      leader.takeOver();
      if (!promises.isPending(id) && !promises.isDurable(id)) {
        // Who was deposed without noticing learns of it by this.
        id = leader.append();
        // The journal may be full: two snapshots make room.
        leader.snapshot();
      }
    }
    assertThat(promises.isDurable(id)).as("undisturbed, %s appends", leader).isTrue();
  }

  /** What snapshots have taken the place of goes, whatever happened to earlier attempts. */
  private void makeRoom(SimulatedProcess leader) {
    for (int i = 0; i < 2; i++) {
      var unused = leader.append();
      settle();
      leader.snapshot();
      for (int j = 0; j < 20; j++) {
        settle();
      }
    }
    assertThat(leader.status().entries()).as("entries after two snapshots").isLessThan(10);
  }

  private void settle() {
    for (SimulatedProcess each : processes) {
      each.znodes().reconnect();
      each.znodes().look();
    }
    pass(Duration.ofMillis(100));
  }
}
