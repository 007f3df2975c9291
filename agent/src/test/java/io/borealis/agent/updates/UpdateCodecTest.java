package io.borealis.agent.updates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.updates.Protobuf.MalformedException;
import io.borealis.agent.updates.Protobuf.Writer;
import io.borealis.api.agent.AgentTaskState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.junit.Test;

/** Records of updates are those of Mesos, byte for byte. */
public class UpdateCodecTest {
  private static final UUID ONES = new UUID(0x0101010101010101L, 0x0101010101010101L);
  private static final double TIME = Double.longBitsToDouble(0x41d7d78400100000L);

  private static final TaskUpdate STARTING =
      new TaskUpdate(
          new StreamKey("fw-1", "t1"),
          Optional.of("exec-1"),
          Optional.of("agent-1"),
          AgentTaskState.TASK_STARTING,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          TIME,
          Optional.of(ONES));

  private static final TaskUpdate FULL =
      new TaskUpdate(
          new StreamKey("fw-1", "t1"),
          Optional.empty(),
          Optional.empty(),
          AgentTaskState.TASK_UNKNOWN,
          Optional.of("päng ".repeat(100)),
          Optional.of("REASON_MAX_COMPLETION_TIME_REACHED"),
          Optional.of("SOURCE_EXECUTOR"),
          -1.5,
          Optional.of(new UUID(-1, 2)));

  private static String hex(UpdateRecord record) {
    ByteBuffer frame = UpdateCodec.frame(record);
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  public void anUpdateIsWrittenAsMesosWritesIt() {
    assertThat(hex(new UpdateRecord.Taken(STARTING)))
        .isEqualTo(
            "610000000800125d0a060a0466772d3112080a06657865632d311a090a076167656e742d3122230a040a02"
                + "74311000310000100084d7d7415a10010101010101010101010101010101012900001000"
                + "84d7d741321001010101010101010101010101010101");
  }

  @Test
  public void anAcknowledgementIsWrittenAsMesosWritesIt() {
    assertThat(hex(new UpdateRecord.Acknowledged(ONES)))
        .isEqualTo("1400000008011a1001010101010101010101010101010101");
  }

  @Test
  public void whatIsWrittenIsReadAgain() throws Exception {
    for (UpdateRecord record :
        new UpdateRecord[] {
          new UpdateRecord.Taken(STARTING),
          new UpdateRecord.Taken(FULL),
          new UpdateRecord.Acknowledged(ONES)
        }) {
      assertThat(UpdateCodec.record(payload(record))).isEqualTo(record);
    }
  }

  private static ByteBuffer payload(UpdateRecord record) {
    ByteBuffer frame = UpdateCodec.frame(record);
    assertThat(frame.getInt()).isEqualTo(frame.remaining());
    return frame;
  }

  /** A newer writer may say more: numbers, decimals, texts, groups and fixed words. */
  @Test
  public void unknownFieldsAreSkipped() throws Exception {
    ByteBuffer known = payload(new UpdateRecord.Acknowledged(ONES));
    byte[] unknown = new Writer().number(200, -7).decimal(201, 1).text(202, "more").toByteArray();
    byte[] group = HexFormat.of().parseHex("7b" + "0801" + "7b" + "7c" + "7c");
    byte[] word = HexFormat.of().parseHex("75" + "01020304");
    ByteBuffer all =
        ByteBuffer.allocate(1000).put(unknown).put(group).put(word).put(known).put(unknown).flip();
    assertThat(UpdateCodec.record(all)).isEqualTo(new UpdateRecord.Acknowledged(ONES));
  }

  @Test
  public void aFieldOfAnotherKindIsNotTheOneThatIsMissing() {
    byte[] type = new Writer().text(1, "").bytes(3, new byte[16]).toByteArray();
    assertThatThrownBy(() -> UpdateCodec.record(ByteBuffer.wrap(type)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  public void whatMustBeThereIsMissed() {
    byte[] id = new Writer().text(1, "x").toByteArray();
    byte[] status = new Writer().bytes(1, id).number(2, 1).toByteArray();
    byte[] uuid = new byte[16];
    byte[] update =
        new Writer().bytes(1, id).bytes(4, status).decimal(5, 1).bytes(6, uuid).toByteArray();
    assertThat(outcome(new Writer().number(1, 0).bytes(2, update))).isEqualTo("read");
    assertThat(outcome(new Writer())).contains("type");
    assertThat(outcome(new Writer().number(1, 2).bytes(2, update))).contains("type");
    assertThat(outcome(new Writer().number(1, 1).bytes(2, update))).contains("uuid");
    assertThat(outcome(new Writer().number(1, 1).bytes(3, new byte[15]))).contains("15 bytes");
    assertThat(outcome(update(new Writer().bytes(4, status).decimal(5, 1).bytes(6, uuid))))
        .contains("framework");
    assertThat(outcome(update(new Writer().bytes(1, new byte[0]).bytes(4, status).decimal(5, 1))))
        .contains("id");
    assertThat(outcome(update(new Writer().bytes(1, id).decimal(5, 1).bytes(6, uuid))))
        .contains("status");
    assertThat(outcome(update(new Writer().bytes(1, id).bytes(4, status).bytes(6, uuid))))
        .contains("time");
    assertThat(outcome(update(new Writer().bytes(1, id).bytes(4, status).decimal(5, 1))))
        .contains("uuid");
    byte[] stateless = new Writer().bytes(1, id).toByteArray();
    byte[] strange = new Writer().bytes(1, id).number(2, 14).toByteArray();
    for (byte[] wrong : new byte[][] {stateless, strange}) {
      assertThat(
              outcome(
                  update(new Writer().bytes(1, id).bytes(4, wrong).decimal(5, 1).bytes(6, uuid))))
          .contains("state");
    }
  }

  private static Writer update(Writer update) {
    return new Writer().number(1, 0).bytes(2, update.toByteArray());
  }

  private static String outcome(Writer record) {
    try {
      UpdateCodec.record(ByteBuffer.wrap(record.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
      return "read";
    } catch (MalformedException malformed) {
      return malformed.getMessage();
    }
  }

  @Test
  public void noCutOrChangedByteIsMoreThanMalformed() {
    ByteBuffer frame = payload(new UpdateRecord.Taken(FULL));
    byte[] whole = new byte[frame.remaining()];
    frame.get(whole);
    int malformed = 0;
    for (int i = 0; i < whole.length; i++) {
      byte[] cut = Arrays.copyOf(whole, i);
      byte[] changed = whole.clone();
      changed[i] ^= (byte) 0x87;
      for (byte[] bytes : new byte[][] {cut, changed}) {
        try {
          var unused = UpdateCodec.record(ByteBuffer.wrap(bytes));
        } catch (MalformedException expected) {
          malformed++;
        }
      }
    }
    assertThat(malformed).isGreaterThan(whole.length);
  }
}
