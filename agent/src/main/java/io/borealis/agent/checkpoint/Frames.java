package io.borealis.agent.checkpoint;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as bytes: a length word of four bytes, then the record in Thrift's binary protocol.
 * Stateless.
 *
 * <p>The codecs generated from the IDL would not do for reading: they refuse a field of an
 * unexpected type, which here counts as absent, and forget the number of an unknown state.
 */
public final class Frames {
  /** The size of the word before each record. */
  static final int LENGTH_BYTES = 4;

  /** The most that may follow a length word. */
  static final int MAX_PAYLOAD_BYTES = 64 << 20;

  private Frames() {}

  /** A record with its length before it, as it stands in a stream. */
  public static byte[] encode(Checkpoint record) {
    BinaryStruct.Writer out = new BinaryStruct.Writer();
    out.i32(0);
    write(out, record);
    byte[] frame = out.toByteArray();
    ByteBuffer.wrap(frame).putInt(frame.length - LENGTH_BYTES);
    return frame;
  }

  /**
   * The record in a frame, without its length. What follows it in the frame is passed over.
   *
   * @throws CheckpointException when it is cut or cannot be understood
   */
  public static Checkpoint decode(ByteBuffer payload) throws CheckpointException {
    BinaryStruct in = new BinaryStruct(payload);
    @Nullable Header header = null;
    @Nullable ProcessUpdate process = null;
    @Nullable TaskUpdate task = null;
    while (in.nextField()) {
      if (in.isField(1, BinaryStruct.STRUCT)) {
        header = readHeader(in);
      } else if (in.isField(2, BinaryStruct.STRUCT)) {
        process = readProcess(in);
      } else if (in.isField(3, BinaryStruct.STRUCT)) {
        task = readTask(in);
      } else {
        in.skipField();
      }
    }
    return new Checkpoint(header, process, task);
  }

  private static void write(BinaryStruct.Writer out, Checkpoint record) {
    if (record.header() != null) {
      out.field(BinaryStruct.STRUCT, 1);
      writeHeader(out, record.header());
    }
    if (record.process() != null) {
      out.field(BinaryStruct.STRUCT, 2);
      writeProcess(out, record.process());
    }
    if (record.task() != null) {
      out.field(BinaryStruct.STRUCT, 3);
      writeTask(out, record.task());
    }
    out.stop();
  }

  private static Header readHeader(BinaryStruct in) throws CheckpointException {
    @Nullable String taskId = null;
    @Nullable Long launchTimeMs = null;
    @Nullable String sandbox = null;
    @Nullable String hostname = null;
    @Nullable String user = null;
    @Nullable ImmutableMap<String, Long> ports = null;
    @Nullable String logDir = null;
    @Nullable Integer uid = null;
    while (in.nextField()) {
      if (in.isField(1, BinaryStruct.STRING)) {
        taskId = in.string();
      } else if (in.isField(2, BinaryStruct.I64)) {
        launchTimeMs = in.i64();
      } else if (in.isField(3, BinaryStruct.STRING)) {
        sandbox = in.string();
      } else if (in.isField(4, BinaryStruct.STRING)) {
        hostname = in.string();
      } else if (in.isField(5, BinaryStruct.STRING)) {
        user = in.string();
      } else if (in.isField(6, BinaryStruct.MAP)) {
        ports = readPorts(in);
      } else if (in.isField(7, BinaryStruct.STRING)) {
        logDir = in.string();
      } else if (in.isField(8, BinaryStruct.I32)) {
        uid = in.i32();
      } else {
        in.skipField();
      }
    }
    return new Header(taskId, launchTimeMs, sandbox, hostname, user, ports, logDir, uid);
  }

  private static ImmutableMap<String, Long> readPorts(BinaryStruct in) throws CheckpointException {
    int size = in.mapSize(BinaryStruct.STRING, BinaryStruct.I64);
    Map<String, Long> ports = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      String name = in.string();
      ports.put(name, in.i64());
    }
    return ImmutableMap.copyOf(ports);
  }

  private static void writeHeader(BinaryStruct.Writer out, Header header) {
    out.string(1, header.taskId());
    out.i64(2, header.launchTimeMs());
    out.string(3, header.sandbox());
    out.string(4, header.hostname());
    out.string(5, header.user());
    if (header.ports() != null) {
      out.field(BinaryStruct.MAP, 6);
      out.mapSize(BinaryStruct.STRING, BinaryStruct.I64, header.ports().size());
      header
          .ports()
          .forEach(
              (name, port) -> {
                out.string(name);
                out.i64(port);
              });
    }
    out.string(7, header.logDir());
    out.i32(8, header.uid());
    out.stop();
  }

  private static ProcessUpdate readProcess(BinaryStruct in) throws CheckpointException {
    @Nullable Long seq = null;
    @Nullable String process = null;
    @Nullable Integer state = null;
    @Nullable Double startTime = null;
    @Nullable Integer pid = null;
    @Nullable Double stopTime = null;
    @Nullable Integer returnCode = null;
    @Nullable Integer coordinatorPid = null;
    @Nullable Double forkTime = null;
    while (in.nextField()) {
      if (in.isField(1, BinaryStruct.I64)) {
        seq = in.i64();
      } else if (in.isField(3, BinaryStruct.STRING)) {
        process = in.string();
      } else if (in.isField(5, BinaryStruct.I32)) {
        state = in.i32();
      } else if (in.isField(6, BinaryStruct.DOUBLE)) {
        startTime = in.real();
      } else if (in.isField(7, BinaryStruct.I32)) {
        pid = in.i32();
      } else if (in.isField(8, BinaryStruct.DOUBLE)) {
        stopTime = in.real();
      } else if (in.isField(9, BinaryStruct.I32)) {
        returnCode = in.i32();
      } else if (in.isField(10, BinaryStruct.I32)) {
        coordinatorPid = in.i32();
      } else if (in.isField(11, BinaryStruct.DOUBLE)) {
        forkTime = in.real();
      } else {
        in.skipField();
      }
    }
    return new ProcessUpdate(
        seq, process, state, startTime, pid, stopTime, returnCode, coordinatorPid, forkTime);
  }

  private static void writeProcess(BinaryStruct.Writer out, ProcessUpdate step) {
    out.i64(1, step.seq());
    out.string(3, step.process());
    out.i32(5, step.stateNumber());
    out.real(6, step.startTime());
    out.i32(7, step.pid());
    out.real(8, step.stopTime());
    out.i32(9, step.returnCode());
    out.i32(10, step.coordinatorPid());
    out.real(11, step.forkTime());
    out.stop();
  }

  private static TaskUpdate readTask(BinaryStruct in) throws CheckpointException {
    @Nullable Integer state = null;
    @Nullable Long timestampMs = null;
    @Nullable Integer runnerPid = null;
    @Nullable Integer runnerUid = null;
    while (in.nextField()) {
      if (in.isField(1, BinaryStruct.I32)) {
        state = in.i32();
      } else if (in.isField(2, BinaryStruct.I64)) {
        timestampMs = in.i64();
      } else if (in.isField(3, BinaryStruct.I32)) {
        runnerPid = in.i32();
      } else if (in.isField(4, BinaryStruct.I32)) {
        runnerUid = in.i32();
      } else {
        in.skipField();
      }
    }
    return new TaskUpdate(state, timestampMs, runnerPid, runnerUid);
  }

  private static void writeTask(BinaryStruct.Writer out, TaskUpdate step) {
    out.i32(1, step.stateNumber());
    out.i64(2, step.timestampMs());
    out.i32(3, step.runnerPid());
    out.i32(4, step.runnerUid());
    out.stop();
  }
}
