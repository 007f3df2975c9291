package io.borealis.thrift;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server. A request's body is read whole, up to a limit, before it is handled; no thread
 * waits while an answer is pending or written piece by piece. Safe for use by any thread; start and
 * close it once.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final int MAX_THREADS = 64;
  private static final int MIN_THREADS = 8;
  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final Duration BODY_TIME = Duration.ofMinutes(1);
  private static final Splitter COMMAS = Splitter.on(',').trimResults().omitEmptyStrings();
  private static final Splitter SEMICOLONS = Splitter.on(';').trimResults();

  private final QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
  private final Server server;
  private final ServerConnector connector;
  private final int maxBodyBytes;
  private final Duration bodyTime;
  private final HttpHandler handler;

  /**
   * Prepares a server; nothing listens yet.
   *
   * @param host the address to listen on; null for all
   * @param port the port to listen on; 0 for any
   * @param maxBodyBytes longer bodies are refused, whether as sent or inflated
   * @param handler answers the requests, usually a {@link Router}
   */
  public HttpServer(@Nullable String host, int port, int maxBodyBytes, HttpHandler handler) {
    this(host, port, maxBodyBytes, BODY_TIME, handler);
  }

  /** The same with a choice of how long a client may take over a body. */
  HttpServer(
      @Nullable String host, int port, int maxBodyBytes, Duration bodyTime, HttpHandler handler) {
    this.bodyTime = bodyTime;
    this.maxBodyBytes = maxBodyBytes;
    this.handler = handler;
    threads.setName("http");
    server = new Server(threads);
    HttpConfiguration settings = new HttpConfiguration();
    settings.setSendServerVersion(false);
    settings.setSendXPoweredBy(false);
    settings.setRequestHeaderSize(MAX_HEADER_BYTES);
    connector = new ServerConnector(server, new HttpConnectionFactory(settings));
    connector.setHost(host);
    connector.setPort(port);
    server.addConnector(connector);
    server.setErrorHandler(HttpServer::plainError);
    server.setHandler(new Entry());
  }

  /**
   * Starts to listen.
   *
   * @throws UncheckedIOException when the port cannot be had
   */
  public void start() {
    try {
      server.start();
    } catch (IOException failure) {
      String why = failure.getCause() == null ? "" : ": " + failure.getCause().getMessage();
      throw new UncheckedIOException("Cannot listen: " + failure.getMessage() + why, failure);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while starting the HTTP server", interrupted);
    } catch (Exception failure) {
      throw new IllegalStateException("Cannot start the HTTP server", failure);
    }
  }

  /** The port it listens on; only once started. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Stops to listen and drops the connections. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (RuntimeException failure) {
      throw failure;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (Exception failure) {
      log.warn("The HTTP server did not stop cleanly", failure);
    }
  }

  private CompletableFuture<HttpReply> answer(Request request) {
    String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    boolean gzipped = encoding != null && Ascii.equalsIgnoreCase(encoding.trim(), "gzip");
    if (encoding != null && !gzipped && !Ascii.equalsIgnoreCase(encoding.trim(), "identity")) {
      return completedFuture(HttpReply.text(415, "Unsupported Content-Encoding: " + encoding));
    }
    long length = request.getLength();
    if (length > maxBodyBytes) {
      return completedFuture(tooLarge());
    }
    CompletableFuture<byte[]> reading = BodyReader.read(request, maxBodyBytes, Math.max(length, 0));
    if (!reading.isDone()) {
      limitTime(reading);
    }
    return reading
        .thenCompose(body -> bodyRead(request, gzipped, body))
        .exceptionally(this::bodyNotRead);
  }

  /** A client that sends a byte now and then would never be idle. */
  private void limitTime(CompletableFuture<byte[]> reading) {
    Scheduler.Task timer =
        connector
            .getScheduler()
            .schedule(
                () -> reading.completeExceptionally(new TimeoutException()),
                bodyTime.toMillis(),
                TimeUnit.MILLISECONDS);
    var unused = reading.whenComplete((body, failure) -> timer.cancel());
  }

  private HttpReply bodyNotRead(Throwable failure) {
    if (cause(failure) instanceof TimeoutException) {
      return HttpReply.text(408, "The body did not arrive in time").with("Connection", "close");
    }
    if (cause(failure) instanceof BodyReader.TooLargeException) {
      return tooLarge();
    }
    throw new CompletionException(cause(failure));
  }

  private CompletableFuture<HttpReply> bodyRead(Request request, boolean gzipped, byte[] body) {
    // The connection is silent while an answer is worked on, and that may take long.
    request.addIdleTimeoutListener(timeout -> false);
    try {
      byte[] plain = gzipped && body.length > 0 ? Gzip.inflate(body, maxBodyBytes) : body;
      return handler.handle(callOf(request, plain)).toCompletableFuture();
    } catch (Gzip.TooLargeException bomb) {
      return completedFuture(tooLarge());
    } catch (IOException notGzip) {
      return completedFuture(HttpReply.text(400, "The body is not gzip"));
    }
  }

  private HttpReply tooLarge() {
    return HttpReply.text(413, "The body is longer than %d bytes".formatted(maxBodyBytes))
        .with("Connection", "close");
  }

  private static HttpCall callOf(Request request, byte[] body) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (HttpField field : request.getHeaders()) {
      String value = field.getValue() == null ? "" : field.getValue();
      headers.merge(field.getLowerCaseName(), value, (first, second) -> first + ", " + second);
    }
    @Nullable String path = request.getHttpURI().getCanonicalPath();
    @Nullable String query = request.getHttpURI().getQuery();
    return new HttpCall(
        request.getMethod(),
        path == null ? "/" : path,
        query == null ? "" : query,
        ImmutableMap.copyOf(headers),
        body,
        Request.getRemoteAddr(request));
  }

  private static void send(Request request, Response response, HttpReply reply, Callback done) {
    response.setStatus(reply.status());
    reply.headers().forEach(response.getHeaders()::put);
    if (reply.contentType() != null) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.contentType());
    }
    if (reply.stream() != null && !request.getMethod().equals("HEAD")) {
      reply.stream().accept(new ResponseStream(request, response, done));
      return;
    }
    byte[] body = reply.body();
    if (body.length > 0 && !response.getHeaders().contains(HttpHeader.CONTENT_ENCODING)) {
      response.getHeaders().put(HttpHeader.VARY, "Accept-Encoding");
      if (acceptsGzip(request)) {
        body = Gzip.compress(body);
        response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
      }
    }
    if (!HttpStatus.hasNoBody(reply.status()) && reply.stream() == null) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    }
    response.write(true, ByteBuffer.wrap(body), done);
  }

  private static boolean acceptsGzip(Request request) {
    for (String value : request.getHeaders().getValuesList(HttpHeader.ACCEPT_ENCODING)) {
      for (String coding : COMMAS.split(value.toLowerCase(Locale.ROOT))) {
        var parts = SEMICOLONS.splitToList(coding);
        if (parts.get(0).equals("gzip")) {
          return parts.stream().skip(1).noneMatch(part -> part.matches("q\\s*=\\s*0(\\.0*)?"));
        }
      }
    }
    return false;
  }

  private static void plainFailure(
      Request request, Response response, Throwable failure, Callback done) {
    Throwable cause = cause(failure);
    if (cause instanceof BodyReader.FailedException) {
      bodyFailed(request, response, cause.getCause(), done);
      return;
    }
    log.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), cause);
    if (response.isCommitted()) {
      done.failed(cause);
      return;
    }
    response.reset();
    send(request, response, HttpReply.text(500, "Internal error"), done);
  }

  private static void bodyFailed(
      Request request, Response response, Throwable failure, Callback done) {
    if (failure instanceof HttpException malformed) {
      @Nullable String text = HttpStatus.getMessage(malformed.getCode());
      HttpReply reply = HttpReply.text(malformed.getCode(), text == null ? "Error" : text);
      send(request, response, reply.with("Connection", "close"), done);
    } else {
      // Nobody is there to hear an answer.
      log.debug("A client went away", failure);
      done.failed(failure);
    }
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** What Jetty refuses on its own, such as broken headers; its page would be HTML. */
  private static boolean plainError(Request request, Response response, Callback done) {
    int status = response.getStatus();
    @Nullable String text = HttpStatus.getMessage(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.write(true, ByteBuffer.wrap((text == null ? "Error" : text).getBytes(UTF_8)), done);
    return true;
  }

  /** Where Jetty hands a request over. */
  private final class Entry extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback done) {
      CompletableFuture<HttpReply> pending;
      try {
        pending = answer(request);
      } catch (RuntimeException failure) {
        pending = failedFuture(failure);
      }
      // An answer that comes late is that of a write, and short: it is sent by who has it, since
      // each change of threads costs more than sending it.
      CompletableFuture<HttpReply> answered = pending;
      var unused =
          answered.whenComplete((reply, failure) -> finish(request, response, done, answered));
      return true;
    }

    private void finish(
        Request request, Response response, Callback done, CompletableFuture<HttpReply> pending) {
      try {
        send(request, response, pending.join(), done);
      } catch (RuntimeException failure) {
        plainFailure(request, response, failure, done);
      }
    }
  }
}
