package io.borealis.scheduler.journal;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.StructType;
import io.borealis.api.storage.DeduplicatedScheduledTask;
import io.borealis.api.storage.DeduplicatedSnapshot;
import io.borealis.api.storage.JournalEntry;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateCompact;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.SaveTasksCompact;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredJobUpdateDetails;
import io.borealis.api.storage.Transaction;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.jspecify.annotations.Nullable;

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
    ConfigTable table = new ConfigTable();
    List<Transaction> compact = new ArrayList<>(transactions.size());
    for (Transaction transaction : transactions) {
      ImmutableList.Builder<Op> ops = ImmutableList.builder();
      for (Op op : transaction.ops()) {
        ops.add(compact(op, table));
      }
      compact.add(transaction.toBuilder().ops(ops.build()).build());
    }
    byte[] plain =
        bytes(
            JournalEntry.TYPE,
            JournalEntry.builder().taskConfigs(table.configs).transactions(compact).build());
    boolean deflate = plain.length >= WORTH_DEFLATING;
    return new EntryPayload(
        transactions.get(0).number(),
        transactions.get(transactions.size() - 1).number(),
        deflate ? DEFLATED : PLAIN,
        deflate ? deflate(plain) : plain);
  }

  /** The transactions of an entry. */
  public ImmutableList<Transaction> decode(EntryPayload payload) throws CorruptJournalException {
    JournalEntry entry = read(JournalEntry.TYPE, unpack(payload.codec(), payload.bytes()));
    List<TaskConfig> configs = intern(entry.taskConfigs());
    ImmutableList.Builder<Transaction> transactions = ImmutableList.builder();
    for (Transaction transaction : entry.transactions()) {
      ImmutableList.Builder<Op> ops = ImmutableList.builder();
      for (Op op : transaction.ops()) {
        ops.add(expand(op, configs));
      }
      transactions.add(transaction.toBuilder().ops(ops.build()).build());
    }
    return transactions.build();
  }

  /** A whole state in canonical bytes: equal states give equal bytes. */
  public byte[] encodeSnapshot(Snapshot snapshot) {
    ConfigTable table = new ConfigTable();
    List<DeduplicatedScheduledTask> tasks = new ArrayList<>(snapshot.tasks().size());
    for (ScheduledTask task : snapshot.tasks()) {
      tasks.add(compact(task, table));
    }
    List<SaveJobUpdateCompact> updates = new ArrayList<>();
    ImmutableSet.Builder<StoredJobUpdateDetails> details = ImmutableSet.builder();
    for (StoredJobUpdateDetails stored : snapshot.jobUpdateDetails()) {
      JobUpdate update = stored.details().update();
      updates.add(compact(update, table));
      // The summary stays, which keeps the members of the set apart.
      JobUpdate summaryOnly = update.toBuilder().instructions(null).build();
      details.add(
          new StoredJobUpdateDetails(stored.details().toBuilder().update(summaryOnly).build()));
    }
    Snapshot partial =
        snapshot.toBuilder().tasks(ImmutableSet.of()).jobUpdateDetails(details.build()).build();
    return bytes(
        DeduplicatedSnapshot.TYPE,
        DeduplicatedSnapshot.builder()
            .partialSnapshot(partial)
            .partialTasks(tasks)
            .taskConfigs(table.configs)
            .partialUpdates(updates)
            .build());
  }

  /** The state in the bytes of {@link #encodeSnapshot}. */
  public Snapshot decodeSnapshot(byte[] bytes) throws CorruptJournalException {
    DeduplicatedSnapshot compact = read(DeduplicatedSnapshot.TYPE, bytes);
    Snapshot partial = compact.partialSnapshot();
    if (partial == null) {
      throw new CorruptJournalException("The snapshot is empty");
    }
    List<TaskConfig> configs = intern(compact.taskConfigs());
    ImmutableSet.Builder<ScheduledTask> tasks =
        ImmutableSet.builderWithExpectedSize(compact.partialTasks().size());
    for (DeduplicatedScheduledTask task : compact.partialTasks()) {
      tasks.add(expand(task, configs));
    }
    if (compact.partialUpdates().size() != partial.jobUpdateDetails().size()) {
      throw new CorruptJournalException("The snapshot has updates without details or the reverse");
    }
    ImmutableSet.Builder<StoredJobUpdateDetails> details = ImmutableSet.builder();
    int next = 0;
    for (StoredJobUpdateDetails stored : partial.jobUpdateDetails()) {
      JobUpdate update = expand(compact.partialUpdates().get(next++), configs);
      details.add(new StoredJobUpdateDetails(stored.details().toBuilder().update(update).build()));
    }
    return partial.toBuilder().tasks(tasks.build()).jobUpdateDetails(details.build()).build();
  }

  /** The bytes of a whole state with what a snapshot's manifest says of them. */
  public SnapshotPayload pack(long lastTransaction, byte[] snapshot) {
    return new SnapshotPayload(lastTransaction, digest(snapshot), DEFLATED, deflate(snapshot));
  }

  /** The bytes as they were before they were packed. */
  public byte[] unpack(int codec, byte[] bytes) throws CorruptJournalException {
    return switch (codec) {
      case PLAIN -> bytes;
      case DEFLATED -> inflate(bytes);
      default -> throw new CorruptJournalException("Codec " + codec + " is not known");
    };
  }

  /** The digest of the bytes of a whole state. */
  public String digest(byte[] snapshot) {
    return "sha256:" + Hashing.sha256().hashBytes(snapshot);
  }

  private static Op compact(Op op, ConfigTable table) {
    if (op instanceof Op.SaveTasks save) {
      List<DeduplicatedScheduledTask> tasks = new ArrayList<>(save.value().tasks().size());
      for (ScheduledTask task : save.value().tasks()) {
        tasks.add(compact(task, table));
      }
      return new Op.SaveTasksCompact(SaveTasksCompact.builder().tasks(tasks).build());
    } else if (op instanceof Op.SaveJobUpdate save) {
      return new Op.SaveJobUpdateCompact(compact(save.value().jobUpdate(), table));
    }
    return op;
  }

  private static Op expand(Op op, List<TaskConfig> configs) throws CorruptJournalException {
    if (op instanceof Op.SaveTasksCompact save) {
      ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builder();
      for (DeduplicatedScheduledTask task : save.value().tasks()) {
        tasks.add(expand(task, configs));
      }
      return new Op.SaveTasks(new SaveTasks(tasks.build()));
    } else if (op instanceof Op.SaveJobUpdateCompact save) {
      return new Op.SaveJobUpdate(new SaveJobUpdate(expand(save.value(), configs)));
    } else if (op instanceof Op.Unknown unknown) {
      throw new CorruptJournalException(
          "It holds an operation with id %d, which this release does not know"
              .formatted(unknown.fieldId()));
    }
    return op;
  }

  private static DeduplicatedScheduledTask compact(ScheduledTask task, ConfigTable table) {
    return DeduplicatedScheduledTask.builder()
        .partialScheduledTask(
            task.toBuilder()
                .assignedTask(task.assignedTask().toBuilder().task(null).build())
                .build())
        .taskConfigId(table.idOf(task.assignedTask().task()))
        .build();
  }

  private static ScheduledTask expand(DeduplicatedScheduledTask task, List<TaskConfig> configs)
      throws CorruptJournalException {
    ScheduledTask partial = task.partialScheduledTask();
    if (partial == null || partial.assignedTask() == null) {
      throw new CorruptJournalException("A task is empty");
    }
    return partial.toBuilder()
        .assignedTask(
            partial.assignedTask().toBuilder().task(config(configs, task.taskConfigId())).build())
        .build();
  }

  private static SaveJobUpdateCompact compact(JobUpdate update, ConfigTable table) {
    JobUpdateInstructions instructions = update.instructions();
    ImmutableList.Builder<Integer> initial = ImmutableList.builder();
    ImmutableSet.Builder<InstanceTaskConfig> ranges = ImmutableSet.builder();
    for (InstanceTaskConfig group : instructions.initialState()) {
      initial.add(table.idOf(group.task()));
      ranges.add(group.toBuilder().task(null).build());
    }
    InstanceTaskConfig desired = instructions.desiredState();
    JobUpdateInstructions compact =
        instructions.toBuilder()
            .initialState(ranges.build())
            .desiredState(desired == null ? null : desired.toBuilder().task(null).build())
            .build();
    return SaveJobUpdateCompact.builder()
        .update(update.toBuilder().instructions(compact).build())
        .initialConfigIds(initial.build())
        .desiredConfigId(desired == null ? -1 : table.idOf(desired.task()))
        .build();
  }

  private static JobUpdate expand(SaveJobUpdateCompact save, List<TaskConfig> configs)
      throws CorruptJournalException {
    JobUpdate update = save.update();
    if (update == null || update.instructions() == null) {
      throw new CorruptJournalException("An update is empty");
    }
    JobUpdateInstructions instructions = update.instructions();
    if (instructions.initialState().size() != save.initialConfigIds().size()) {
      throw new CorruptJournalException("The groups of an update and their configurations differ");
    }
    ImmutableSet.Builder<InstanceTaskConfig> initial = ImmutableSet.builder();
    int next = 0;
    for (InstanceTaskConfig group : instructions.initialState()) {
      TaskConfig config = config(configs, save.initialConfigIds().get(next++));
      initial.add(group.toBuilder().task(config).build());
    }
    InstanceTaskConfig desired = instructions.desiredState();
    return update.toBuilder()
        .instructions(
            instructions.toBuilder()
                .initialState(initial.build())
                .desiredState(
                    desired == null
                        ? null
                        : desired.toBuilder().task(config(configs, save.desiredConfigId())).build())
                .build())
        .build();
  }

  private static @Nullable TaskConfig config(List<TaskConfig> configs, int id)
      throws CorruptJournalException {
    if (id < -1 || id >= configs.size()) {
      throw new CorruptJournalException("There is no task configuration number " + id);
    }
    return id == -1 ? null : configs.get(id);
  }

  private List<TaskConfig> intern(List<TaskConfig> configs) {
    List<TaskConfig> interned = new ArrayList<>(configs.size());
    for (TaskConfig config : configs) {
      HashCode digest = Hashing.sha256().hashBytes(bytes(TaskConfig.TYPE, config));
      TaskConfig first = known.asMap().putIfAbsent(digest, config);
      interned.add(first == null ? config : first);
    }
    return interned;
  }

  private static <T> byte[] bytes(StructType<T> type, T value) {
    try {
      TMemoryBuffer buffer = new TMemoryBuffer(1024);
      type.write(new TBinaryProtocol(buffer), value);
      byte[] bytes = new byte[buffer.length()];
      System.arraycopy(buffer.getArray(), 0, bytes, 0, bytes.length);
      return bytes;
    } catch (TException impossible) {
      throw new IllegalStateException("A value of memory cannot be written", impossible);
    }
  }

  private <T> T read(StructType<T> type, byte[] bytes) throws CorruptJournalException {
    try {
      TConfiguration limits = new TConfiguration(LARGEST, LARGEST, 64);
      return type.read(new EntryCodecInput(new TMemoryInputTransport(limits, bytes), texts));
    } catch (TException | RuntimeException broken) {
      throw new CorruptJournalException("Cannot be read: " + broken.getMessage(), broken);
    }
  }

  private static byte[] deflate(byte[] plain) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + 16);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(plain.length).array());
      byte[] buffer = new byte[Math.min(plain.length + 64, 64 * 1024)];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static byte[] inflate(byte[] bytes) throws CorruptJournalException {
    if (bytes.length < Integer.BYTES) {
      throw new CorruptJournalException("It is too short");
    }
    int length = ByteBuffer.wrap(bytes).getInt();
    // Deflate never does better than about 1 to 1032: a longer length is a lie.
    if (length < 0 || length > 1100L * bytes.length) {
      throw new CorruptJournalException("Its length cannot be " + length);
    }
    byte[] plain = new byte[length];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, Integer.BYTES, bytes.length - Integer.BYTES);
      int at = 0;
      while (at < length) {
        int read = inflater.inflate(plain, at, length - at);
        if (read == 0) {
          throw new CorruptJournalException("It ends after " + at + " of " + length + " bytes");
        }
        at += read;
      }
      return plain;
    } catch (DataFormatException broken) {
      throw new CorruptJournalException("Cannot be inflated: " + broken.getMessage(), broken);
    } finally {
      inflater.end();
    }
  }

  /** Numbers configurations in the order they are met. */
  private static final class ConfigTable {
    private final IdentityHashMap<TaskConfig, Integer> byIdentity = new IdentityHashMap<>();
    private final Map<ByteBuffer, Integer> byBytes = new HashMap<>();
    private final List<TaskConfig> configs = new ArrayList<>();

    int idOf(@Nullable TaskConfig config) {
      if (config == null) {
        return -1;
      }
      Integer known = byIdentity.get(config);
      if (known == null) {
        known =
            byBytes.computeIfAbsent(
                ByteBuffer.wrap(bytes(TaskConfig.TYPE, config)),
                unused -> {
                  configs.add(config);
                  return configs.size() - 1;
                });
        byIdentity.put(config, known);
      }
      return known;
    }
  }
}
