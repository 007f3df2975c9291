package io.borealis.scheduler.store;

import static io.borealis.scheduler.store.Fixtures.JOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredJobUpdateDetails;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * What State keeps of updates, wherever the records come from (update rules, sections 1.3 to 1.8).
 */
public class UpdateStoreTest {
  private static final TaskConfig OLD = Fixtures.config(JOB, "old");
  private static final TaskConfig NEW = Fixtures.config(JOB, "new");
  private static final JobUpdateSettings LEGACY =
      JobUpdateSettings.builder().updateGroupSize(2).build();

  private final TestStore store = TestStore.create();

  private static JobUpdate update(String id) {
    return Fixtures.update(id, OLD, NEW, 2, LEGACY);
  }

  private static JobUpdateKey key(String id) {
    return new JobUpdateKey(JOB, id);
  }

  private static Op save(JobUpdate update) {
    return new Op.SaveJobUpdate(new SaveJobUpdate(update));
  }

  private static Op event(String id, JobUpdateStatus status, long atMs) {
    return new Op.SaveJobUpdateEvent(
        new SaveJobUpdateEvent(
            JobUpdateEvent.builder().status(status).timestampMs(atMs).build(), key(id)));
  }

  private static Op event(String id, int instance, JobUpdateAction action, long atMs) {
    return new Op.SaveJobInstanceUpdateEvent(
        new SaveJobInstanceUpdateEvent(
            new JobInstanceUpdateEvent(instance, atMs, action, null), key(id)));
  }

  private static JobUpdate instructed(
      ImmutableSet<InstanceTaskConfig> initial, @Nullable InstanceTaskConfig desired) {
    return update("u").toBuilder()
        .instructions(
            JobUpdateInstructions.builder()
                .initialState(initial)
                .desiredState(desired)
                .settings(LEGACY)
                .build())
        .build();
  }

  private static InstanceTaskConfig group(@Nullable TaskConfig task, Range... ranges) {
    return InstanceTaskConfig.builder().task(task).instances(ImmutableSet.copyOf(ranges)).build();
  }

  /** S-1. */
  @Test
  public void instructionsThatNoUpdateCanHaveAreRefused() {
    Range range = new Range(0, 1);
    refuses(
        instructed(ImmutableSet.of(), null),
        IllegalArgumentException.class,
        "An update needs an initialState, a desiredState or both.");
    refuses(
        instructed(ImmutableSet.of(group(null, range)), null),
        NullPointerException.class,
        "initialState of an update needs a task.");
    refuses(
        instructed(ImmutableSet.of(group(OLD, range), group(NEW)), null),
        IllegalArgumentException.class,
        "initialState of an update needs instances.");
    refuses(
        instructed(ImmutableSet.of(), group(null, range)),
        NullPointerException.class,
        "desiredState of an update needs a task.");
    refuses(
        instructed(ImmutableSet.of(group(OLD, range)), group(NEW)),
        IllegalArgumentException.class,
        "desiredState of an update needs instances.");
  }

  private void refuses(JobUpdate update, Class<? extends Exception> kind, String text) {
    assertThatThrownBy(() -> store.change(tx -> tx.change(save(update))))
        .isInstanceOf(kind)
        .hasMessage(text);
    assertThat(store.state().updates().size()).isZero();
    assertThat(store.entries()).isZero();
  }

  /** S-2. */
  @Test
  public void setsThatAreMissingAreReadAsEmpty() {
    JobUpdate update = instructed(ImmutableSet.of(), group(NEW, new Range(0, 0)));
    store.change(tx -> tx.change(save(update)));

    TestStore next = store.failover();

    JobUpdateInstructions read =
        next.state().updates().get(key("u")).details().update().instructions();
    assertThat(read.initialState()).isEmpty();
    assertThat(read.settings().updateOnlyTheseInstances()).isEmpty();
    assertThat(next.state().updates().get(key("u")).summary().metadata()).isEmpty();
  }

  /** S-3. */
  @Test
  public void updatesAreRemovedByKey() {
    store.change(tx -> List.of("u1", "u2", "u3").forEach(id -> tx.change(save(update(id)))));

    remove("u1", "u3");
    assertThat(ids()).containsExactly("u2");
    remove("u1");
    assertThat(ids()).containsExactly("u2");
    remove("u2");
    assertThat(ids()).isEmpty();
    assertThat(store.state().updates().ofJob(JOB)).isEmpty();
    assertThat(store.failover().state().updates().size()).isZero();
  }

  private void remove(String... ids) {
    ImmutableSet.Builder<JobUpdateKey> keys = ImmutableSet.builder();
    for (String id : ids) {
      keys.add(key(id));
    }
    store.change(tx -> tx.change(new Op.RemoveJobUpdate(new RemoveJobUpdates(keys.build()))));
  }

  private List<String> ids() {
    return ImmutableList.copyOf(store.state().updates().all()).stream()
        .map(update -> update.key().id())
        .toList();
  }

  /** S-4. */
  @Test
  public void anEventOfAnUpdateThatIsNotThereIsAnError() {
    for (Op event :
        List.of(
            event("u", JobUpdateStatus.ABORTED, 1),
            event("u", 0, JobUpdateAction.INSTANCE_UPDATING, 1))) {
      assertThatThrownBy(() -> store.change(tx -> tx.change(event)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("There is no update ")
          .hasMessageContaining("id=u");
    }
    assertThat(store.entries()).isZero();
  }

  /** W-20: one such record does not keep the others from being read. */
  @Test
  public void anEventOfAnUpdateThatIsNotThereIsSkippedInAJournal() throws Exception {
    State state =
        replayed(
            transaction(1, event("gone", JobUpdateStatus.ABORTED, 1)),
            transaction(
                2, save(update("u")), event("gone", 0, JobUpdateAction.INSTANCE_UPDATED, 2)),
            transaction(3, event("u", JobUpdateStatus.ROLLING_FORWARD, 3)));

    assertThat(state.updates().size()).isEqualTo(1);
    assertThat(state.updates().get(key("u")).status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
  }

  /** W-20. */
  @Test
  public void whatIsReadTwiceCountsOnce() throws Exception {
    Transaction[] history = {
      transaction(1, save(update("u"))),
      transaction(2, event("u", JobUpdateStatus.ROLLING_FORWARD, 2)),
      transaction(3, event("u", 0, JobUpdateAction.INSTANCE_UPDATING, 3)),
      transaction(4, event("u", JobUpdateStatus.ABORTED, 4))
    };
    State once = replayed(history);

    State twice = replayed(ImmutableList.copyOf(history), ImmutableList.copyOf(history));
    State fromSnapshot = Snapshots.toState(Snapshots.of(once));
    for (Transaction transaction : history) {
      fromSnapshot = fromSnapshot.apply(transaction);
    }

    for (State state : List.of(twice, fromSnapshot)) {
      assertThat(state.transaction()).isEqualTo(4);
      assertThat(state.updates().get(key("u")).details())
          .isEqualTo(once.updates().get(key("u")).details());
    }
    assertThat(once.updates().get(key("u")).events()).hasSize(2);
    assertThat(once.updates().get(key("u")).instanceEvents()).hasSize(1);
  }

  private static Transaction transaction(long number, Op... ops) {
    return Transaction.builder()
        .number(number)
        .stampMs(number)
        .ops(ImmutableList.copyOf(ops))
        .build();
  }

  /** The State of a follower that reads these from a journal, each as an entry. */
  private static State replayed(Transaction... history) throws Exception {
    return replayed(ImmutableList.copyOf(history), ImmutableList.of());
  }

  private static State replayed(List<Transaction> history, List<Transaction> again)
      throws Exception {
    EntryCodec codec = new EntryCodec();
    Replica follower = new Replica(codec);
    long index = 0;
    for (Transaction transaction : history) {
      EntryPayload entry = codec.encode(List.of(transaction));
      follower.onEntry(++index, entry);
    }
    for (Transaction transaction : again) {
      follower.onEntry(++index, codec.encode(List.of(transaction)));
    }
    return follower.durable();
  }

  /** Settings as somebody stored them, and the strategy they stand for. */
  private record Backfill(JobUpdateSettings stored, JobUpdateStrategy strategy) {}

  private static final List<Backfill> BACKFILLS =
      List.of(
          new Backfill(LEGACY, new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(2))),
          new Backfill(
              LEGACY.toBuilder().waitForBatchCompletion(true).build(),
              new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(2, false))),
          new Backfill(
              LEGACY.toBuilder()
                  .waitForBatchCompletion(true)
                  .updateStrategy(
                      new JobUpdateStrategy.VarBatchStrategy(
                          new VariableBatchJobUpdateStrategy(ImmutableList.of(1, 3), true)))
                  .build(),
              new JobUpdateStrategy.VarBatchStrategy(
                  new VariableBatchJobUpdateStrategy(ImmutableList.of(1, 3), true))));

  /** Section 1.5, for records of journals and of snapshots. */
  @Test
  public void oldSettingsAreShownWithTheStrategyTheyStandFor() throws Exception {
    for (Backfill each : BACKFILLS) {
      JobUpdate stored = Fixtures.update("u", OLD, NEW, 2, each.stored());
      Snapshot snapshot =
          Snapshot.builder()
              .jobUpdateDetails(
                  ImmutableSet.of(
                      new StoredJobUpdateDetails(
                          JobUpdateDetails.builder().update(stored).build())))
              .build();
      for (State state :
          List.of(replayed(transaction(1, save(stored))), Snapshots.toState(snapshot))) {
        assertThat(state.updates().get(key("u")).details().update().instructions().settings())
            .isEqualTo(
                each.stored().toBuilder()
                    .blockIfNoPulsesAfterMs(0)
                    .slaAware(false)
                    .updateStrategy(each.strategy())
                    .build());
      }
    }
  }

  @Test
  public void ofBrokenRecordsTheRestIsReadable() throws Exception {
    JobUpdate noSettings =
        update("u").toBuilder()
            .instructions(update("u").instructions().toBuilder().settings(null).build())
            .build();
    State state =
        replayed(
            transaction(1, save(noSettings)),
            transaction(2, save(instructed(ImmutableSet.of(group(null)), group(null)))),
            transaction(3, save(update("good"))));

    assertThat(state.updates().size()).isEqualTo(2);
    assertThat(state.updates().get(key("good")).plan().size()).isEqualTo(3);
  }
}
