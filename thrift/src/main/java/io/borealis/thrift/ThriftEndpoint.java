package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Response;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.OutputBuffer;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.apache.thrift.transport.TTransportException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API as Thrift over HTTP: one call in the body of one request. Requests and answers choose
 * their protocols independently, by Content-Type and Accept. Safe for use by any thread.
 */
public final class ThriftEndpoint implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(ThriftEndpoint.class);
  private static final String ALLOWED = "GET, HEAD, POST, OPTIONS";
  private static final ImmutableSet<String> CALLING = ImmutableSet.of("POST", "GET", "HEAD");
  private static final TField SUCCESS = new TField("success", TType.STRUCT, (short) 0);
  private static final int SMALL_REPLY = 512;

  private final Dispatcher dispatcher;
  private final CallContexts contexts;

  /**
   * Creates the endpoint.
   *
   * @param dispatcher makes the calls
   * @param contexts makes their contexts
   */
  public ThriftEndpoint(Dispatcher dispatcher, CallContexts contexts) {
    this.dispatcher = dispatcher;
    this.contexts = contexts;
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    if (call.method().equals("OPTIONS")) {
      return completedFuture(HttpReply.empty(200).with("Allow", ALLOWED));
    }
    if (!CALLING.contains(call.method())) {
      return completedFuture(
          HttpReply.text(405, "Method not allowed: " + call.method()).with("Allow", ALLOWED));
    }
    @Nullable String contentType = call.header("content-type");
    @Nullable ThriftProtocol protocol = ThriftProtocol.ofRequest(contentType);
    if (protocol == null) {
      return completedFuture(
          HttpReply.text(
              415,
              "Unsupported Content-Type: " + ThriftProtocol.quoted(String.valueOf(contentType))));
    }
    ThriftProtocol answer = ThriftProtocol.ofAnswer(call.header("accept"));
    TProtocol in;
    TMessage header;
    try {
      in = protocol.reading(input(call.body()));
      header = in.readMessageBegin();
    } catch (TException | RuntimeException malformed) {
      log.debug("A message could not be read", malformed);
      return completedFuture(
          HttpReply.text(
              400,
              call.body().length == 0
                  ? "The body is empty; a Thrift message was expected"
                  : "The body does not begin with a Thrift message"));
    }
    String name = printable(header.name);
    @Nullable ServiceMethod<? super AuroraAdmin, ?> method = dispatcher.find(name);
    if (method == null) {
      return completedFuture(
          exception(
              answer,
              header,
              TApplicationException.UNKNOWN_METHOD,
              "Invalid method name: '" + name + "'"));
    }
    return call(call, method, in, header, answer);
  }

  private <A> CompletionStage<HttpReply> call(
      HttpCall http,
      ServiceMethod<? super AuroraAdmin, A> method,
      TProtocol in,
      TMessage header,
      ThriftProtocol answer) {
    A args;
    try {
      args = method.args().read(in);
    } catch (TTransportException truncated) {
      return completedFuture(HttpReply.text(400, "The message is truncated"));
    } catch (TException | RuntimeException malformed) {
      log.debug("Arguments of {} could not be read", method.name(), malformed);
      String why =
          malformed instanceof TProtocolException && malformed.getMessage() != null
              ? malformed.getMessage()
              : "not readable";
      return completedFuture(
          exception(
              answer,
              header,
              TApplicationException.PROTOCOL_ERROR,
              "Malformed arguments of %s: %s".formatted(method.name(), why)));
    }
    CompletableFuture<Response> response =
        dispatcher.dispatch(new Call<>(method, args, contexts.of(http))).toCompletableFuture();
    return response.handle((value, failure) -> reply(answer, header, value, failure));
  }

  private static HttpReply reply(
      ThriftProtocol protocol,
      TMessage call,
      @Nullable Response response,
      @Nullable Throwable failure) {
    if (response != null) {
      try {
        return message(protocol, call, TMessageType.REPLY, out -> writeResult(out, call, response));
      } catch (TException unwritable) {
        log.error("The answer of {} cannot be written", call.name, unwritable);
      }
    } else {
      log.error("{} failed", call.name, failure);
    }
    return exception(protocol, call, TApplicationException.INTERNAL_ERROR, "Internal error");
  }

  private static void writeResult(TProtocol out, TMessage call, Response response)
      throws TException {
    out.writeStructBegin(new TStruct(call.name + "_result"));
    out.writeFieldBegin(SUCCESS);
    Response.TYPE.write(out, response);
    out.writeFieldEnd();
    out.writeFieldStop();
    out.writeStructEnd();
  }

  private static HttpReply exception(
      ThriftProtocol protocol, TMessage call, int type, String text) {
    try {
      return message(
          protocol, call, TMessageType.EXCEPTION, new TApplicationException(type, text)::write);
    } catch (TException impossible) {
      throw new IllegalStateException("Writing to memory failed", impossible);
    }
  }

  private static HttpReply message(
      ThriftProtocol protocol, TMessage call, byte type, Content content) throws TException {
    OutputBuffer buffer = new OutputBuffer(SMALL_REPLY, protocol.writing(), TaskConfig.TYPE);
    TProtocol out = buffer.protocol();
    out.writeMessageBegin(new TMessage(call.name, type, call.seqid));
    content.write(out);
    out.writeMessageEnd();
    return HttpReply.of(200, protocol.contentType(), buffer.toByteArray());
  }

  /** No size declared in a message can be true if it is beyond the message itself. */
  private static TMemoryInputTransport input(byte[] body) throws TTransportException {
    TConfiguration limits =
        TConfiguration.custom().setMaxMessageSize(Math.max(body.length, 1)).build();
    return new TMemoryInputTransport(limits, body);
  }

  /** The name goes into logs and answers; the compact protocol may leave it out. */
  private static String printable(@Nullable String name) {
    return name == null ? "" : name;
  }

  /** What follows the header of a message. */
  @FunctionalInterface
  private interface Content {
    void write(TProtocol out) throws TException;
  }
}
