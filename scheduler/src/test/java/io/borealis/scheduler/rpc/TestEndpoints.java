package io.borealis.scheduler.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.Response;
import io.borealis.api.ResponseDetail;
import io.borealis.api.ServerInfo;
import io.borealis.api.codec.StructType;
import io.borealis.thrift.AuditLog;
import io.borealis.thrift.CallContexts;
import io.borealis.thrift.Dispatcher;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.Interceptors;
import io.borealis.thrift.JsonCodec;
import io.borealis.thrift.JsonEndpoint;
import io.borealis.thrift.JsonFormatException;
import io.borealis.thrift.ThriftEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;

/** The API as it is reached over HTTP, in each of its forms. For one thread. */
final class TestEndpoints {
  /** The forms of a message that have a name for both its header and its answer. */
  enum Form {
    BINARY("application/vnd.apache.thrift.binary", new TBinaryProtocol.Factory()),
    JSON("application/vnd.apache.thrift.json", new TJSONProtocol.Factory());

    private final String type;

    @SuppressWarnings("ImmutableEnumChecker") // Factories hold settings only.
    private final TProtocolFactory protocol;

    Form(String type, TProtocolFactory protocol) {
      this.type = type;
      this.protocol = protocol;
    }

    /** The bytes of a call. */
    <A> byte[] message(String method, StructType<A> type, A args) {
      try {
        TMemoryBuffer buffer = new TMemoryBuffer(256);
        TProtocol out = protocol.getProtocol(buffer);
        out.writeMessageBegin(new TMessage(method, TMessageType.CALL, 7));
        type.write(out, args);
        out.writeMessageEnd();
        return Arrays.copyOf(buffer.getArray(), buffer.length());
      } catch (TException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }

  private final TestApi test;
  private final HttpHandler thrift;
  private final HttpHandler json;

  TestEndpoints(TestApi test) {
    this.test = test;
    Dispatcher dispatcher =
        new Dispatcher(
            call -> call.on(test.api),
            Interceptors.standard(
                new ServerInfo("west", ""),
                test.meters,
                new AuditLog(line -> {}),
                Optional::empty,
                (delay, action) -> test.store.loop().schedule(delay, action)::cancel,
                test.store.clock()::nanoTime));
    CallContexts contexts =
        new CallContexts(
            call -> "ann", () -> "r1", test.store.clock()::nanoTime, Duration.ofSeconds(30));
    thrift = new ThriftEndpoint(dispatcher, contexts);
    json = new JsonEndpoint("/apibeta", dispatcher, contexts, (response, answer) -> {});
  }

  /** Posts a Thrift message and expects a response in the same form. */
  Response response(Form form, byte[] message) {
    HttpReply reply = post(form, message);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.contentType()).isEqualTo(form.type);
    try {
      TProtocol in = form.protocol.getProtocol(new TMemoryInputTransport(reply.body()));
      TMessage header = in.readMessageBegin();
      if (header.type == TMessageType.EXCEPTION) {
        throw new AssertionError(TApplicationException.readFrom(in));
      }
      in.readStructBegin();
      TField field = in.readFieldBegin();
      assertThat(field.type).isEqualTo(TType.STRUCT);
      return Response.TYPE.read(in);
    } catch (TException malformed) {
      throw new AssertionError(malformed);
    }
  }

  /** Posts any bytes as a Thrift message. */
  HttpReply post(Form form, byte[] message) {
    return answer(
        thrift,
        new HttpCall(
            "POST",
            "/api",
            "",
            ImmutableMap.of("content-type", form.type, "accept", form.type),
            message,
            "10.0.0.1"));
  }

  /** Posts plain JSON. */
  HttpReply plain(String method, String body) {
    return answer(
        json,
        new HttpCall(
            "POST", "/apibeta/" + method, "", ImmutableMap.of(), body.getBytes(UTF_8), "10.0.0.1"));
  }

  /** Posts plain JSON and expects a response, told as its code and details. */
  String plainAnswer(String method, String body) {
    HttpReply reply = plain(method, body);
    assertThat(reply.status()).as(new String(reply.body(), UTF_8)).isEqualTo(200);
    try {
      return told(JsonCodec.read(Response.TYPE, new ObjectMapper().readTree(reply.body())));
    } catch (IOException | JsonFormatException malformed) {
      throw new AssertionError(malformed);
    }
  }

  /** A response as its code and details. */
  static String told(Response response) {
    return response.responseCode()
        + " "
        + response.details().stream().map(ResponseDetail::message).toList();
  }

  private HttpReply answer(HttpHandler handler, HttpCall call) {
    CompletableFuture<HttpReply> reply = handler.handle(call).toCompletableFuture();
    test.store.runtimes().runReady();
    assertThat(reply).as("nothing is left waiting").isCompleted();
    return reply.join();
  }
}
