package io.borealis.cli;

import io.borealis.api.Response;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.jspecify.annotations.Nullable;

/**
 * A plain client written for tests alone, so that they do not depend on the client they might test.
 * Thread-safe.
 */
final class Wire {
  /** A call was sent elsewhere or refused before it was looked at. */
  static final class NotHandledException extends IOException {
    NotHandledException(String message) {
      super(message);
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final String base;
  private final Duration timeout;

  Wire(int port) {
    this(port, Duration.ofSeconds(40));
  }

  Wire(int port, Duration timeout) {
    this.base = "http://127.0.0.1:" + port;
    this.timeout = timeout;
  }

  /** The bytes of a call in Thrift's binary protocol. */
  static <A> byte[] request(String method, A args) {
    try {
      TMemoryBuffer buffer = new TMemoryBuffer(256);
      TProtocol out = new TBinaryProtocol(buffer);
      out.writeMessageBegin(new TMessage(method, TMessageType.CALL, 7));
      @SuppressWarnings("unchecked") // The table says which arguments belong to which method.
      ServiceMethod<AuroraAdmin, A> entry =
          (ServiceMethod<AuroraAdmin, A>) AuroraAdmin.METHODS.get(method);
      entry.args().write(out, args);
      out.writeMessageEnd();
      return Arrays.copyOf(buffer.getArray(), buffer.length());
    } catch (TException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Calls a method; what cannot be reached is an IOException. */
  <A> Response call(String method, A args) throws IOException {
    return answer(post(request(method, args)));
  }

  /** Sends the bytes of a call. */
  byte[] post(byte[] request) throws IOException {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(base + "/api"))
            .timeout(timeout)
            .header("Content-Type", "application/vnd.apache.thrift.binary")
            .header("Accept", "application/vnd.apache.thrift.binary")
            .POST(HttpRequest.BodyPublishers.ofByteArray(request))
            .build();
    HttpResponse<byte[]> reply = send(post, HttpResponse.BodyHandlers.ofByteArray());
    int status = reply.statusCode();
    if (status != 200) {
      String text = "HTTP " + status + " " + new String(reply.body(), StandardCharsets.UTF_8);
      throw status == 307 || status == 503 ? new NotHandledException(text) : new IOException(text);
    }
    return reply.body();
  }

  /** What came back: the status and, where there is one, the response. */
  record Reply(int status, @Nullable Response response) {}

  /** Sends a call in Thrift's JSON. */
  Reply postThriftJson(String request) throws IOException {
    HttpResponse<byte[]> reply =
        send(
            HttpRequest.newBuilder(URI.create(base + "/api"))
                .timeout(timeout)
                .header("Content-Type", "application/vnd.apache.thrift.json")
                .POST(HttpRequest.BodyPublishers.ofString(request))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    try {
      TMemoryInputTransport body = new TMemoryInputTransport(reply.body());
      return new Reply(
          reply.statusCode(), reply.statusCode() == 200 ? answer(new TJSONProtocol(body)) : null);
    } catch (TException | IOException notAResponse) {
      return new Reply(reply.statusCode(), null);
    }
  }

  /** Sends any request, with these headers and no others of the client's making. */
  HttpResponse<byte[]> send(String method, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(timeout)
            .method(
                method,
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Fetches a page. */
  HttpResponse<String> get(String path) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(base + path)).timeout(timeout).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Sends JSON and returns the answer. */
  HttpResponse<String> postJson(String path, String json) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }

  /** Reads the reply to a call. */
  static Response answer(byte[] reply) throws IOException {
    try {
      return answer(new TBinaryProtocol(new TMemoryInputTransport(reply)));
    } catch (TException malformed) {
      throw new IOException("a malformed reply", malformed);
    }
  }

  private static Response answer(TProtocol in) throws IOException, TException {
    TMessage header = in.readMessageBegin();
    if (header.type != TMessageType.REPLY) {
      throw new IOException("a reply of type " + header.type);
    }
    in.readStructBegin();
    Response response = null;
    for (TField field = in.readFieldBegin();
        field.type != TType.STOP;
        field = in.readFieldBegin()) {
      response = Response.TYPE.read(in);
      in.readFieldEnd();
    }
    if (response == null) {
      throw new IOException("a reply without a response");
    }
    return response;
  }
}
