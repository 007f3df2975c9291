package io.borealis.scheduler.journal;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.StructType;
import io.borealis.api.storage.DeduplicatedSnapshot;
import io.borealis.api.storage.JournalEntry;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RestoreStateCompact;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.transport.TMemoryInputTransport;

/**
 * Turns transactions and whole states into bytes and back. Every distinct task configuration is
 * written once per entry and once per snapshot, and equal ones are one object after reading.
 * Thread-safe.
 *
 * <p>Configurations count as the same only when their bytes are: sets that are equal in another
 * order stay apart, so that leader and followers hold exactly the same bytes and their digests can
 * be compared.
 */
public final class EntryCodec {
  /** Thrift binary, as it is. */
  private static final int PLAIN = 0;

  /** Thrift binary, deflated, behind its length as four bytes. */
  private static final int DEFLATED = 1;

  private static final int WORTH_DEFLATING = 1024;
  private static final int LARGEST = 1 << 30;

  /** Keeps configurations by their bytes, as long as somebody holds them. */
  private final Cache<HashCode, TaskConfig> known = CacheBuilder.newBuilder().weakValues().build();

  private final EntryCodecInput.Texts texts = new EntryCodecInput.Texts();

  /** The transactions as one entry; they must be consecutive and at least one. */
  public EntryPayload encode(List<Transaction> transactions) {
    EntryCodecTable table = new EntryCodecTable();
    List<Transaction> compact = new ArrayList<>(transactions.size());
    for (Transaction transaction : transactions) {
      ImmutableList.Builder<Op> ops = ImmutableList.builder();
      for (Op op : transaction.ops()) {
        ops.add(CompactForms.compact(op, table));
      }
      compact.add(transaction.toBuilder().ops(ops.build()).build());
    }
    byte[] plain =
        table.bytes(
            JournalEntry.TYPE,
            JournalEntry.builder().taskConfigs(table.configs()).transactions(compact).build());
    boolean deflate = plain.length >= WORTH_DEFLATING;
    return new EntryPayload(
        transactions.get(0).number(),
        transactions.get(transactions.size() - 1).number(),
        deflate ? DEFLATED : PLAIN,
        deflate ? Deflation.deflate(plain) : plain);
  }

  /** The transactions of an entry. */
  public ImmutableList<Transaction> decode(EntryPayload payload) throws CorruptJournalException {
    JournalEntry entry = read(JournalEntry.TYPE, unpack(payload.codec(), payload.bytes()));
    List<TaskConfig> configs = intern(entry.taskConfigs());
    ImmutableList.Builder<Transaction> transactions = ImmutableList.builder();
    for (Transaction transaction : entry.transactions()) {
      ImmutableList.Builder<Op> ops = ImmutableList.builder();
      for (Op op : transaction.ops()) {
        ops.add(CompactForms.expand(op, configs));
      }
      transactions.add(transaction.toBuilder().ops(ops.build()).build());
    }
    return transactions.build();
  }

  /** A whole state in canonical bytes: equal states give equal bytes. */
  public byte[] encodeSnapshot(Snapshot snapshot) {
    EntryCodecTable table = new EntryCodecTable();
    RestoreStateCompact compact = CompactForms.compact(snapshot, table);
    return table.bytes(
        DeduplicatedSnapshot.TYPE,
        DeduplicatedSnapshot.builder()
            .partialSnapshot(compact.partialSnapshot())
            .partialTasks(compact.partialTasks())
            .taskConfigs(table.configs())
            .partialUpdates(compact.partialUpdates())
            .build());
  }

  /** The state in the bytes of {@link #encodeSnapshot}. */
  public Snapshot decodeSnapshot(byte[] bytes) throws CorruptJournalException {
    DeduplicatedSnapshot read = read(DeduplicatedSnapshot.TYPE, bytes);
    return CompactForms.expand(
        RestoreStateCompact.builder()
            .partialSnapshot(read.partialSnapshot())
            .partialTasks(read.partialTasks())
            .partialUpdates(read.partialUpdates())
            .build(),
        intern(read.taskConfigs()));
  }

  /** The bytes of a whole state with what a snapshot's manifest says of them. */
  public SnapshotPayload pack(long lastTransaction, byte[] snapshot) {
    return new SnapshotPayload(
        lastTransaction, digest(snapshot), DEFLATED, Deflation.deflate(snapshot));
  }

  /** The bytes as they were before they were packed. */
  public byte[] unpack(int codec, byte[] bytes) throws CorruptJournalException {
    return switch (codec) {
      case PLAIN -> bytes;
      case DEFLATED -> Deflation.inflate(bytes);
      default -> throw new CorruptJournalException("Codec " + codec + " is not known");
    };
  }

  /** The digest of the bytes of a whole state. */
  public String digest(byte[] snapshot) {
    return "sha256:" + Hashing.sha256().hashBytes(snapshot);
  }

  private List<TaskConfig> intern(List<TaskConfig> configs) {
    List<TaskConfig> interned = new ArrayList<>(configs.size());
    for (TaskConfig config : configs) {
      interned.add(shared(config));
    }
    return interned;
  }

  /** The configuration as the one object that all with the same bytes share. */
  public TaskConfig shared(TaskConfig config) {
    HashCode digest = Hashing.sha256().hashBytes(new EntryCodecTable().encoded(config));
    TaskConfig first = known.asMap().putIfAbsent(digest, config);
    return first == null ? config : first;
  }

  /** Reads a value as long as this from a stream, see {@link EntryCodecStreams}. */
  public <T> T read(StructType<T> type, InputStream in, long length)
      throws IOException, CorruptJournalException {
    return EntryCodecStreams.read(type, in, length, texts);
  }

  private <T> T read(StructType<T> type, byte[] bytes) throws CorruptJournalException {
    try {
      TConfiguration limits = new TConfiguration(LARGEST, LARGEST, 64);
      return type.read(new EntryCodecInput(new TMemoryInputTransport(limits, bytes), texts));
    } catch (TException | RuntimeException broken) {
      throw new CorruptJournalException("Cannot be read: " + broken.getMessage(), broken);
    }
  }
}
