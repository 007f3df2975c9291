package io.borealis.scheduler.journal;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.Splitter;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * One scheduler process as far as its journal is concerned: what it holds in memory is the list of
 * appends it has seen. For one thread.
 */
final class SimulatedProcess {
  private static final JournalLimits LIMITS =
      new JournalLimits(4, 200, 300, 5, Duration.ofSeconds(10));

  private final String name;
  private final VirtualRuntimes world;
  private final EventLoop network;
  private final SimulatedZooKeeper server;
  private final Random random;
  private final JournalPromises promises;
  private Life life;

  SimulatedProcess(
      String name,
      VirtualRuntimes world,
      EventLoop network,
      SimulatedZooKeeper server,
      Random random,
      JournalPromises promises) {
    this.name = name;
    this.world = world;
    this.network = network;
    this.server = server;
    this.random = random;
    this.promises = promises;
    this.life = new Life();
  }

  /** Its client of ZooKeeper, to be disturbed. */
  SimulatedZnodes znodes() {
    return life.znodes;
  }

  /** What it has seen, in order. */
  List<Integer> log() {
    return life.log;
  }

  JournalStatus status() {
    return life.journal.status();
  }

  /** Dies without a word and starts again. */
  void restart() {
    life.loop.die();
    life.znodes.disconnect();
    life.znodes.close();
    promises.abandoned(life.undecided);
    life = new Life();
  }

  /** Takes over without asking whether somebody else leads. */
  void takeOver() {
    life.takeOver();
  }

  /** Appends and gives the number of the append; 0 when it does not lead. */
  int append() {
    return life.append();
  }

  void snapshot() {
    life.snapshot();
  }

  void stepDown() {
    life.stepDown();
  }

  @Override
  public String toString() {
    return name + " (" + status() + ")";
  }

  /** From a start to a death. */
  private final class Life implements JournalListener {
    final MortalLoop loop = new MortalLoop(world.newLoop(name));
    final SimulatedZnodes znodes = new SimulatedZnodes(server, network, loop, random);
    final Journal journal =
        new LogJournal(
            new JournalSettings(
                "simulated",
                "/borealis/test",
                "test",
                "/aurora/scheduler",
                SimulatedZnodes.TIMEOUT,
                Optional.empty(),
                LIMITS),
            loop,
            world.clock(),
            znodes);
    final Set<Integer> undecided = new HashSet<>();
    List<Integer> log = new ArrayList<>();
    long lastIndex;
    boolean taking;
    boolean leading;
    boolean deposed;

    Life() {
      var unused = journal.follow(this);
    }

    void takeOver() {
      if (leading || taking || deposed || !journal.caughtUp()) {
        return;
      }
      taking = true;
      var unused =
          journal
              .takeOver(name)
              .whenComplete(
                  (epoch, failure) -> {
                    taking = false;
                    leading = failure == null;
                  });
    }

    int append() {
      if (!leading) {
        return 0;
      }
      int id = promises.begin();
      undecided.add(id);
      // Some are cut into chunks.
      int padding = random.nextInt(4) == 0 ? 700 : 0;
      byte[] bytes = (id + " " + "x".repeat(padding)).getBytes(StandardCharsets.UTF_8);
      var unused =
          journal
              .append(new EntryPayload(id, id, 0, bytes))
              .whenComplete(
                  (index, failure) ->
                      promises.watch(
                          () -> {
                            undecided.remove(id);
                            promises.ended(id, failure);
                            if (failure == null) {
                              learn(index, id);
                            }
                          }));
      return id;
    }

    /** What comes once more is known by its number, as transactions are. */
    private void learn(long index, int id) {
      if (log.isEmpty() || id > log.get(log.size() - 1)) {
        log.add(id);
        lastIndex = index;
        promises.seen(log);
      }
    }

    void snapshot() {
      if (leading && !log.isEmpty()) {
        byte[] bytes = log.toString().getBytes(StandardCharsets.UTF_8);
        var unused =
            journal.writeSnapshot(
                lastIndex, new SnapshotPayload(promises.last(), log.toString(), 0, bytes));
      }
    }

    void stepDown() {
      if (leading || taking || deposed) {
        leading = false;
        deposed = false;
        journal.stepDown();
      }
    }

    private List<Integer> parse(String text) {
      return Splitter.on(", ")
          .splitToStream(text.substring(1, text.length() - 1))
          .map(Integer::valueOf)
          .collect(toImmutableList());
    }

    @Override
    public void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes) {
      log = new ArrayList<>(parse(new String(bytes, StandardCharsets.UTF_8)));
      lastIndex = index;
      promises.watch(() -> promises.seen(log));
    }

    @Override
    public void onEntry(long index, EntryPayload entry) {
      promises.watch(() -> learn(index, (int) entry.lastTransaction()));
    }

    @Override
    public void onManifest(long index, SnapshotManifest manifest) throws CorruptJournalException {
      if (!promises.isPast(parse(manifest.digest()))) {
        throw new CorruptJournalException("this was never so: " + manifest.digest());
      }
    }

    @Override
    public void onDeposed(String reason) {
      deposed = true;
      leading = false;
      var unused = loop.schedule(Duration.ofMillis(random.nextInt(100)), this::stepDown);
    }

    @Override
    public void onUnreadable(String reason) {
      promises.watch(
          () -> {
            throw new AssertionError(name + " cannot read: " + reason);
          });
    }

    @Override
    public void onHealed() {}
  }
}
