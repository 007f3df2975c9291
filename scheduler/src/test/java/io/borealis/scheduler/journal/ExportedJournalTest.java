package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A journal that was copied to files is read as a follower reads one. */
public class ExportedJournalTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final EntryCodec codec = new EntryCodec();
  private State state = State.EMPTY;
  private Path folder;
  private long index;

  @Before
  public void prepare() throws IOException {
    folder = temporary.getRoot().toPath();
    Files.createDirectories(folder.resolve("entries"));
    Files.createDirectories(folder.resolve("snapshots"));
    Files.writeString(folder.resolve("cluster"), "west\n/aurora\n");
  }

  @Test
  public void anEmptyOneIsAnEmptyState() throws Exception {
    assertThat(read().transaction()).isZero();
    assertThat(ExportedJournal.cluster(folder)).isEqualTo("west");
  }

  @Test
  public void entriesAloneAndEntriesBehindASnapshotGiveTheSame() throws Exception {
    entry(Frame.takeover("a", 1));
    save("t1");
    save("t2");
    snapshot();
    save("t3");
    save("t4");
    assertThat(read().tasks().size()).isEqualTo(4);
    for (long gone = 1; gone <= 3; gone++) {
      Files.delete(entry(gone));
    }
    assertThat(read().tasks().size()).isEqualTo(4);
  }

  @Test
  public void whatIsMissingOrBrokenIsNamed() throws Exception {
    save("t1");
    save("t2");
    save("t3");
    byte[] bytes = Files.readAllBytes(entry(3));
    bytes[bytes.length - 1] ^= 1;
    Files.write(entry(3), bytes);
    assertThatThrownBy(this::read).hasMessageContaining("entry 3: its checksum is");
    Files.delete(entry(2));
    assertThatThrownBy(this::read).hasMessage("entries 2 to 2 are missing");
  }

  private State read() throws Exception {
    Replica replica = new Replica(codec);
    ExportedJournal.read(folder, replica);
    return replica.durable();
  }

  private void save(String task) throws IOException {
    Transaction transaction =
        Transaction.builder()
            .number(state.transaction() + 1)
            .stampMs(1)
            .ops(
                ImmutableList.of(
                    new Op.SaveTasks(
                        new SaveTasks(
                            ImmutableSet.of(
                                Fixtures.task(
                                    task,
                                    Fixtures.config(Fixtures.JOB),
                                    Math.toIntExact(state.transaction()),
                                    ScheduleStatus.RUNNING))))))
            .build();
    state = state.apply(transaction);
    entry(Frame.of(codec.encode(List.of(transaction)), 1, 512 * 1024).get(0));
  }

  private void entry(Frame frame) throws IOException {
    Files.write(entry(++index), frame.encode());
  }

  private Path entry(long number) {
    return folder.resolve("entries").resolve("%020d".formatted(number));
  }

  private void snapshot() throws IOException {
    SnapshotPayload payload =
        codec.pack(state.transaction(), codec.encodeSnapshot(Snapshots.of(state)));
    byte[] bytes = payload.bytes();
    Path target = folder.resolve("snapshots").resolve("%020d".formatted(index));
    Files.createDirectories(target);
    Files.write(target.resolve("chunk-00000"), bytes);
    Files.write(
        target.resolve("manifest"),
        Layout.encode(
            new SnapshotManifest(
                1,
                index,
                1,
                payload.lastTransaction(),
                payload.digest(),
                payload.codec(),
                1,
                bytes.length,
                Layout.checksum(bytes))));
  }
}
