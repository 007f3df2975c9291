package io.borealis.thrift;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/** An answer that Jetty sends piece by piece. Tells Jetty once when it is over, however it ends. */
final class ResponseStream implements HttpStream {
  private final Request request;
  private final Response response;
  private final Callback done;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile boolean writing;
  private volatile boolean aborted;

  ResponseStream(Request request, Response response, Callback done) {
    this.request = request;
    this.response = response;
    this.done = done;
  }

  @Override
  public CompletionStage<Void> write(byte[] piece) {
    return write(piece, false);
  }

  @Override
  public CompletionStage<Void> end(byte[] piece) {
    return write(piece, true);
  }

  private CompletionStage<Void> write(byte[] piece, boolean last) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    writing = true;
    response.write(
        last,
        ByteBuffer.wrap(piece),
        Callback.from(
            InvocationType.NON_BLOCKING,
            () -> {
              writing = false;
              if (aborted) {
                fail(new EofException("Aborted"));
              } else if (last && over.compareAndSet(false, true)) {
                done.succeeded();
              }
              taken.complete(null);
            },
            failure -> {
              writing = false;
              fail(failure);
              taken.completeExceptionally(failure);
            }));
    return taken;
  }

  @Override
  public void abort() {
    aborted = true;
    request.getConnectionMetaData().getConnection().getEndPoint().close();
    if (!writing) {
      fail(new EofException("Aborted"));
    }
  }

  private void fail(Throwable failure) {
    if (over.compareAndSet(false, true)) {
      done.failed(failure);
    }
  }
}
