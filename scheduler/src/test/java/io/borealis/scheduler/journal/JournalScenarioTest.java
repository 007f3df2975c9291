package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.junit.Test;

/** Stories of a journal that somebody damages, or that is disturbed at the worst moment. */
public class JournalScenarioTest {
  static final Layout LAYOUT = new Layout("/borealis/test");

  private final VirtualRuntimes world = new VirtualRuntimes();
  private final EventLoop network = world.newLoop("network");
  private final SimulatedZooKeeper server = new SimulatedZooKeeper();
  private final List<JournalPeer> peers = new ArrayList<>();

  @Test
  public void anEntryThatIsMissingInTheMiddleIsNamedAndNobodyWritesInItsPlace() {
    JournalPeer leader = leader();
    get(leader.append("a"));
    long missing = get(leader.append("b"));
    get(leader.append("c"));
    damage(Op.delete(LAYOUT.entry(missing), -1));

    JournalPeer next = peer();
    until(next.journal::caughtUp);
    CompletableFuture<Long> attempt = next.takeOver();

    assertThatThrownBy(() -> get(attempt)).isInstanceOf(NotAppendedException.class);
    assertThat(next.events)
        .containsExactly(
            "unreadable: entry " + missing + ": it is missing, but there are others after it");
    assertThat(exists(LAYOUT.entry(missing))).isFalse();
  }

  @Test
  public void whoHasReadAJournalThatIsEmptiedThenDoesNotLeadItButSaysSo() {
    JournalPeer leader = leader();
    long last = get(leader.append("a"));
    JournalPeer next = peer();
    until(next.journal::caughtUp);
    for (long index = 1; index <= last; index++) {
      damage(Op.delete(LAYOUT.entry(index), -1));
    }

    CompletableFuture<Long> attempt = next.takeOver();

    assertThatThrownBy(() -> get(attempt)).isInstanceOf(NotAppendedException.class);
    assertThat(next.events)
        .containsExactly(
            "unreadable: entry " + last + ": the journal was emptied after it, start anew");
    JournalPeer fresh = peer();
    until(fresh.journal::caughtUp);
    assertThat(get(fresh.takeOver())).isPositive();
  }

  @Test
  public void aJournalWhoseSnapshotsAreBrokenIsNotTakenForAnEmptyOne() {
    JournalPeer leader = leader();
    long first = appendAndSnapshot(leader, "first");
    long second = appendAndSnapshot(leader, "second");
    until(() -> !exists(LAYOUT.entry(1)));
    damage(Op.setData(LAYOUT.manifest(first), new byte[0], -1));
    damage(Op.setData(LAYOUT.manifest(second), new byte[0], -1));

    JournalPeer next = peer();
    until(next.journal::caughtUp);
    CompletableFuture<Long> attempt = next.takeOver();

    assertThatThrownBy(() -> get(attempt)).isInstanceOf(NotAppendedException.class);
    assertThat(next.events)
        .containsExactly("unreadable: entry 1: it is missing, but there are others after it");
  }

  @Test
  public void theOlderSnapshotServesWhenTheManifestOfTheNewestIsBroken() {
    assertTheOlderSnapshotServesAfter(
        newest -> Op.setData(LAYOUT.manifest(newest), new byte[] {1}, -1));
  }

  @Test
  public void theOlderSnapshotServesWhenAChunkOfTheNewestIsMissing() {
    assertTheOlderSnapshotServesAfter(newest -> Op.delete(LAYOUT.chunk(newest, 1), -1));
  }

  @Test
  public void theOlderSnapshotServesWhenAChunkOfTheNewestIsBroken() {
    assertTheOlderSnapshotServesAfter(
        newest -> Op.setData(LAYOUT.chunk(newest, 1), new byte[] {1}, -1));
  }

  private void assertTheOlderSnapshotServesAfter(LongFunction<Op> damage) {
    JournalPeer leader = leader();
    appendAndSnapshot(leader, "first");
    long newest = appendAndSnapshot(leader, "second");
    get(leader.append("last"));
    until(() -> !exists(LAYOUT.entry(1)));
    damage(damage.apply(newest));

    JournalPeer next = peer();
    until(next.journal::caughtUp);
    assertThat(next.log).containsExactly("state first", "second", "last");
    assertThat(next.events).isEmpty();
    assertThat(get(next.takeOver())).isPositive();
  }

  @Test
  public void aDeposedLeaderWritesNoSnapshotAndDeletesNothing() {
    JournalPeer old = leader();
    long index = get(old.append("a"));
    JournalPeer next = peer();
    until(next.journal::caughtUp);
    get(next.takeOver());

    assertThatThrownBy(() -> get(old.snapshot(index, "late")))
        .isInstanceOf(KeeperException.BadVersionException.class);

    assertThat(exists(LAYOUT.snapshot(index))).isFalse();
  }

  @Test
  public void aSnapshotCutOffAtItsManifestIsWrittenAnewAndReadersNeverTakeItForComplete() {
    JournalPeer leader = leader();
    long index = get(leader.append("a"));
    CompletableFuture<Void> cut = leader.snapshot(index, "state a".repeat(900));
    until(() -> exists(LAYOUT.chunk(index, 4)));
    leader.znodes.disconnect();
    assertThatThrownBy(() -> get(cut)).isInstanceOf(KeeperException.ConnectionLossException.class);
    JournalPeer reader = peer();
    until(reader.journal::caughtUp);
    assertThat(reader.log).containsExactly("a");

    leader.znodes.reconnect();
    get(leader.snapshot(index, "state a"));
    until(() -> reader.journal.status().newestSnapshot() == index);

    assertThat(exists(LAYOUT.chunk(index, 0))).isTrue();
    assertThat(exists(LAYOUT.chunk(index, 1))).isFalse();
  }

  @Test
  public void aSessionThatExpiresDuringATakeoverFailsItAndTheNextOneSucceedsInTheSameProcess() {
    JournalPeer peer = peer();
    until(peer.journal::caughtUp);
    CompletableFuture<Long> attempt = peer.takeOver();
    peer.znodes.expire();
    peer.znodes.reconnect();
    assertThatThrownBy(() -> get(attempt)).isInstanceOf(NotAppendedException.class);

    until(peer.journal::caughtUp);
    assertThat(get(peer.takeOver())).isPositive();
    assertThat(get(peer.append("a"))).isPositive();
    peer.journal.stepDown();
    until(peer.journal::caughtUp);
    long before = peer.journal.status().epoch();
    assertThat(get(peer.takeOver())).isGreaterThan(before);
  }

  @Test
  public void whatThrowsInAReaderIsNamedAndHealedAlthoughTheConnectionBreaksMeanwhile() {
    JournalPeer leader = leader();
    JournalPeer reader = peer();
    reader.poison = "bad";
    long bad = get(leader.append("bad"));
    until(() -> !reader.events.isEmpty());
    assertThat(reader.events.get(0)).startsWith("unreadable: entry " + bad).contains("a defect");

    get(leader.snapshot(bad, "state"));
    until(() -> reader.journal.status().newestSnapshot() == bad);
    reader.znodes.disconnect();
    pass();
    reader.znodes.reconnect();
    until(reader.journal::caughtUp);

    assertThat(reader.events).contains("healed");
    assertThat(reader.log).containsExactly("state");
  }

  @Test
  public void aReaderThatMeetsABrokenEntryAsksWhoeverLeadsForASnapshot() {
    JournalPeer old = leader();
    JournalPeer next = peer();
    JournalPeer reader = peer();
    reader.poison = "bad";
    long bad = get(old.append("bad"));
    until(() -> old.journal.status().snapshotWanted());
    until(() -> next.journal.status().lastIndex() == bad);
    assertThat(next.journal.status().snapshotWanted()).isFalse();

    get(next.takeOver());
    until(() -> next.journal.status().snapshotWanted());
    get(next.snapshot(bad, "state"));

    assertThat(next.journal.status().snapshotWanted()).isFalse();
    until(() -> reader.events.contains("healed"));
  }

  @Test
  public void aLeaderWhoseEpochIsDeletedStepsDown() {
    JournalPeer leader = leader();
    get(leader.append("a"));
    damage(Op.delete(LAYOUT.epoch(), -1));
    CompletableFuture<Long> late = leader.append("b");
    until(() -> !leader.events.isEmpty());
    assertThat(leader.events.get(0)).startsWith("deposed").contains(LAYOUT.epoch());
    assertThatThrownBy(() -> get(late)).isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  public void aLeaderThatWritesNothingNoticesThatSomebodyElseHasTheEpoch() {
    JournalPeer leader = leader();
    damage(Op.setData(LAYOUT.epoch(), Layout.text("somebody else\nnonce\n"), -1));
    until(() -> !leader.events.isEmpty());
    assertThat(leader.events.get(0)).startsWith("deposed");
  }

  @Test
  public void truncationGoesOnWhereItsAnswersWereLost() {
    JournalPeer leader = leader();
    long last = 0;
    for (int i = 0; i < 40; i++) {
      last = get(leader.append("entry " + i));
    }
    get(leader.snapshot(20, "state at 20"));
    get(leader.snapshot(30, "state at 30"));
    until(() -> !exists(LAYOUT.entry(1)));
    leader.znodes.disconnect();
    pass();
    leader.znodes.reconnect();

    for (int i = 0; i < 2; i++) {
      last = appendAndSnapshot(leader, "after " + i);
    }

    long before = last - 1;
    until(() -> !exists(LAYOUT.entry(before - 1)));
    until(() -> leader.journal.status().entries() <= 3);
    assertThat(exists(LAYOUT.entry(last))).isTrue();
  }

  @Test
  public void aSnapshotOfTheLastEntryThatFitsMakesRoomForMore() {
    JournalPeer leader = leader();
    for (int snapshots = 1; snapshots <= 3; snapshots++) {
      long last = 0;
      while (leader.journal.status().entries() < JournalPeer.MAX_ENTRIES) {
        last = get(leader.append("entry"));
      }
      get(leader.snapshot(last, "all of it"));
      CompletableFuture<Long> refused = leader.append("no room yet");
      until(refused::isDone);
      until(() -> leader.journal.status().entries() < JournalPeer.MAX_ENTRIES);
      assertThat(get(leader.append("more"))).as("snapshot %s", snapshots).isGreaterThan(last);
    }
  }

  @Test
  public void theFirstSnapshotMakesRoomInAJournalThatIsFull() {
    JournalPeer leader = leader();
    long last = 0;
    CompletableFuture<Long> refused = null;
    while (refused == null) {
      CompletableFuture<Long> append = leader.append("entry");
      until(append::isDone);
      if (append.isCompletedExceptionally()) {
        refused = append;
      } else {
        last = append.join();
      }
    }
    CompletableFuture<Long> full = refused;
    assertThatThrownBy(() -> get(full)).isInstanceOf(JournalFullException.class);

    get(leader.snapshot(last, "all of it"));
    until(() -> leader.journal.status().entries() < 10);

    assertThat(get(leader.append("more"))).isEqualTo(last + 1);
    JournalPeer next = peer();
    until(next.journal::caughtUp);
    assertThat(next.log).containsExactly("all of it", "more");
  }

  // ---- Telling -------------------------------------------------------------------------------

  private JournalPeer peer() {
    JournalPeer peer =
        new JournalPeer(server, network, world.newLoop("peer " + peers.size()), world.clock());
    peers.add(peer);
    return peer;
  }

  private JournalPeer leader() {
    JournalPeer peer = peer();
    until(peer.journal::caughtUp);
    get(peer.takeOver());
    return peer;
  }

  /** An entry, and then a snapshot of several chunks. */
  private long appendAndSnapshot(JournalPeer leader, String text) {
    long index = get(leader.append(text));
    get(leader.snapshot(index, "state " + text + " ".repeat(800)));
    return index;
  }

  private void damage(Op op) {
    try {
      var unused = server.apply(this, List.of(op));
    } catch (KeeperException refused) {
      throw new AssertionError(refused);
    }
  }

  private boolean exists(String path) {
    return server.at(server.now()).containsKey(path);
  }

  private void pass() {
    peers.forEach(peer -> peer.znodes.look());
    world.advance(Duration.ofMillis(5));
  }

  private void until(BooleanSupplier condition) {
    for (int i = 0; i < 5_000 && !condition.getAsBoolean(); i++) {
      pass();
    }
    assertThat(condition.getAsBoolean())
        .as("at the end, %s", peers.stream().map(peer -> peer.journal.status()).toList())
        .isTrue();
  }

  private <T> T get(CompletableFuture<T> future) {
    until(future::isDone);
    try {
      return future.join();
    } catch (java.util.concurrent.CompletionException failure) {
      throw sneaky(failure.getCause());
    }
  }

  @SuppressWarnings("unchecked") // Lets tests see checked exceptions as they are.
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }
}
