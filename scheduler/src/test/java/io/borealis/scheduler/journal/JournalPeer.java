package io.borealis.scheduler.journal;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A process in a story of {@link JournalScenarioTest}: its journal, its client of the simulated
 * ensemble and what it was told. For one thread.
 */
final class JournalPeer implements JournalListener {
  /** Entries that may exist at a time. */
  static final int MAX_ENTRIES = 200;

  private static final JournalLimits LIMITS =
      new JournalLimits(4, MAX_ENTRIES, 300, 5, Duration.ofSeconds(10));

  final SimulatedZnodes znodes;
  final Journal journal;

  /** Texts of the entries, after that of the snapshot they follow. */
  final List<String> log = new ArrayList<>();

  final List<String> events = new ArrayList<>();

  /** An entry with this text cannot be understood. */
  String poison = "";

  JournalPeer(SimulatedZooKeeper server, EventLoop network, EventLoop loop, Clock clock) {
    znodes = new SimulatedZnodes(server, network, loop, new Random(1));
    znodes.calm();
    journal =
        new LogJournal(
            new JournalSettings(
                "simulated",
                JournalScenarioTest.LAYOUT.root(),
                "test",
                "/aurora/scheduler",
                SimulatedZnodes.TIMEOUT,
                Optional.empty(),
                LIMITS),
            loop,
            clock,
            znodes);
    var unused = journal.follow(this);
  }

  CompletableFuture<Long> takeOver() {
    return journal.takeOver("leader").toCompletableFuture();
  }

  CompletableFuture<Long> append(String text) {
    return journal
        .append(new EntryPayload(1, 1, 0, text.getBytes(StandardCharsets.UTF_8)))
        .toCompletableFuture();
  }

  CompletableFuture<Void> snapshot(long index, String text) {
    return journal
        .writeSnapshot(index, new SnapshotPayload(1, "", 0, text.getBytes(StandardCharsets.UTF_8)))
        .toCompletableFuture();
  }

  @Override
  public void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes) {
    log.clear();
    log.add(new String(bytes, StandardCharsets.UTF_8).strip());
  }

  @Override
  public void onEntry(long index, EntryPayload entry) {
    String text = new String(entry.bytes(), StandardCharsets.UTF_8);
    if (text.equals(poison)) {
      throw new IllegalStateException("a defect");
    }
    log.add(text);
  }

  @Override
  public void onManifest(long index, SnapshotManifest manifest) {}

  @Override
  public void onDeposed(String reason) {
    events.add("deposed: " + reason);
  }

  @Override
  public void onUnreadable(String reason) {
    events.add("unreadable: " + reason);
  }

  @Override
  public void onHealed() {
    events.add("healed");
  }
}
