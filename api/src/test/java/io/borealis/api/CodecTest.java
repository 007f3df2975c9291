package io.borealis.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.api.storage.StorageIdl;
import io.borealis.api.thermos.ThermosIdl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.protocol.TSet;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.apache.thrift.transport.TTransportException;
import org.junit.Test;

/** What the generated codecs keep, skip and refuse. */
public class CodecTest {
  private static final ImmutableMap<String, TProtocolFactory> PROTOCOLS =
      ImmutableMap.of(
          "binary", new TBinaryProtocol.Factory(),
          "json", new TJSONProtocol.Factory(),
          "compact", new TCompactProtocol.Factory());
  private static final int SEEDS = 20;

  @Test
  public void roundTripsOfEveryStructLoseNothingInAnyProtocol() throws TException {
    for (StructType<?> type : allTypes()) {
      for (int seed = 0; seed < Math.max(SEEDS, type.fields().size()); seed++) {
        for (var protocol : PROTOCOLS.entrySet()) {
          assertRoundTrip(type, seed, protocol.getKey(), protocol.getValue());
        }
      }
    }
  }

  private static <T> void assertRoundTrip(
      StructType<T> type, int seed, String name, TProtocolFactory protocol) throws TException {
    T value = new RandomValues(seed).struct(type, seed);
    T read = type.read(protocol.getProtocol(input(write(type, value, protocol))));
    assertThat(read).as("%s, seed %d, %s", type, seed, name).isEqualTo(value);
  }

  @Test
  public void valuesThatDifferInOneFieldAreNotEqual() {
    for (StructType<?> type : allTypes()) {
      if (type.kind() == StructType.Kind.STRUCT) {
        assertEveryFieldCounts(type);
      }
    }
  }

  private static <T> void assertEveryFieldCounts(StructType<T> type) {
    T value = new RandomValues(1).struct(type, 1);
    T other = new RandomValues(2).struct(type, 2);
    assertThat(value.hashCode()).isEqualTo(new RandomValues(1).struct(type, 1).hashCode());
    for (int i = 0; i < type.fields().size(); i++) {
      Object[] values = type.fields().stream().map(field -> field.getter().apply(value)).toArray();
      Object before = values[i];
      values[i] = type.fields().get(i).getter().apply(other);
      assertThat(type.create(values).equals(value))
          .as("%s, field %s", type, type.fields().get(i).name())
          .isEqualTo(Objects.equals(before, values[i]));
    }
  }

  @Test
  public void emptyStructsComeBackEmpty() throws TException {
    for (StructType<?> type : allTypes()) {
      if (type.kind() == StructType.Kind.STRUCT) {
        assertEmptyRoundTrip(type);
      }
    }
  }

  private static <T> void assertEmptyRoundTrip(StructType<T> type) throws TException {
    TProtocolFactory binary = new TBinaryProtocol.Factory();
    T empty = type.read(binary.getProtocol(input(new byte[] {TType.STOP})));
    T read = type.read(binary.getProtocol(input(write(type, empty, binary))));
    assertThat(read).isEqualTo(empty);
  }

  @Test
  public void fieldsOfALaterReleaseAreSkipped() throws TException {
    for (var protocol : PROTOCOLS.entrySet()) {
      TMemoryBuffer buffer = new TMemoryBuffer(64);
      TProtocol out = protocol.getValue().getProtocol(buffer);
      out.writeStructBegin(new TStruct("JobKey"));
      writeUnknown(out, (short) 77);
      out.writeFieldBegin(new TField("role", TType.STRING, (short) 1));
      out.writeString("www");
      out.writeFieldEnd();
      writeUnknown(out, (short) 78);
      out.writeFieldStop();
      out.writeStructEnd();
      JobKey read = JobKey.TYPE.read(protocol.getValue().getProtocol(input(bytes(buffer))));
      assertThat(read).as(protocol.getKey()).isEqualTo(new JobKey("www", null, null));
    }
  }

  private static void writeUnknown(TProtocol out, short id) throws TException {
    out.writeFieldBegin(new TField("later", TType.LIST, id));
    out.writeListBegin(new TList(TType.STRUCT, 1));
    out.writeStructBegin(new TStruct("Later"));
    out.writeFieldBegin(new TField("n", TType.I64, (short) 1));
    out.writeI64(5);
    out.writeFieldEnd();
    out.writeFieldStop();
    out.writeStructEnd();
    out.writeListEnd();
    out.writeFieldEnd();
  }

  @Test
  public void aFieldOfTheWrongTypeIsRefusedByName() throws TException {
    byte[] bytes =
        binary(
            out -> {
              out.writeFieldBegin(new TField("role", TType.I32, (short) 1));
              out.writeI32(5);
              out.writeFieldStop();
            });
    assertThatThrownBy(() -> read(JobKey.TYPE, bytes))
        .isInstanceOf(TProtocolException.class)
        .hasMessageContaining("JobKey.role");
  }

  @Test
  public void elementsOfTheWrongTypeAreRefused() throws TException {
    byte[] bytes =
        binary(
            out -> {
              out.writeFieldBegin(new TField("hostNames", TType.SET, (short) 1));
              out.writeSetBegin(new TSet(TType.I64, 1));
              out.writeI64(5);
              out.writeFieldStop();
            });
    assertThatThrownBy(() -> read(Hosts.TYPE, bytes))
        .isInstanceOf(TProtocolException.class)
        .hasMessageContaining("elements of a set");
  }

  @Test
  public void anUnknownEnumIsAbsentInAFieldAndRefusedInASet() throws TException {
    byte[] field =
        binary(
            out -> {
              out.writeFieldBegin(new TField("responseCode", TType.I32, (short) 1));
              out.writeI32(99);
              out.writeFieldStop();
            });
    assertThat(read(Response.TYPE, field).responseCode()).isNull();
    byte[] set =
        binary(
            out -> {
              out.writeFieldBegin(new TField("statuses", TType.SET, (short) 5));
              out.writeSetBegin(new TSet(TType.I32, 1));
              out.writeI32(99);
              out.writeFieldStop();
            });
    assertThatThrownBy(() -> read(TaskQuery.TYPE, set))
        .isInstanceOf(TProtocolException.class)
        .hasMessage("99 is not a ScheduleStatus");
  }

  @Test
  public void anUnknownMemberOfAUnionIsKeptAsSuchAndASecondMemberRefused() throws TException {
    byte[] unknown =
        binary(
            out -> {
              out.writeFieldBegin(new TField("later", TType.I32, (short) 99));
              out.writeI32(1);
              out.writeFieldStop();
            });
    assertThat(read(Resource.TYPE, unknown)).isEqualTo(new Resource.Unknown(99));
    byte[] two =
        binary(
            out -> {
              out.writeFieldBegin(new TField("ramMb", TType.I64, (short) 2));
              out.writeI64(1);
              out.writeFieldBegin(new TField("diskMb", TType.I64, (short) 3));
              out.writeI64(1);
              out.writeFieldStop();
            });
    assertThatThrownBy(() -> read(Resource.TYPE, two)).hasMessageContaining("more than one member");
  }

  @Test
  public void declaredSizesBeyondTheMessageAreRefusedWithoutMakingRoom() throws TException {
    for (int size : new int[] {Integer.MAX_VALUE, 100_000_000, -1}) {
      byte[] set =
          binary(
              out -> {
                out.writeFieldBegin(new TField("hostNames", TType.SET, (short) 1));
                out.writeSetBegin(new TSet(TType.STRING, size));
              });
      assertThatThrownBy(() -> read(Hosts.TYPE, set)).isInstanceOf(TException.class);
      byte[] string =
          binary(
              out -> {
                out.writeFieldBegin(new TField("role", TType.STRING, (short) 1));
                out.writeI32(size);
              });
      assertThatThrownBy(() -> read(JobKey.TYPE, string)).isInstanceOf(TException.class);
    }
    String json = "{\"1\":{\"set\":[\"str\",2000000000,\"a\"]}}";
    assertThatThrownBy(
            () ->
                Hosts.TYPE.read(
                    new TJSONProtocol(
                        input(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)))))
        .isInstanceOf(TException.class);
  }

  @Test
  public void unknownValuesNestedTooDeepAreRefused() throws TException {
    byte[] bytes =
        binary(
            out -> {
              for (int depth = 0; depth < 10_000; depth++) {
                out.writeFieldBegin(new TField("deep", TType.STRUCT, (short) 99));
              }
            });
    assertThatThrownBy(() -> read(JobKey.TYPE, bytes))
        .isInstanceOf(TProtocolException.class)
        .extracting(e -> ((TProtocolException) e).getType())
        .isEqualTo(TProtocolException.DEPTH_LIMIT);
  }

  @Test
  public void everyPrefixOfAMessageIsRefusedAtOnce() throws TException {
    TaskConfig config = new RandomValues(7).struct(TaskConfig.TYPE, 0);
    byte[] whole = write(TaskConfig.TYPE, config, new TBinaryProtocol.Factory());
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(TaskConfig.TYPE, part)).isInstanceOf(TException.class);
    }
  }

  @Test
  public void requestsRecordedFromTheOriginalClientAreReadAndWrittenByteForByte()
      throws IOException, TException {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of("src/test/resources/requests"))) {
      files = all.sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(20);
    for (Path file : files) {
      byte[] request = Files.readAllBytes(file);
      TProtocol in = new TBinaryProtocol(input(request));
      TMessage header = in.readMessageBegin();
      ServiceMethod<?, ?> method = AuroraAdmin.METHODS.get(header.name);
      assertThat(method).as(file.toString()).isNotNull();
      assertThat(rewritten(method, header, in)).as(file.toString()).isTrue();
    }
  }

  /** What we write from a request reads as the same again, with nothing of it lost. */
  private static <A> boolean rewritten(ServiceMethod<?, A> method, TMessage header, TProtocol in)
      throws TException {
    A args = method.args().read(in);
    in.readMessageEnd();
    assertThat(header.type).isEqualTo((byte) 1);
    assertThat(((TMemoryInputTransport) in.getTransport()).getBytesRemainingInBuffer()).isZero();
    byte[] bytes = write(method.args(), args, new TBinaryProtocol.Factory());
    return read(method.args(), bytes).equals(args);
  }

  @Test
  public void answersOfTheOriginalAreReadAndWrittenByteForByte() throws IOException, TException {
    List<String> answers = Files.readAllLines(Path.of("src/test/resources/answers/recorded.jsonl"));
    assertThat(answers).hasSizeGreaterThan(400);
    for (String answer : answers) {
      TProtocol in = new TJSONProtocol(input(answer.getBytes(UTF_8)));
      TMessage header = in.readMessageBegin();
      in.readStructBegin();
      TField success = in.readFieldBegin();
      Response response = Response.TYPE.read(in);
      TMemoryBuffer buffer = new TMemoryBuffer(256);
      TProtocol out = new TJSONProtocol(buffer);
      out.writeMessageBegin(header);
      out.writeStructBegin(new TStruct("result"));
      out.writeFieldBegin(success);
      Response.TYPE.write(out, response);
      out.writeFieldEnd();
      out.writeFieldStop();
      out.writeStructEnd();
      out.writeMessageEnd();
      assertThat(buffer.toString(UTF_8)).isEqualTo(answer);
    }
  }

  @Test
  public void aContainerIsTheMesosOneUnlessSaid() {
    assertThat(TaskConfig.builder().build().container())
        .isEqualTo(new Container.Mesos(MesosContainer.builder().build()));
  }

  @Test
  public void collectionsAreNeverNullExceptWhereSaid() {
    assertThat(
            new TaskConfig(
                    false, 0, 0, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null)
                .constraints())
        .isEmpty();
    assertThat(GetJobUpdateDetailsResult.builder().build().detailsList()).isNull();
  }

  @Test
  public void enumsKnowTheirNumbers() {
    for (ScheduleStatus status : ScheduleStatus.values()) {
      assertThat(ScheduleStatus.find(status.value())).isEqualTo(status);
    }
    assertThat(ScheduleStatus.find(8)).isNull();
  }

  private static Iterable<StructType<?>> allTypes() {
    List<StructType<?>> args = new ArrayList<>();
    AuroraAdmin.METHODS.values().forEach(m -> args.add(m.args()));
    return ImmutableList.copyOf(
        Iterables.concat(
            AuroraIdl.STRUCTS, StorageIdl.STRUCTS, ThermosIdl.STRUCTS, ImmutableSet.copyOf(args)));
  }

  @Test
  public void everyFieldCanBeReadByItsDescription() {
    for (StructType<?> type : allTypes()) {
      assertGetters(type);
    }
  }

  private static <T> void assertGetters(StructType<T> type) {
    for (int member = 0; member < type.fields().size(); member++) {
      T value = new RandomValues(member).struct(type, member);
      FieldInfo<T> field = type.fields().get(member);
      assertThat(field.getter().apply(value)).as("%s.%s", type, field.name()).isNotNull();
    }
  }

  private static <T> byte[] write(StructType<T> type, T value, TProtocolFactory protocol)
      throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(256);
    type.write(protocol.getProtocol(buffer), value);
    return bytes(buffer);
  }

  private static <T> T read(StructType<T> type, byte[] bytes) throws TException {
    return type.read(new TBinaryProtocol(input(bytes)));
  }

  private static byte[] bytes(TMemoryBuffer buffer) {
    return Arrays.copyOf(buffer.getArray(), buffer.length());
  }

  private static TMemoryInputTransport input(byte[] bytes) {
    try {
      return new TMemoryInputTransport(bytes);
    } catch (TTransportException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static byte[] binary(Script script) throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(64);
    script.write(new TBinaryProtocol(buffer));
    return bytes(buffer);
  }

  /** Writes something by hand. */
  private interface Script {
    void write(TProtocol out) throws TException;
  }
}
