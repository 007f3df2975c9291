package io.borealis.thrift;

import java.util.concurrent.CompletionStage;

/**
 * The body of an answer that is written piece by piece, for as long as that takes. Nothing is
 * buffered here: the next piece may be written once the last one has been taken. For one thread at
 * a time; what it returns completes on any thread.
 */
public interface HttpStream {
  /** Sends a piece; completes when the connection has taken it, fails when the client is gone. */
  CompletionStage<Void> write(byte[] piece);

  /** The same with the last piece, which may be empty; the connection may be used again. */
  CompletionStage<Void> end(byte[] piece);

  /** Drops the connection; a piece under way fails. */
  void abort();
}
