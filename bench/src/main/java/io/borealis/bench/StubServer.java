package io.borealis.bench;

import static java.util.concurrent.CompletableFuture.completedFuture;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.thrift.CallContexts;
import io.borealis.thrift.Dispatcher;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.HttpServer;
import io.borealis.thrift.Router;
import io.borealis.thrift.ThriftEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The other side of ratios of reads, as a process: the HTTP server of the scheduler over an API
 * that answers everything with an empty OK, and over buffers. {@code /api} is the API; {@code
 * /buffer} answers with the bytes of the file named by its query.
 */
public final class StubServer {
  private static final int MAX_BODY = 1 << 24;
  private static final Response OK =
      Response.builder().responseCode(ResponseCode.OK).details(ImmutableList.of()).build();

  private StubServer() {}

  /** Serves until it is killed; prints where. */
  public static void main(String[] args) {
    CallContexts contexts =
        new CallContexts(call -> "bench", () -> "bench", System::nanoTime, Duration.ofSeconds(30));
    ThriftEndpoint thrift =
        new ThriftEndpoint(
            new Dispatcher(call -> completedFuture(OK), ImmutableList.of()), contexts);
    HttpServer server =
        new HttpServer(
            "127.0.0.1",
            0,
            MAX_BODY,
            Router.builder().exact("/api", thrift).exact("/buffer", buffers()).build());
    server.start();
    System.out.println("listening at " + server.port());
  }

  private static HttpHandler buffers() {
    AtomicReference<HttpReply> reply = new AtomicReference<>();
    AtomicReference<String> file = new AtomicReference<>("");
    return call -> {
      if (!call.query().equals(file.get())) {
        try {
          reply.set(
              HttpReply.of(200, Connection.BINARY, Files.readAllBytes(Path.of(call.query()))));
          file.set(call.query());
        } catch (IOException missing) {
          return completedFuture(HttpReply.text(404, missing.getMessage()));
        }
      }
      return completedFuture(reply.get());
    };
  }
}
