package io.borealis.bench;

import io.borealis.api.Response;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;

/**
 * A keep-alive connection to a scheduler that costs as little as possible, since it shares the
 * processors with what it measures. For one thread.
 */
final class Connection implements AutoCloseable {
  static final String BINARY = "application/vnd.apache.thrift.binary";
  static final String JSON = "application/vnd.apache.thrift.json";
  private static final int TIMEOUT_MS = 60_000;
  private static final int LARGEST = 1 << 28;

  private final Socket socket;
  private final InputStream in;
  private final String path;
  private byte[] line = new byte[256];

  Connection(int port, String path) throws IOException {
    this.path = path;
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  Connection(int port) throws IOException {
    this(port, "/api");
  }

  /** The bytes of a call in Thrift's binary protocol. */
  static <A> byte[] request(String method, A args) {
    try {
      TMemoryBuffer buffer = new TMemoryBuffer(1024);
      TProtocol out = new TBinaryProtocol(buffer);
      out.writeMessageBegin(new TMessage(method, TMessageType.CALL, 1));
      @SuppressWarnings("unchecked") // The table says which arguments belong to which method.
      ServiceMethod<AuroraAdmin, A> entry =
          (ServiceMethod<AuroraAdmin, A>) AuroraAdmin.METHODS.get(method);
      entry.args().write(out, args);
      out.writeMessageEnd();
      return Arrays.copyOf(buffer.getArray(), buffer.length());
    } catch (TException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Calls a method and insists on success. */
  <A> Response call(String method, A args) throws IOException {
    return Leader.ok(answer(post(request(method, args), BINARY)));
  }

  /** Sends the bytes of a call in the binary protocol; anything but 200 is an IOException. */
  byte[] post(byte[] request, String accept) throws IOException {
    byte[] head =
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + BINARY
                + "\r\nAccept: "
                + accept
                + "\r\nContent-Length: "
                + request.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(head, head.length + request.length);
    System.arraycopy(request, 0, whole, head.length, request.length);
    socket.getOutputStream().write(whole);
    String status = readLine();
    int length = -1;
    for (String header = readLine(); !header.isEmpty(); header = readLine()) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      }
    }
    if (length < 0) {
      throw new IOException("an answer without length: " + status);
    }
    byte[] body = in.readNBytes(length);
    if (!status.contains(" 200 ") || body.length < length) {
      throw new IOException(status + " " + new String(body, StandardCharsets.UTF_8));
    }
    return body;
  }

  private String readLine() throws IOException {
    int length = 0;
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection was closed");
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) next;
    }
    return new String(line, 0, Math.max(0, length - 1), StandardCharsets.US_ASCII);
  }

  /** Reads the answer to a call in the binary protocol. */
  static Response answer(byte[] reply) throws IOException {
    try {
      TProtocol protocol =
          new TBinaryProtocol(
              new TMemoryInputTransport(new TConfiguration(LARGEST, LARGEST, 64), reply));
      TMessage header = protocol.readMessageBegin();
      protocol.readStructBegin();
      TField field = protocol.readFieldBegin();
      if (header.type != TMessageType.REPLY || field.type != TType.STRUCT) {
        throw new IOException("not the answer of a call: type " + header.type);
      }
      return Response.TYPE.read(protocol);
    } catch (TException malformed) {
      throw new IOException("a malformed answer", malformed);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
