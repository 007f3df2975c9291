package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.JournalFullException;
import io.borealis.scheduler.journal.NotAppendedException;
import io.borealis.scheduler.journal.StubJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** Transactions, batches, answers and what a refusal leaves behind. */
public class WriterTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final HeldJournal journal = new HeldJournal();
  private final EntryCodec codec = new EntryCodec();
  private final Replica replica = new Replica(codec);
  private final List<Throwable> fatal = new ArrayList<>();
  private final List<Reaction> reactions = new ArrayList<>();
  private final Writer writer = writer();

  private Writer writer() {
    return new Writer(
        runtimes.newLoop("writer"),
        runtimes.clock(),
        Runnable::run,
        journal,
        codec,
        replica,
        () -> List.of(new Delegating()),
        Writer.Limits.DEFAULT,
        (index, state) -> {},
        fatal::add);
  }

  @Test
  public void nothingIsShownOrAnsweredBeforeItIsDurable() {
    List<String> effects = new ArrayList<>();
    CompletableFuture<String> reply = save("a", effects);
    runtimes.runReady();
    assertThat(reply).isNotDone();
    assertThat(effects).isEmpty();
    assertThat(replica.durable().tasks().get("a")).isNull();
    journal.confirm(0);
    runtimes.runReady();
    assertThat(reply).isCompletedWithValue("a");
    assertThat(effects).containsExactly("effect of a");
    assertThat(replica.durable().tasks().get("a")).isNotNull();
  }

  @Test
  public void whatQueuesWhileAppendsAreInFlightSharesTheNextOne() {
    for (int i = 0; i < 4; i++) {
      var unused = save("first" + i, new ArrayList<>());
      runtimes.runReady();
    }
    for (int i = 0; i < 50; i++) {
      var unused = save("later" + i, new ArrayList<>());
    }
    runtimes.runReady();
    assertThat(journal.appends).hasSize(4);
    journal.confirm(0);
    runtimes.runReady();
    assertThat(journal.appends).hasSize(5);
    EntryPayload batch = journal.appends.get(4).payload;
    assertThat(batch.lastTransaction() - batch.firstTransaction() + 1).isEqualTo(50);
  }

  @Test
  public void aRefusalIsAnsweredOnlyWhenWhatItSawIsDurable() {
    var first = save("a", new ArrayList<>());
    CompletableFuture<String> refused =
        submit(
            tx -> {
              if (tx.state().tasks().get("a") != null) {
                throw new IllegalArgumentException("a exists");
              }
              return "";
            });
    runtimes.runReady();
    assertThat(refused).isNotDone();
    journal.confirm(0);
    runtimes.runReady();
    assertThat(first).isCompletedWithValue("a");
    assertThatThrownBy(refused::join).hasMessageContaining("a exists");
  }

  @Test
  public void anExceptionLeavesNoTraceAndReleasesWhatWasReserved() {
    List<String> released = new ArrayList<>();
    CompletableFuture<String> failed =
        submit(
            tx -> {
              tx.onDiscard(() -> released.add("first"));
              tx.onDiscard(() -> released.add("second"));
              tx.save(task("x"));
              throw new IllegalStateException("no");
            });
    runtimes.runReady();
    assertThatThrownBy(failed::join).hasMessageContaining("no");
    assertThat(released).containsExactly("second", "first");
    assertThat(journal.appends).isEmpty();
    var next = save("y", new ArrayList<>());
    runtimes.runReady();
    assertThat(next).isNotDone();
    assertThat(journal.appends.get(0).payload.firstTransaction()).isEqualTo(1);
  }

  @Test
  public void aWriteProvablyNotApplied_saysSo_andTheWriterIsLeftForGood() {
    List<String> released = new ArrayList<>();
    CompletableFuture<String> reply =
        submit(
            tx -> {
              tx.onDiscard(() -> released.add("released"));
              tx.save(task("a"));
              return "a";
            });
    runtimes.runReady();
    journal.fail(0, new NotAppendedException("another leader appended"));
    runtimes.runReady();
    assertThatThrownBy(reply::join).hasCauseInstanceOf(NotAppliedException.class);
    assertThat(released).containsExactly("released");
    assertThat(fatal).hasSize(1);
  }

  @Test
  public void aWriteInDoubtPastItsDeadlineIsNeverCalledRefused() {
    CompletableFuture<String> reply = save("a", new ArrayList<>());
    runtimes.advance(MINUTE.plusSeconds(1));
    assertThatThrownBy(reply::join).hasCauseInstanceOf(OutcomeUnknownException.class);
    journal.confirm(0);
    runtimes.runReady();
    assertThat(replica.durable().tasks().get("a")).isNotNull();
  }

  @Test
  public void whatChangedNothingIsNeverInDoubt() {
    CompletableFuture<String> changing = save("a", new ArrayList<>());
    CompletableFuture<String> noOp = submit(tx -> "nothing to do");
    CompletableFuture<String> refused =
        submit(
            tx -> {
              throw new IllegalArgumentException("a exists");
            });
    runtimes.runReady();
    journal.fail(
        0, new io.borealis.scheduler.journal.OutcomeUnknownException("it could not be read"));
    runtimes.runReady();
    assertThatThrownBy(changing::join).hasCauseInstanceOf(OutcomeUnknownException.class);
    assertThatThrownBy(noOp::join).hasCauseInstanceOf(NotAppliedException.class);
    assertThatThrownBy(refused::join).hasCauseInstanceOf(NotAppliedException.class);
  }

  @Test
  public void whatChangedNothingIsNotInDoubtPastItsDeadlineEither() {
    var unused = save("a", new ArrayList<>());
    runtimes.runReady();
    CompletableFuture<String> noOp = submit(tx -> "nothing to do");
    runtimes.advance(MINUTE.plusSeconds(1));
    assertThatThrownBy(noOp::join).hasCauseInstanceOf(NotAppliedException.class);
  }

  @Test
  public void aFullJournalRefusesWhatIsBuiltOnTheRefusedToo_andTheWriterGoesOn() {
    List<String> released = new ArrayList<>();
    var durable = save("durable", new ArrayList<>());
    runtimes.runReady();
    CompletableFuture<String> tooMuch =
        submit(
            tx -> {
              tx.onDiscard(() -> released.add("released"));
              tx.save(task("big"));
              return "big";
            });
    runtimes.runReady();
    CompletableFuture<String> builtOnIt = save("small", new ArrayList<>());
    runtimes.runReady();
    journal.confirm(0);
    journal.fail(1, new JournalFullException("50,000 entries wait"));
    runtimes.runReady();
    assertThat(durable).isCompletedWithValue("durable");
    assertThatThrownBy(tooMuch::join)
        .hasCauseInstanceOf(NotAppliedException.class)
        .hasMessageContaining("Journal is full: 50,000 entries wait");
    assertThat(released).containsExactly("released");
    CompletableFuture<String> waiting = save("later", new ArrayList<>());
    runtimes.runReady();
    assertThat(builtOnIt).isNotDone();
    assertThat(journal.appends).hasSize(3);

    journal.fail(2, new JournalFullException("the transactions before were refused"));
    runtimes.runReady();
    assertThatThrownBy(builtOnIt::join).hasMessageContaining("50,000 entries wait");
    assertThat(fatal).isEmpty();
    assertThat(journal.appends.get(3).payload.firstTransaction()).isEqualTo(2);
    journal.confirm(3);
    runtimes.runReady();
    assertThat(waiting).isCompletedWithValue("later");
    assertThat(replica.durable().tasks().size()).isEqualTo(2);
  }

  @Test
  public void anErrorEndsTheWriterBeforeAnythingIsBuiltOnWhatIsLost() {
    var inFlight = save("in flight", new ArrayList<>());
    runtimes.runReady();
    CompletableFuture<String> before = save("before", new ArrayList<>());
    CompletableFuture<String> broken =
        submit(
            tx -> {
              throw new StackOverflowError();
            });
    CompletableFuture<String> after = save("after", new ArrayList<>());
    runtimes.runReady();
    assertThatThrownBy(broken::join).hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(before::join).hasCauseInstanceOf(NotAppliedException.class);
    assertThatThrownBy(after::join).hasCauseInstanceOf(NotAppliedException.class);
    assertThatThrownBy(save("later", new ArrayList<>())::join)
        .hasCauseInstanceOf(NotAppliedException.class);
    assertThat(fatal).hasSize(1);
    journal.confirm(0);
    runtimes.runReady();
    assertThat(inFlight).isCompletedWithValue("in flight");
    assertThat(journal.appends).hasSize(1);
    assertThat(writer.flushed()).satisfies(flushed -> runtimes.runReady()).isCompleted();
  }

  @Test
  public void anEffectThatThrowsKeepsNothingBackAndHasTheNextLeaderRepeatIt() {
    List<String> effects = new ArrayList<>();
    CompletableFuture<String> reply =
        submit(
            tx -> {
              tx.save(task("a"));
              tx.afterCommit(
                  () -> {
                    throw new IllegalStateException("broken effect");
                  });
              return "a";
            });
    var second = save("b", effects);
    runtimes.runReady();
    journal.confirm(0);
    runtimes.runReady();
    assertThat(reply).isCompletedWithValue("a");
    assertThat(second).isCompletedWithValue("b");
    assertThat(effects).containsExactly("effect of b");
    assertThat(fatal).hasSize(1);
    assertThat(replica.durable().tasks().size()).isEqualTo(2);
  }

  @Test
  public void aWriteNotBegunByItsDeadlineIsRefused() {
    for (int i = 0; i < 4; i++) {
      var unused = save("first" + i, new ArrayList<>());
      runtimes.runReady();
    }
    CompletableFuture<String> reply = save("late", new ArrayList<>());
    runtimes.advance(MINUTE.plusSeconds(1));
    assertThatThrownBy(reply::join).hasCauseInstanceOf(NotAppliedException.class);
    journal.confirm(0);
    runtimes.runReady();
    assertThat(journal.appends).hasSize(4);
  }

  @Test
  public void aFullQueueRefusesAtOnceAndOnlyItsClass() {
    List<CompletableFuture<String>> replies = new ArrayList<>();
    for (int i = 0; i < WriteClass.RPC.capacity() + 1; i++) {
      replies.add(save("t" + i, new ArrayList<>()));
    }
    assertThatThrownBy(replies.get(replies.size() - 1)::join)
        .hasCauseInstanceOf(NotAppliedException.class);
    CompletableFuture<Boolean> other = writer.submit(WriteClass.STATUS, deadline(), tx -> true);
    assertThat(other).isNotDone();
  }

  @Test
  public void classesAreServedByTurns() {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "rpc" + i;
      var unused = submit(tx -> order.add(name) ? name : "");
    }
    var unused = writer.submit(WriteClass.STATUS, deadline(), tx -> order.add("status"));
    runtimes.runReady();
    assertThat(order.indexOf("status")).isLessThan(2);
  }

  @Test
  public void stampsNeverRunBackwards() {
    var first = submit(tx -> stamp(tx, "a"));
    runtimes.runReady();
    journal.confirm(0);
    runtimes.runReady();
    runtimes.stepWallClock(Duration.ofHours(-1));
    var second = submit(tx -> stamp(tx, "b"));
    runtimes.runReady();
    journal.confirm(1);
    runtimes.runReady();
    assertThat(Long.parseLong(second.join())).isEqualTo(Long.parseLong(first.join()));
  }

  @Test
  public void aReactionThatThrowsIsUndoneAlone() {
    List<String> failures = new ArrayList<>();
    reactions.add(
        new Reaction() {
          @Override
          public void onTaskChange(WriteTransaction transaction, TaskChange change) {
            if (change.task().assignedTask().taskId().equals("a")) {
              transaction.save(task("half"));
              throw new IllegalStateException("broken");
            }
          }

          @Override
          public void onFailure(
              WriteTransaction transaction, TaskChange change, RuntimeException failure) {
            failures.add(failure.getMessage());
            transaction.save(task("error"));
          }
        });
    var reply = save("a", new ArrayList<>());
    runtimes.runReady();
    journal.confirm(0);
    runtimes.runReady();
    assertThat(reply).isCompletedWithValue("a");
    assertThat(failures).containsExactly("broken");
    assertThat(replica.durable().tasks().get("half")).isNull();
    assertThat(replica.durable().tasks().get("error")).isNotNull();
  }

  @Test
  public void whatReactionsChangeIsReactedToInCausalOrder() {
    List<String> seen = new ArrayList<>();
    reactions.add(
        new Reaction() {
          @Override
          public void onTaskChange(WriteTransaction transaction, TaskChange change) {
            String id = change.task().assignedTask().taskId();
            seen.add(id);
            if (id.length() < 3) {
              transaction.save(task(id + "a"));
            }
          }

          @Override
          public void onFailure(
              WriteTransaction transaction, TaskChange change, RuntimeException failure) {
            throw failure;
          }
        });
    var unused =
        submit(
            tx -> {
              tx.save(task("a"));
              tx.save(task("b"));
              return "";
            });
    runtimes.runReady();
    assertThat(seen).containsExactly("a", "b", "aa", "ba", "aaa", "baa");
  }

  @Test
  public void changesOfHostsAreReactedToAndSoAreTheirConsequences() {
    List<String> seen = new ArrayList<>();
    reactions.add(
        new Reaction() {
          @Override
          public void onTaskChange(WriteTransaction transaction, TaskChange change) {
            seen.add(change.task().assignedTask().taskId());
          }

          @Override
          public void onHostChange(
              WriteTransaction transaction, @Nullable HostAttributes before, HostAttributes after) {
            seen.add((before == null ? "new" : before.mode()) + " " + after.mode());
            transaction.save(task(after.host()));
            if (after.mode() == MaintenanceMode.DRAINED) {
              throw new IllegalStateException("broken");
            }
          }

          @Override
          public void onFailure(
              WriteTransaction transaction, TaskChange change, RuntimeException failure) {
            throw failure;
          }
        });
    var reply =
        submit(
            tx -> {
              saveHost(tx, MaintenanceMode.NONE);
              saveHost(tx, MaintenanceMode.DRAINED);
              return "";
            });
    runtimes.runReady();
    journal.confirm(0);
    runtimes.runReady();

    assertThat(reply).isCompletedWithValue("");
    assertThat(seen).containsExactly("new NONE", "h", "NONE DRAINED");
    assertThat(replica.durable().hosts().get("h").mode()).isEqualTo(MaintenanceMode.DRAINED);
  }

  private static void saveHost(WriteTransaction transaction, MaintenanceMode mode) {
    transaction.change(
        new Op.SaveHostAttributes(
            new SaveHostAttributes(new HostAttributes("h", ImmutableSet.of(), mode, "agent"))));
  }

  @Test
  public void closingRefusesWhatWaitsAndSettlesWhatIsInFlight() {
    List<CompletableFuture<String>> inFlight = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      inFlight.add(save("f" + i, new ArrayList<>()));
      runtimes.runReady();
    }
    CompletableFuture<String> waiting = save("waiting", new ArrayList<>());
    writer.close("stepping down");
    CompletableFuture<Void> flushed = writer.flushed();
    runtimes.runReady();
    assertThatThrownBy(waiting::join).hasCauseInstanceOf(NotAppliedException.class);
    assertThat(flushed).isNotDone();
    for (int i = 0; i < 4; i++) {
      journal.confirm(i);
    }
    runtimes.runReady();
    assertThat(flushed).isCompleted();
    inFlight.forEach(reply -> assertThat(reply).isCompleted());
  }

  @Test
  public void aReplayedTransactionIsSkipped() throws Exception {
    var unused = save("a", new ArrayList<>());
    runtimes.runReady();
    journal.confirm(0);
    runtimes.runReady();
    Replica follower = new Replica(codec);
    follower.onEntry(1, journal.appends.get(0).payload);
    State once = follower.durable();
    follower.onEntry(2, journal.appends.get(0).payload);
    assertThat(Snapshots.of(follower.durable())).isEqualTo(Snapshots.of(once));
    assertThat(Snapshots.of(once)).isEqualTo(Snapshots.of(replica.durable()));
  }

  private String stamp(WriteTransaction tx, String id) {
    tx.save(task(id));
    return Long.toString(tx.nowMs());
  }

  private CompletableFuture<String> save(String id, List<String> effects) {
    return submit(
        tx -> {
          tx.save(task(id));
          tx.afterCommit(() -> effects.add("effect of " + id));
          return id;
        });
  }

  private CompletableFuture<String> submit(
      java.util.function.Function<WriteTransaction, String> work) {
    return writer.submit(WriteClass.RPC, deadline(), work);
  }

  private long deadline() {
    return runtimes.clock().nanoTime() + MINUTE.toNanos();
  }

  private static ScheduledTask task(String id) {
    return Fixtures.task(id, Fixtures.config(Fixtures.JOB), id.hashCode(), ScheduleStatus.PENDING);
  }

  /** Lets each test choose its reactions. */
  private final class Delegating implements Reaction {
    @Override
    public void onTaskChange(WriteTransaction transaction, TaskChange change) {
      reactions.forEach(reaction -> reaction.onTaskChange(transaction, change));
    }

    @Override
    public void onHostChange(
        WriteTransaction transaction, @Nullable HostAttributes before, HostAttributes after) {
      reactions.forEach(reaction -> reaction.onHostChange(transaction, before, after));
    }

    @Override
    public void onFailure(
        WriteTransaction transaction, TaskChange change, RuntimeException failure) {
      reactions.forEach(reaction -> reaction.onFailure(transaction, change, failure));
    }
  }

  private record Append(EntryPayload payload, CompletableFuture<Long> done) {}

  /** Settles appends when told. */
  private static final class HeldJournal extends StubJournal {
    private final List<Append> appends = new ArrayList<>();

    void confirm(int append) {
      appends.get(append).done.complete(append + 1L);
    }

    void fail(int append, Exception failure) {
      appends.get(append).done.completeExceptionally(new CompletionException(failure));
    }

    @Override
    public CompletionStage<Long> append(EntryPayload payload) {
      Append append = new Append(payload, new CompletableFuture<>());
      appends.add(append);
      return append.done;
    }
  }
}
