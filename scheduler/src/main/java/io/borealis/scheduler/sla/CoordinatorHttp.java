package io.borealis.scheduler.sla;

import io.borealis.api.codec.Bytes;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Sends requests to coordinators. Thread-safe. */
public interface CoordinatorHttp {
  /**
   * Posts a body and reads the answer; must not block. Cancelling the future ends the exchange.
   *
   * @throws IllegalArgumentException when nothing can be sent to such an address
   */
  CompletableFuture<Reply> post(URI uri, byte[] body);

  /**
   * What came back.
   *
   * @param body as much of it as was read
   * @param whole whether that is all of it
   */
  record Reply(int status, Bytes body, boolean whole) {}
}
