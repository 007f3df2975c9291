package io.borealis.agent.link;

import io.borealis.thrift.MemberEntry.Endpoint;
import java.util.concurrent.CompletableFuture;

/** Carries requests to a leader. Thread-safe; never blocks. */
public interface LeaderTransport {
  /**
   * Posts a body. Fails when the leader cannot be reached or hangs up; may also never complete, so
   * that who asks has to see to the time. Cancelling it ends the exchange.
   *
   * @param path begins with a slash
   */
  CompletableFuture<Reply> post(Endpoint leader, String path, byte[] body);

  /**
   * What came back. Immutable as long as nobody writes into the array.
   *
   * @param status of HTTP
   */
  @SuppressWarnings("ArrayRecordComponent") // Made once, read once.
  record Reply(int status, byte[] body) {}
}
