package io.borealis.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.codec.BinaryOutput;
import io.borealis.api.codec.OutputBuffer;
import io.borealis.api.codec.StructType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TMemoryBuffer;
import org.junit.Test;

/** What is copied is what would have been written. */
public class OutputBufferTest {
  private static final ImmutableList<TProtocolFactory> PROTOCOLS =
      ImmutableList.of(
          new TBinaryProtocol.Factory(),
          new TJSONProtocol.Factory(),
          new TCompactProtocol.Factory());

  @Test
  public void repeatedStructsAreTheBytesTheyWouldHaveBeen() throws TException {
    for (int seed = 0; seed < 50; seed++) {
      ScheduleStatusResult result = tasksOfTwoConfigurations(seed);
      for (TProtocolFactory protocol : PROTOCOLS) {
        OutputBuffer shared = new OutputBuffer(16, protocol, TaskConfig.TYPE);
        ScheduleStatusResult.TYPE.write(shared.protocol(), result);
        assertThat(shared.toByteArray())
            .as("seed %d, %s", seed, protocol.getClass())
            .isEqualTo(plain(ScheduleStatusResult.TYPE, result, protocol));
      }
    }
  }

  @Test
  public void theFasterBinaryProtocolWritesTheSameBytes() throws TException {
    for (int seed = 0; seed < 50; seed++) {
      ScheduleStatusResult result = tasksOfTwoConfigurations(seed);
      OutputBuffer fast = new OutputBuffer(16, BinaryOutput::of, TaskConfig.TYPE);
      TMemoryBuffer known = new TMemoryBuffer(64);
      for (TProtocol out : List.of(fast.protocol(), new TBinaryProtocol(known))) {
        out.writeMessageBegin(new TMessage("größer", TMessageType.REPLY, -seed));
        ScheduleStatusResult.TYPE.write(out, result);
        out.writeMessageEnd();
      }
      assertThat(fast.toByteArray())
          .as("seed %d", seed)
          .isEqualTo(Arrays.copyOf(known.getArray(), known.length()));
    }
  }

  @Test
  public void aRepeatedStructMayBeTheOutermost() throws TException {
    TaskConfig config = new RandomValues(1).struct(TaskConfig.TYPE, 1);
    for (TProtocolFactory protocol : PROTOCOLS) {
      OutputBuffer shared = new OutputBuffer(16, protocol, TaskConfig.TYPE);
      TaskConfig.TYPE.write(shared.protocol(), config);
      assertThat(shared.toByteArray()).isEqualTo(plain(TaskConfig.TYPE, config, protocol));
    }
  }

  @Test
  public void muchIsKeptInOrder() throws TException {
    OutputBuffer buffer = new OutputBuffer(1, BinaryOutput::of, TaskConfig.TYPE);
    ByteArrayOutputStream known = new ByteArrayOutputStream();
    Random random = new Random(1);
    while (known.size() < 3_000_000) {
      byte[] next = new byte[random.nextInt(random.nextInt(20) == 0 ? 600_000 : 2_000)];
      random.nextBytes(next);
      buffer.write(next, 0, next.length);
      known.writeBytes(next);
    }
    assertThat(buffer.toByteArray()).isEqualTo(known.toByteArray());
  }

  private static ScheduleStatusResult tasksOfTwoConfigurations(int seed) {
    TaskConfig one = new RandomValues(seed).struct(TaskConfig.TYPE, seed);
    TaskConfig two = new RandomValues(seed + 1).struct(TaskConfig.TYPE, seed + 1);
    List<ScheduledTask> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ScheduledTask task = new RandomValues(i).struct(ScheduledTask.TYPE, i);
      AssignedTask assigned =
          new RandomValues(i)
              .struct(AssignedTask.TYPE, i).toBuilder().task(i % 2 == 0 ? one : two).build();
      tasks.add(task.toBuilder().assignedTask(assigned).build());
    }
    return new ScheduleStatusResult(ImmutableList.copyOf(tasks));
  }

  private static <T> byte[] plain(StructType<T> type, T value, TProtocolFactory protocol)
      throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(64);
    type.write(protocol.getProtocol(buffer), value);
    return Arrays.copyOf(buffer.getArray(), buffer.length());
  }
}
