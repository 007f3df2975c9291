package io.borealis.agent.updates;

import io.borealis.agent.updates.Protobuf.MalformedException;
import io.borealis.agent.updates.Protobuf.Reader;
import io.borealis.agent.updates.Protobuf.Writer;
import io.borealis.api.agent.AgentTaskState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records of updates as Mesos writes them: a length, and a protobuf message. Stateless. */
final class UpdateCodec {
  private static final int UPDATE = 0;
  private static final int ACK = 1;
  private static final int UUID_BYTES = 2 * Long.BYTES;

  private UpdateCodec() {}

  /** A record with its length, ready to be written at once. */
  static ByteBuffer frame(UpdateRecord record) {
    byte[] payload = payload(record);
    return ByteBuffer.allocate(Integer.BYTES + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(payload.length)
        .put(payload)
        .flip();
  }

  private static byte[] payload(UpdateRecord record) {
    if (record instanceof UpdateRecord.Taken taken) {
      return new Writer().number(1, UPDATE).bytes(2, update(taken.update())).toByteArray();
    }
    UUID uuid = ((UpdateRecord.Acknowledged) record).uuid();
    return new Writer().number(1, ACK).bytes(3, bytes(uuid)).toByteArray();
  }

  private static byte[] update(TaskUpdate update) {
    Writer out = new Writer().bytes(1, id(update.key().frameworkId()));
    update.executorId().ifPresent(executor -> out.bytes(2, id(executor)));
    update.agentId().ifPresent(agent -> out.bytes(3, id(agent)));
    out.bytes(4, status(update)).decimal(5, update.timestamp());
    update.uuid().ifPresent(uuid -> out.bytes(6, bytes(uuid)));
    return out.toByteArray();
  }

  private static byte[] status(TaskUpdate update) {
    Writer out = new Writer().bytes(1, id(update.key().taskId())).number(2, update.state().value());
    update.message().ifPresent(message -> out.text(4, message));
    out.decimal(6, update.timestamp());
    update
        .source()
        .ifPresent(
            source -> Reasons.sourceNumber(source).ifPresent(number -> out.number(9, number)));
    update
        .reason()
        .ifPresent(
            reason -> Reasons.reasonNumber(reason).ifPresent(number -> out.number(10, number)));
    update.uuid().ifPresent(uuid -> out.bytes(11, bytes(uuid)));
    return out.toByteArray();
  }

  private static byte[] id(String value) {
    return new Writer().text(1, value).toByteArray();
  }

  static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(UUID_BYTES)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  /**
   * Reads the message of a record.
   *
   * @throws MalformedException when it is none, or lacks what it must have
   */
  static UpdateRecord record(ByteBuffer payload) throws MalformedException {
    Reader in = new Reader(payload);
    long type = -1;
    @Nullable TaskUpdate update = null;
    @Nullable UUID uuid = null;
    while (in.next()) {
      if (in.numberField() == 1) {
        type = in.number();
      } else if (in.bytesField() == 2) {
        update = readUpdate(in.bytes());
      } else if (in.bytesField() == 3) {
        uuid = readUuid(in.bytes());
      } else {
        in.skip();
      }
    }
    if (type == UPDATE && update != null && update.uuid().isPresent()) {
      return new UpdateRecord.Taken(update);
    } else if (type == ACK && uuid != null) {
      return new UpdateRecord.Acknowledged(uuid);
    }
    throw new MalformedException("a record lacks its type, update or uuid");
  }

  private static TaskUpdate readUpdate(ByteBuffer message) throws MalformedException {
    Reader in = new Reader(message);
    @Nullable String framework = null;
    @Nullable String executor = null;
    @Nullable String agent = null;
    @Nullable Status status = null;
    @Nullable Double timestamp = null;
    @Nullable UUID uuid = null;
    while (in.next()) {
      if (in.bytesField() == 1) {
        framework = readId(in.bytes());
      } else if (in.bytesField() == 2) {
        executor = readId(in.bytes());
      } else if (in.bytesField() == 3) {
        agent = readId(in.bytes());
      } else if (in.bytesField() == 4) {
        status = readStatus(in.bytes());
      } else if (in.decimalField() == 5) {
        timestamp = in.decimal();
      } else if (in.bytesField() == 6) {
        uuid = readUuid(in.bytes());
      } else {
        in.skip();
      }
    }
    if (framework == null || status == null || timestamp == null) {
      throw new MalformedException("an update lacks its framework, status or time");
    }
    return new TaskUpdate(
        new StreamKey(framework, status.taskId),
        Optional.ofNullable(executor),
        Optional.ofNullable(agent),
        status.state,
        status.message,
        status.reason,
        status.source,
        timestamp,
        Optional.ofNullable(uuid));
  }

  private record Status(
      String taskId,
      AgentTaskState state,
      Optional<String> message,
      Optional<String> reason,
      Optional<String> source) {}

  private static Status readStatus(ByteBuffer bytes) throws MalformedException {
    Reader in = new Reader(bytes);
    @Nullable String taskId = null;
    @Nullable AgentTaskState state = null;
    Optional<String> message = Optional.empty();
    Optional<String> reason = Optional.empty();
    Optional<String> source = Optional.empty();
    while (in.next()) {
      if (in.bytesField() == 1) {
        taskId = readId(in.bytes());
      } else if (in.numberField() == 2) {
        long number = in.number();
        state = number == (int) number ? AgentTaskState.find((int) number) : null;
      } else if (in.bytesField() == 4) {
        message = Optional.of(in.text());
      } else if (in.numberField() == 9) {
        source = Reasons.sourceName(in.number());
      } else if (in.numberField() == 10) {
        reason = Reasons.reasonName(in.number());
      } else {
        in.skip();
      }
    }
    if (taskId == null || state == null) {
      throw new MalformedException("a status lacks its task or state");
    }
    return new Status(taskId, state, message, reason, source);
  }

  private static String readId(ByteBuffer message) throws MalformedException {
    Reader in = new Reader(message);
    @Nullable String value = null;
    while (in.next()) {
      if (in.bytesField() == 1) {
        value = in.text();
      } else {
        in.skip();
      }
    }
    if (value == null) {
      throw new MalformedException("an id is missing");
    }
    return value;
  }

  private static UUID readUuid(ByteBuffer bytes) throws MalformedException {
    if (bytes.remaining() != UUID_BYTES) {
      throw new MalformedException("a uuid has " + bytes.remaining() + " bytes");
    }
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
