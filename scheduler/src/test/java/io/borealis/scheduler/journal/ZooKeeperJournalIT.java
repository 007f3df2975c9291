package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.runtime.SystemRuntimes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The journal on a real ZooKeeper server that is stopped and started under it. */
public class ZooKeeperJournalIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> errors.add(failure));
  private final List<Journal> journals = new ArrayList<>();
  private EmbeddedZooKeeper server;
  private Path dir;
  private int port;

  /** What a listener saw. */
  private static final class Seen implements JournalListener {
    final List<String> entries = Collections.synchronizedList(new ArrayList<>());
    final List<String> snapshots = Collections.synchronizedList(new ArrayList<>());
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    volatile String poison = "";

    @Override
    public void onSnapshot(long index, SnapshotManifest manifest, byte[] bytes) {
      entries.clear();
      snapshots.add(index + ":" + new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void onEntry(long index, EntryPayload entry) throws CorruptJournalException {
      String text = new String(entry.bytes(), StandardCharsets.UTF_8);
      if (text.equals(poison)) {
        throw new CorruptJournalException("poison");
      }
      entries.add(text);
    }

    @Override
    public void onManifest(long index, SnapshotManifest manifest) {
      events.add("manifest " + index);
    }

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

  @Before
  public void startServer() throws Exception {
    dir = folder.newFolder("zk").toPath();
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    start();
  }

  private void start() throws IOException {
    server =
        EmbeddedZooKeeper.start(
            new EmbeddedZooKeeper.Settings(
                dir, "127.0.0.1", port, Duration.ofMillis(500), 0, Map.of()),
            () -> {});
  }

  @After
  public void stop() {
    journals.forEach(Journal::close);
    server.close();
    runtimes.close();
    assertThat(errors).isEmpty();
  }

  private Journal journal(JournalListener listener) {
    return journal(listener, "test", limits(50_000));
  }

  private static JournalLimits limits(int maxEntries) {
    return new JournalLimits(8, maxEntries, 1000, 10, Duration.ofSeconds(20));
  }

  private Journal journal(JournalListener listener, String cluster, JournalLimits limits) {
    Journal journal =
        Journals.onZooKeeper(
            new JournalSettings(
                server.connectString(),
                "/borealis/test",
                cluster,
                "/aurora/scheduler",
                Duration.ofSeconds(3),
                Optional.empty(),
                limits),
            runtimes);
    journals.add(journal);
    get(journal.follow(listener).toCompletableFuture());
    return journal;
  }

  @Test
  public void entriesReachFollowersInOrder() {
    Seen follower = new Seen();
    var unused = journal(follower);
    Journal leader = journal(new Seen());
    get(leader.whenCaughtUp());
    assertThat(lead(leader)).isPositive();
    for (int i = 0; i < 100; i++) {
      var unusedIndex = leader.append(entry(i, "e" + i));
    }
    await(() -> follower.entries.size() == 100);
    assertThat(follower.entries.get(0)).isEqualTo("e0");
    assertThat(follower.entries.get(99)).isEqualTo("e99");
  }

  @Test
  public void payloadsLargerThanANodeArriveWhole() {
    Seen follower = new Seen();
    var unused = journal(follower);
    Journal leader = journal(new Seen());
    lead(leader);
    String large = "x".repeat(5_500);
    get(leader.append(entry(1, large)));
    get(leader.append(entry(2, "small")));
    await(() -> follower.entries.size() == 2);
    assertThat(follower.entries).containsExactly(large, "small");
  }

  @Test
  public void aDeposedLeaderChangesNothingAndIsToldWhatBecameOfItsWrites() {
    Seen first = new Seen();
    Journal old = journal(first);
    lead(old);
    get(old.append(entry(1, "before")));
    Seen second = new Seen();
    Journal young = journal(second);
    lead(young);
    CompletableFuture<Long> late = old.append(entry(2, "late")).toCompletableFuture();
    assertThatThrownBy(() -> get(late)).isInstanceOf(NotAppendedException.class);
    await(() -> first.events.stream().anyMatch(e -> e.startsWith("deposed")));
    get(young.append(entry(2, "after")));
    old.stepDown();
    await(() -> first.entries.contains("after"));
    assertThat(second.entries).containsExactly("before");
    assertThat(first.entries).containsExactly("after");
  }

  @Test
  public void aBurstSurvivesARestartOfTheServerWithoutLossOrDouble() throws Exception {
    Seen follower = new Seen();
    Journal tail = journal(follower);
    Journal leader = journal(new Seen());
    lead(leader);
    List<CompletableFuture<Long>> appends = Collections.synchronizedList(new ArrayList<>());
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < 400; i++) {
                appends.add(leader.append(entry(i, "e" + i)).toCompletableFuture());
                sleep(5);
              }
            });
    writer.start();
    sleep(500);
    server.close();
    sleep(700);
    start();
    writer.join();
    Journal now = leader;
    await(() -> appends.stream().allMatch(CompletableFuture::isDone));
    long acknowledged = appends.stream().filter(f -> !f.isCompletedExceptionally()).count();
    if (now.status().role() != JournalStatus.Role.LEADER) {
      now.stepDown();
    }
    await(() -> follower.entries.size() >= acknowledged);
    sleep(300);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      if (!appends.get(i).isCompletedExceptionally()) {
        expected.add("e" + i);
      }
    }
    assertThat(follower.entries).isEqualTo(expected);
    assertThat(tail.status().unreadable()).isEmpty();
  }

  @Test
  public void snapshotsTruncateAndALateFollowerLoadsOne() {
    Journal leader = journal(new Seen());
    lead(leader);
    long last = 0;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 30; i++) {
        last = get(leader.append(entry(round * 30 + i, "r" + round + "e" + i)));
      }
      get(leader.writeSnapshot(last, snapshot(last, "s" + round + "y".repeat(2500))));
    }
    long newest = last;
    get(leader.append(entry(91, "tail")));
    await(() -> leader.status().entries() < 60);
    Seen late = new Seen();
    get(journal(late).whenCaughtUp().toCompletableFuture());
    assertThat(late.snapshots).containsExactly(newest + ":s2" + "y".repeat(2500));
    assertThat(late.entries).containsExactly("tail");
  }

  @Test
  public void aBrokenEntryIsNamedAndHealedByTheNextSnapshot() throws Exception {
    Seen follower = new Seen();
    Journal tail = journal(follower);
    follower.poison = "bad";
    Journal leader = journal(new Seen());
    lead(leader);
    long good = get(leader.append(entry(1, "good")));
    long bad = get(leader.append(entry(2, "bad")));
    await(() -> !follower.events.isEmpty());
    assertThat(follower.events.get(0)).isEqualTo("unreadable: entry " + bad + ": poison");
    assertThat(tail.caughtUp()).isFalse();
    assertThatThrownBy(() -> get(tail.takeOver("me"))).isInstanceOf(NotAppendedException.class);
    get(leader.writeSnapshot(bad, snapshot(2, "healthy")));
    get(leader.append(entry(3, "more")));
    await(() -> follower.entries.contains("more"));
    assertThat(follower.events).contains("healed");
    assertThat(good).isLessThan(bad);
  }

  @Test
  public void flippedBitsAreFoundByTheChecksum() throws Exception {
    Journal leader = journal(new Seen());
    lead(leader);
    long index = get(leader.append(entry(1, "hello")));
    ZooKeeper raw = new ZooKeeper(server.connectString(), 4000, event -> {});
    String path = new Layout("/borealis/test").entry(index);
    awaitChecked(() -> raw.exists(path, false) != null);
    byte[] bytes = raw.getData(path, false, null);
    bytes[bytes.length - 1] ^= 1;
    raw.setData(path, bytes, -1);
    Seen late = new Seen();
    var unused = journal(late);
    await(() -> !late.events.isEmpty());
    assertThat(late.events.get(0)).contains("entry " + index).contains("checksum");
    raw.close();
  }

  @Test
  public void aFullJournalRefusesUntilASnapshotMakesRoom() {
    Journal leader = journal(new Seen(), "test", limits(20));
    lead(leader);
    List<CompletableFuture<Long>> appends = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      appends.add(leader.append(entry(i, "e" + i)).toCompletableFuture());
    }
    assertThatThrownBy(() -> get(appends.get(29)))
        .isInstanceOf(JournalFullException.class)
        .hasMessageStartingWith("Journal is full: ");
    long last = get(appends.get(10));
    get(leader.writeSnapshot(last, snapshot(10, "a")));
    long more = leader.status().lastIndex();
    get(leader.writeSnapshot(more, snapshot(18, "b")));
    await(() -> leader.status().entries() < 15);
    int refused = 0;
    while (!appends.get(refused).isCompletedExceptionally()) {
      refused++;
    }
    CompletableFuture<Long> builtOnIt =
        leader.append(entry(refused + 1, "gap")).toCompletableFuture();
    assertThatThrownBy(() -> get(builtOnIt)).isInstanceOf(JournalFullException.class);
    get(leader.append(entry(refused, "room")));
    get(leader.append(entry(refused + 1, "next")));
  }

  @Test
  public void moreEntriesThanAListCanNameAreTakenOverAndSeenByTheTools() throws Exception {
    Journal first = journal(new Seen());
    get(first.whenCaughtUp());
    ZooKeeper raw = new ZooKeeper(server.connectString(), 4000, event -> {});
    awaitChecked(() -> raw.exists("/borealis/test/epoch", false) != null);
    Layout layout = new Layout("/borealis/test");
    int last = 44_000;
    for (int from = 2; from <= last; from += 1_000) {
      List<Op> creates = new ArrayList<>();
      for (int index = from; index < from + 1_000 && index <= last; index++) {
        creates.add(create(layout.entry(index), Frame.takeover("somebody", 1).encode()));
      }
      var unused = raw.multi(creates);
    }
    SnapshotManifest manifest =
        new SnapshotManifest(1, last, 1, 1, "d", 0, 1, 1, Layout.checksum(new byte[1]));
    var unused =
        raw.multi(
            List.of(
                create(layout.snapshot(last), new byte[0]),
                create(layout.chunk(last, 0), new byte[1]),
                create(layout.manifest(last), Layout.encode(manifest))));
    raw.close();

    Journal leader = journal(new Seen());
    lead(leader);
    assertThat(leader.status().lastIndex()).isEqualTo(last + 1);
    assertThat(leader.status().entries()).isEqualTo(last);
    try (JournalTools tools =
        JournalTools.open(
            server.connectString(),
            layout.root(),
            Duration.ofSeconds(5),
            Optional.empty(),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
      assertThat(tools.reset(folder.getRoot().toPath().resolve("backup"))).isEqualTo(last);
    }
  }

  private static Op create(String path, byte[] data) {
    return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
  }

  @Test
  public void anotherClusterIsRefusedAndBothAreNamed() {
    var unused = journal(new Seen());
    assertThatThrownBy(() -> journal(new Seen(), "other", limits(100)))
        .hasMessageContaining("'test'")
        .hasMessageContaining("'other'");
  }

  @Test
  public void anIncompleteGroupOfChunksIsVoidedByTheNextLeader() throws Exception {
    Seen follower = new Seen();
    var unused = journal(follower);
    Journal old = journal(new Seen());
    lead(old);
    long last = get(old.append(entry(1, "whole")));
    List<Frame> frames = Frame.of(entry(2, "z".repeat(3000)), 1, 1000);
    ZooKeeper raw = new ZooKeeper(server.connectString(), 4000, event -> {});
    awaitChecked(() -> raw.exists("/borealis/test/epoch", false) != null);
    raw.create(
        new Layout("/borealis/test").entry(last + 1),
        frames.get(0).encode(),
        ZooDefs.Ids.OPEN_ACL_UNSAFE,
        CreateMode.PERSISTENT);
    Journal young = journal(new Seen());
    lead(young);
    get(young.append(entry(2, "next")));
    await(() -> follower.entries.contains("next"));
    assertThat(follower.entries).containsExactly("whole", "next");
    raw.close();
  }

  @Test
  public void steppingDownLetsAnotherLeadAndFollowsIt() {
    Seen first = new Seen();
    Journal one = journal(first);
    Journal two = journal(new Seen());
    lead(one);
    get(one.append(entry(1, "a")));
    one.stepDown();
    lead(two);
    get(two.append(entry(2, "b")));
    await(() -> first.entries.contains("b"));
    assertThat(first.entries).containsExactly("b");
    assertThat(first.events).isEmpty();
    two.stepDown();
    get(one.whenCaughtUp());
    lead(one);
    get(one.append(entry(3, "c")));
  }

  private long lead(Journal journal) {
    get(journal.whenCaughtUp());
    return get(journal.takeOver("leader"));
  }

  private static EntryPayload entry(long number, String text) {
    return new EntryPayload(number, number, 0, text.getBytes(StandardCharsets.UTF_8));
  }

  private static SnapshotPayload snapshot(long transaction, String text) {
    return new SnapshotPayload(transaction, "d", 0, text.getBytes(StandardCharsets.UTF_8));
  }

  private static <T> T get(java.util.concurrent.CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException failure) {
      Throwable cause =
          failure.getCause() instanceof CompletionException wrapped
              ? wrapped.getCause()
              : failure.getCause();
      throw sneaky(cause);
    } catch (InterruptedException | java.util.concurrent.TimeoutException failure) {
      throw new AssertionError(failure);
    }
  }

  @SuppressWarnings("unchecked") // Lets tests see checked exceptions as they are.
  private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
    throw (E) failure;
  }

  private interface Question {
    boolean ask() throws Exception;
  }

  private static void awaitChecked(Question question) {
    await(
        () -> {
          try {
            return question.ask();
          } catch (Exception notYet) {
            return false;
          }
        });
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within 20 s");
      }
      sleep(10);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
