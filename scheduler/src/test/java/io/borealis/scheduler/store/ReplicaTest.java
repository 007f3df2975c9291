package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.journal.SnapshotManifest;
import io.borealis.scheduler.journal.SnapshotPayload;
import java.util.List;
import org.junit.Test;

/** What a follower makes of entries and snapshots. */
public class ReplicaTest {
  private final EntryCodec codec = new EntryCodec();
  private final Replica replica = new Replica(codec);

  @Test
  public void aStateThatDiffersFromASnapshotIsReplacedByItAlthoughItIsNewer() throws Exception {
    replica.onEntry(1, entry(1, "mine"));
    replica.onEntry(2, entry(2, "later"));
    SnapshotPayload others = snapshot(entry(1, "theirs"));
    SnapshotManifest manifest = manifest(1, others);

    assertThatThrownBy(() -> replica.onManifest(1, manifest))
        .isInstanceOf(CorruptJournalException.class)
        .hasMessageContaining("digest");
    replica.onSnapshot(1, manifest, others.bytes());

    assertThat(replica.durable().tasks().get("theirs")).isNotNull();
    assertThat(replica.durable().tasks().get("mine")).isNull();
    replica.onEntry(2, entry(2, "later"));
    assertThat(replica.durable().tasks().get("later")).isNotNull();
    replica.onManifest(1, manifest);
  }

  @Test
  public void aSnapshotThatAgreesChangesNothing() throws Exception {
    replica.onEntry(1, entry(1, "a"));
    replica.onEntry(2, entry(2, "b"));

    replica.onManifest(1, manifest(1, snapshot(entry(1, "a"))));

    assertThat(replica.durable().transaction()).isEqualTo(2);
  }

  @Test
  public void bytesThatAreNotThoseOfTheManifestAreRefusedAndLeaveTheStateAsItWas()
      throws Exception {
    replica.onEntry(1, entry(1, "a"));
    SnapshotManifest manifest = manifest(2, snapshot(entry(2, "b")));
    byte[] others = snapshot(entry(2, "c")).bytes();

    assertThatThrownBy(() -> replica.onSnapshot(2, manifest, others))
        .isInstanceOf(CorruptJournalException.class);

    assertThat(replica.durable().tasks().get("a")).isNotNull();
  }

  private EntryPayload entry(long number, String task) {
    ScheduledTask saved =
        Fixtures.task(task, Fixtures.config(Fixtures.JOB), 0, ScheduleStatus.PENDING);
    return codec.encode(
        List.of(
            Transaction.builder()
                .number(number)
                .stampMs(number)
                .ops(List.of(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(saved)))))
                .build()));
  }

  /** What a leader that has seen just this writes. */
  private SnapshotPayload snapshot(EntryPayload entry) throws CorruptJournalException {
    State state = State.EMPTY.apply(codec.decode(entry).get(0));
    return codec.pack(state.transaction(), codec.encodeSnapshot(Snapshots.of(state)));
  }

  private static SnapshotManifest manifest(long index, SnapshotPayload payload) {
    return new SnapshotManifest(
        1,
        index,
        1,
        payload.lastTransaction(),
        payload.digest(),
        payload.codec(),
        1,
        payload.bytes().length,
        0);
  }
}
