package io.borealis.scheduler.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Replica;
import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.Before;
import org.junit.Test;

/** From standby to leader and back, with events that come late, twice or out of turn. */
public class LeaderServiceTest {
  private static final Endpoint HERE = new Endpoint("here", 8081);
  private static final Endpoint THERE = new Endpoint("there", 8081);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final List<String> log = new ArrayList<>();
  private final FakeElection election = new FakeElection();
  private final FakeAdvertising advertising = new FakeAdvertising();
  private final FakeJournal journal = new FakeJournal(log);
  private final Replica replica = new Replica(new EntryCodec());
  private final List<FakeTerm> terms = new ArrayList<>();
  private final List<String> stuck = new ArrayList<>();
  private final LeaderService service =
      new LeaderService(
          new LeaderService.Identity("me", HERE, "http"),
          runtimes.newLoop("leader"),
          election,
          advertising,
          journal,
          replica,
          this::newTerm,
          Duration.ofSeconds(30),
          state -> log.add(state.name()),
          stuck::add);

  private @Nullable Throwable refuseTerms;
  private @Nullable CompletableFuture<Void> slowActivation;

  private Term newTerm(long epoch, Consumer<String> stepDown) {
    if (refuseTerms instanceof Error error) {
      throw error;
    } else if (refuseTerms instanceof RuntimeException failure) {
      throw failure;
    }
    FakeTerm term = new FakeTerm(epoch, stepDown);
    terms.add(term);
    return term;
  }

  @Before
  public void start() {
    service.start();
    runtimes.runReady();
  }

  private void catchUp() {
    journal.catchUp();
    runtimes.runReady();
  }

  private void lead() {
    catchUp();
    election.last().elect();
    runtimes.runReady();
    assertThat(service.leading()).isTrue();
  }

  @Test
  public void aProcessStandsOnlyOnceItIsCaughtUp() {
    assertThat(service.candidate()).isFalse();
    assertThat(service.state()).isEqualTo(LifecycleState.PREPARING_STORAGE);
    catchUp();
    assertThat(service.candidate()).isTrue();
    assertThat(service.state()).isEqualTo(LifecycleState.STORAGE_PREPARED);
  }

  @Test
  public void leadingBeginsWithTheFenceAndEndsWithTheEntry() {
    catchUp();
    log.clear();
    election.last().elect();
    runtimes.runReady();
    assertThat(log)
        .containsExactly(
            "LEADER_AWAITING_REGISTRATION",
            "take over",
            "activate 1",
            "ACTIVE",
            "advertise under 1");
  }

  @Test
  public void steppingDownRefusesWritesThenLeavesTheJournalThenTheEntryThenTheElection() {
    lead();
    log.clear();
    terms.get(0).stepDown.accept("test");
    runtimes.runReady();
    assertThat(log)
        .containsExactly(
            "STORAGE_PREPARED", "drain 1", "close 1", "step down", "withdraw entry", "leave 1");
    assertThat(service.candidate()).isFalse();
    catchUp();
    assertThat(service.candidate()).isTrue();
  }

  @Test
  public void leadershipIsLostAndRegainedManyTimesWithoutLeavingAnythingBehind() {
    lead();
    for (int i = 0; i < 100; i++) {
      election.last().defeat();
      runtimes.runReady();
      lead();
    }
    assertThat(terms).hasSize(101);
    assertThat(terms.subList(0, 100)).allMatch(term -> term.closed);
    assertThat(election.candidacies.subList(0, 100)).allMatch(candidacy -> candidacy.left);
    runtimes.advance(LONG);
    assertThat(runtimes.pending()).isEmpty();
    assertThat(service.leading()).isTrue();
  }

  @Test
  public void eventsThatComeTwiceOrLateChangeNothing() {
    lead();
    election.last().elect();
    runtimes.runReady();
    assertThat(terms).hasSize(1);
    election.last().defeat();
    election.last().defeat();
    terms.get(0).stepDown.accept("again");
    runtimes.runReady();
    lead();
    assertThat(terms).hasSize(2);
    election.candidacies.get(0).defeat();
    election.candidacies.get(0).elect();
    terms.get(0).stepDown.accept("long ago");
    runtimes.runReady();
    assertThat(service.leading()).isTrue();
    assertThat(terms).hasSize(2);
  }

  @Test
  public void aCandidateDefeatedWhileItTakesOverLeadsNot() {
    catchUp();
    journal.takeOver = new CompletableFuture<>();
    election.last().elect();
    election.last().defeat();
    runtimes.runReady();
    journal.takeOver.complete(7L);
    runtimes.runReady();
    assertThat(terms).isEmpty();
    assertThat(service.state()).isEqualTo(LifecycleState.STORAGE_PREPARED);
  }

  @Test
  public void whoCannotTakeOverLetsOthersGoFirstAndWaitsLongerEachTime() {
    catchUp();
    journal.takeOver = CompletableFuture.failedFuture(new IllegalStateException("no"));
    for (int seconds : new int[] {1, 2, 4, 8, 16, 16}) {
      int stood = election.candidacies.size();
      election.last().elect();
      catchUp();
      assertThat(election.last().left).isTrue();
      runtimes.advance(Duration.ofSeconds(seconds).minusMillis(1));
      catchUp();
      assertThat(election.candidacies).hasSize(stood);
      runtimes.advance(Duration.ofMillis(1));
      catchUp();
      assertThat(election.candidacies).hasSize(stood + 1);
    }
    journal.takeOver = null;
    lead();
  }

  @Test
  public void aTermThatCannotBeBuiltOrActivatedGivesLeadershipBack() {
    for (Throwable failure : List.of(new IllegalStateException("no"), new LinkageError("no"))) {
      refuseTerms = failure;
      catchUp();
      election.last().elect();
      runtimes.runReady();
      assertThat(election.last().left).isTrue();
      assertThat(service.state()).isEqualTo(LifecycleState.STORAGE_PREPARED);
      runtimes.advance(LONG);
    }
    refuseTerms = null;
    slowActivation = CompletableFuture.failedFuture(new IllegalStateException("no"));
    catchUp();
    election.last().elect();
    runtimes.runReady();
    assertThat(terms.get(0).closed).isTrue();
    assertThat(election.last().left).isTrue();
  }

  @Test
  public void whoDoesNotBecomeActiveInTimeDoesNotBlockTheOthers() {
    catchUp();
    slowActivation = new CompletableFuture<>();
    election.last().elect();
    runtimes.advance(Duration.ofMinutes(1));
    assertThat(election.last().left).isTrue();
    assertThat(terms.get(0).closed).isTrue();
    slowActivation.complete(null);
    runtimes.runReady();
    assertThat(service.state()).isEqualTo(LifecycleState.STORAGE_PREPARED);
    assertThat(advertising.entry).isNull();
  }

  @Test
  public void anEntryWrittenTooLateIsRemoved() {
    catchUp();
    advertising.pending = new CompletableFuture<>();
    election.last().elect();
    runtimes.runReady();
    election.last().defeat();
    runtimes.runReady();
    advertising.pending.complete("entry");
    runtimes.runReady();
    assertThat(log).endsWith("withdraw entry");
  }

  @Test
  public void anEntryThatSomebodyRemovedIsWrittenAgain() {
    lead();
    log.clear();
    advertising.show(Optional.empty());
    assertThat(service.leading()).isFalse();
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(log).containsExactly("advertise under 1");
    assertThat(service.leading()).isTrue();
  }

  @Test
  public void anEntryBesideOursIsRemovedAndOfFailuresToDoSoTheLeaderMakesNothing() {
    lead();
    advertising.pending = CompletableFuture.failedFuture(new IllegalStateException("no"));
    advertising.show(Optional.of(THERE));
    runtimes.advance(Duration.ofSeconds(3));
    assertThat(service.state()).isEqualTo(LifecycleState.ACTIVE);
    advertising.pending = null;
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(service.leading()).isTrue();
  }

  @Test
  public void aFollowerThatCannotReadLeavesTheElectionAndComesBackWhenHealed() {
    catchUp();
    replica.onUnreadable("entry 7 is broken");
    runtimes.runReady();
    assertThat(service.candidate()).isFalse();
    assertThat(election.last().left).isTrue();
    replica.onHealed();
    runtimes.runReady();
    assertThat(service.candidate()).isFalse();
    catchUp();
    assertThat(service.candidate()).isTrue();
  }

  @Test
  public void healingDuringAStepDownMakesOneCandidateNotTwo() {
    lead();
    terms.get(0).drained = new CompletableFuture<>();
    election.last().defeat();
    runtimes.runReady();
    replica.onUnreadable("entry 7 is broken");
    replica.onHealed();
    catchUp();
    assertThat(election.candidacies).hasSize(1);
    terms.get(0).drained.complete(null);
    runtimes.runReady();
    catchUp();
    assertThat(election.candidacies).hasSize(2);
  }

  @Test
  public void stoppingHandsOver() {
    lead();
    log.clear();
    CompletionStage<Void> stopped = service.stop();
    runtimes.runReady();
    assertThat(stopped.toCompletableFuture()).isCompleted();
    assertThat(log).contains("drain 1", "withdraw entry", "leave 1").endsWith("DEAD");
    catchUp();
    runtimes.advance(LONG);
    assertThat(election.candidacies).hasSize(1);
  }

  @Test
  public void stoppingDuringAStepDownWaitsForItsEnd() {
    lead();
    terms.get(0).drained = new CompletableFuture<>();
    election.last().defeat();
    runtimes.runReady();
    CompletionStage<Void> stopped = service.stop();
    runtimes.runReady();
    assertThat(stopped.toCompletableFuture()).isNotDone();
    terms.get(0).drained.complete(null);
    runtimes.runReady();
    assertThat(stopped.toCompletableFuture()).isCompleted();
    assertThat(log).contains("withdraw entry", "leave 1").endsWith("DEAD");
    catchUp();
    assertThat(election.candidacies).hasSize(1);
  }

  @Test
  public void stoppingWhileItTakesOverEndsThat() {
    catchUp();
    slowActivation = new CompletableFuture<>();
    election.last().elect();
    runtimes.runReady();
    CompletionStage<Void> stopped = service.stop();
    runtimes.runReady();
    assertThat(stopped.toCompletableFuture()).isCompleted();
    assertThat(terms.get(0).closed).isTrue();
    assertThat(service.state()).isEqualTo(LifecycleState.DEAD);
  }

  @Test
  public void aLeaderThatCannotFlushStandsByAllTheSame() {
    lead();
    terms.get(0).drained = new CompletableFuture<>();
    advertising.withdrawn = new CompletableFuture<>();
    election.last().defeat();
    runtimes.advance(Duration.ofSeconds(11));
    assertThat(terms.get(0).closed).isTrue();
    catchUp();
    assertThat(service.candidate()).isTrue();
    assertThat(stuck).isEmpty();
  }

  @Test
  public void aStepDownThatDoesNotFinishEndsTheProcess() {
    lead();
    election.last().leaving = new CompletableFuture<>();
    election.last().defeat();
    runtimes.advance(Duration.ofSeconds(31));
    assertThat(stuck).hasSize(1);
  }

  private final class FakeTerm implements Term {
    private final long epoch;
    private final Consumer<String> stepDown;
    private CompletableFuture<Void> drained = CompletableFuture.completedFuture(null);
    private boolean closed;

    FakeTerm(long epoch, Consumer<String> stepDown) {
      this.epoch = epoch;
      this.stepDown = stepDown;
    }

    @Override
    public CompletionStage<Void> activate() {
      log.add("activate " + epoch);
      CompletableFuture<Void> slow = slowActivation;
      return slow == null ? CompletableFuture.completedFuture(null) : slow;
    }

    @Override
    public CompletionStage<Void> drain(String reason) {
      log.add("drain " + epoch);
      return drained;
    }

    @Override
    public void close() {
      log.add("close " + epoch);
      closed = true;
    }
  }

  private final class FakeElection implements Election {
    private final List<FakeCandidacy> candidacies = new ArrayList<>();

    @Override
    public Candidacy stand(Listener listener) {
      FakeCandidacy candidacy = new FakeCandidacy(listener, candidacies.size() + 1);
      candidacies.add(candidacy);
      return candidacy;
    }

    FakeCandidacy last() {
      return candidacies.get(candidacies.size() - 1);
    }
  }

  private final class FakeCandidacy implements Election.Candidacy {
    private final Election.Listener listener;
    private final int number;
    private CompletableFuture<Void> leaving = CompletableFuture.completedFuture(null);
    private boolean left;

    FakeCandidacy(Election.Listener listener, int number) {
      this.listener = listener;
      this.number = number;
    }

    void elect() {
      listener.onElected();
    }

    void defeat() {
      listener.onDefeated("defeated");
    }

    @Override
    public CompletionStage<Void> withdraw() {
      log.add("leave " + number);
      left = true;
      return leaving;
    }
  }

  private final class FakeAdvertising implements Advertising {
    private final List<Runnable> listeners = new ArrayList<>();
    private Optional<Endpoint> shown = Optional.empty();
    private @Nullable MemberEntry entry;
    private @Nullable CompletableFuture<String> pending;
    private CompletableFuture<Void> withdrawn = CompletableFuture.completedFuture(null);

    @Override
    public CompletionStage<String> advertise(
        MemberEntry ours, @Nullable String known, String fencePath, int fenceVersion) {
      log.add("advertise under " + fenceVersion);
      CompletableFuture<String> result = pending;
      if (result != null) {
        return result;
      }
      entry = ours;
      show(Optional.of(ours.serviceEndpoint()));
      return CompletableFuture.completedFuture("entry");
    }

    @Override
    public CompletionStage<Void> withdraw(String entryPath) {
      log.add("withdraw " + entryPath);
      entry = null;
      show(Optional.empty());
      return withdrawn;
    }

    void show(Optional<Endpoint> leader) {
      shown = leader;
      listeners.forEach(Runnable::run);
    }

    @Override
    public Optional<Endpoint> leader() {
      return shown;
    }

    @Override
    public void onChange(Runnable action) {
      listeners.add(action);
    }
  }
}
