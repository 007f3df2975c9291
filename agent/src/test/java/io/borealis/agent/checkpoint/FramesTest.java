package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.ProcessStatus;
import io.borealis.api.thermos.RunnerCkpt;
import io.borealis.api.thermos.RunnerHeader;
import io.borealis.api.thermos.TaskState;
import io.borealis.api.thermos.TaskStatus;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryBuffer;
import org.junit.Test;

public class FramesTest {
  @Test
  public void recordsAreWrittenByteForByteAsByOthersAndReadBack() throws Exception {
    JsonNode cases = Golden.read(Golden.FOLDER.resolve("encoding.json")).get("cases");
    assertThat(cases).hasSize(9);
    for (JsonNode row : cases) {
      Checkpoint record = Golden.record(row.get("record"));
      byte[] frame = HexFormat.of().parseHex(row.get("framed_hex").asText());
      assertThat(Frames.encode(record)).as(row.get("name").asText()).isEqualTo(frame);
      assertThat(decode(frame)).isEqualTo(record);
      assertThat(Golden.parsed(CheckpointJson.of(record))).isEqualTo(row.get("record"));
    }
  }

  @Test
  public void theBytesAreThoseOfTheCodecGeneratedFromTheIdl() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      RunnerCkpt idl = idlRecord(random);
      TMemoryBuffer buffer = new TMemoryBuffer(64);
      RunnerCkpt.TYPE.write(new TBinaryProtocol(buffer), idl);
      ByteBuffer payload = ByteBuffer.wrap(buffer.getArray(), 0, buffer.length());
      Checkpoint record = Frames.decode(payload);
      byte[] frame = Frames.encode(record);
      assertThat(ByteBuffer.wrap(frame).getInt()).isEqualTo(buffer.length());
      assertThat(ByteBuffer.wrap(frame, 4, frame.length - 4).slice())
          .isEqualTo(ByteBuffer.wrap(buffer.getArray(), 0, buffer.length()));
      assertThat(decode(frame)).isEqualTo(record);
    }
  }

  @Test
  public void aFieldThatIsThereTwiceCountsByItsLastValue() throws Exception {
    assertThat(payload("0c0003 08000300000001 08000300000002 00 00"))
        .isEqualTo(Checkpoint.of(new TaskUpdate(null, null, 2, null)));
    // Of a struct all of the first one is forgotten.
    assertThat(payload("0c0003 08000300000001 00 0c0003 08000400000002 00 00"))
        .isEqualTo(Checkpoint.of(new TaskUpdate(null, null, null, 2)));
    // One of a wrong type does not count.
    assertThat(payload("0c0003 08000300000001 0600030002 00 00"))
        .isEqualTo(Checkpoint.of(new TaskUpdate(null, null, 1, null)));
  }

  @Test
  public void portsOfWrongTypesAreRefusedUnlessThereAreNone() throws Exception {
    assertThat(payload("0c0001 0d0006 00 00 00000000 00 00").header().ports()).isEmpty();
    refused(Kind.UNDECODABLE_FRAME, "0c0001 0d0006 0b 08 00000001 00000001 61 00000001 00 00");
  }

  @Test
  public void noSizeIsBelieved() {
    for (String size : new String[] {"7fffffff", "00100000"}) {
      refused(Kind.PREMATURE_END, "0c0002 0b0003" + size + "61");
      refused(Kind.PREMATURE_END, "0c0001 0d0006 0b 0a" + size + "00000000");
      refused(Kind.PREMATURE_END, "0f0009 0c" + size + "00");
      refused(Kind.PREMATURE_END, "0d0009 0b 0b" + size + "00000000");
    }
    for (String size : new String[] {"ffffffff", "80000000"}) {
      refused(Kind.UNDECODABLE_FRAME, "0c0002 0b0003" + size);
      refused(Kind.UNDECODABLE_FRAME, "0c0001 0d0006 0b 0a" + size);
      refused(Kind.UNDECODABLE_FRAME, "0f0009 0c" + size);
      refused(Kind.UNDECODABLE_FRAME, "0b0009" + size);
    }
  }

  @Test
  public void deepNestingIsSkippedUpToABound() throws Exception {
    assertThat(payload("0c0009".repeat(400) + "00".repeat(401)))
        .isEqualTo(new Checkpoint(null, null, null));
    refused(Kind.UNDECODABLE_FRAME, "0c0009".repeat(100_000) + "00".repeat(100_001));
    refused(Kind.UNDECODABLE_FRAME, "0f0009" + "0f00000001".repeat(100_000));
  }

  @Test
  public void aTypeThatThereIsNotIsRefused() {
    for (String type : new String[] {"01", "05", "07", "09", "10", "11", "7f", "ff"}) {
      refused(Kind.UNDECODABLE_FRAME, type + "0009 00000000 00");
      refused(Kind.UNDECODABLE_FRAME, "0f0009" + type + "00000001 00000000 00");
    }
  }

  private static Checkpoint payload(String hex) throws CheckpointException {
    return Frames.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  private static void refused(Kind kind, String hex) {
    assertThatThrownBy(() -> payload(hex))
        .as(hex.length() < 200 ? hex : "long")
        .isInstanceOfSatisfying(
            CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static Checkpoint decode(byte[] frame) throws CheckpointException {
    return Frames.decode(ByteBuffer.wrap(frame, 4, frame.length - 4));
  }

  private static RunnerCkpt idlRecord(Random random) {
    RunnerCkpt.Builder record = RunnerCkpt.builder();
    if (random.nextBoolean()) {
      RunnerHeader.Builder header = RunnerHeader.builder();
      if (random.nextBoolean()) {
        header.task_id(text(random)).uid(random.nextInt());
      }
      if (random.nextBoolean()) {
        header
            .hostname(text(random))
            .ports(ImmutableMap.of(text(random), random.nextLong(), "", 0L));
      }
      if (random.nextBoolean()) {
        header.user(text(random)).log_dir(text(random)).sandbox("").launch_time_ms(0L);
      }
      record.runner_header(header.build());
    }
    if (random.nextBoolean()) {
      ProcessStatus.Builder step = ProcessStatus.builder();
      if (random.nextBoolean()) {
        step.seq(random.nextLong()).process(text(random)).fork_time(random.nextGaussian());
      }
      if (random.nextBoolean()) {
        step.state(ProcessState.TYPE.constants().get(random.nextInt(7)))
            .pid(random.nextInt())
            .start_time(-0.0);
      }
      if (random.nextBoolean()) {
        step.stop_time(Double.NaN).return_code(-9).coordinator_pid(0);
      }
      record.process_status(step.build());
    }
    if (random.nextBoolean()) {
      TaskStatus.Builder step =
          TaskStatus.builder().state(TaskState.TYPE.constants().get(random.nextInt(7)));
      if (random.nextBoolean()) {
        step.timestamp_ms(random.nextLong()).runner_pid(random.nextInt()).runner_uid(0);
      }
      record.task_status(step.build());
    }
    return record.build();
  }

  private static String text(Random random) {
    return "ä\uD834\uDD1E\0" + random.nextInt(1000);
  }
}
