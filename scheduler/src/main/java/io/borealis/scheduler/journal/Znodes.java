package io.borealis.scheduler.journal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * The few operations of ZooKeeper that the journal needs. Called on the journal's loop; futures
 * complete there, in the order of the calls, and fail with a {@link
 * org.apache.zookeeper.KeeperException}. Nothing is retried.
 */
interface Znodes extends AutoCloseable {
  /** Opens the session. */
  void open(Events events);

  /** Gives the session up and opens another. */
  void reopen();

  CompletionStage<Node> get(String path);

  /** Whether the node exists; the watch runs once, at its next change. */
  CompletionStage<Boolean> exists(String path, @Nullable Runnable watch);

  /** Names of the children; the watch runs once, when one comes or goes. */
  CompletionStage<List<String>> children(String path, @Nullable Runnable watch);

  /**
   * How many children there are, which can be asked for more of them than {@link #children} can
   * name: an answer has room for about 43,000 names of entries.
   */
  CompletionStage<Integer> childCount(String path);

  /** Makes a persistent node. */
  CompletionStage<Void> create(String path, byte[] data);

  /**
   * Replaces the data.
   *
   * @param version the version it must have, −1 for any
   * @return the new version
   */
  CompletionStage<Integer> set(String path, byte[] data, int version);

  /** All of the operations or none. */
  CompletionStage<Void> multi(List<Op> operations);

  /** Completes when this server has seen everything that was durable before the call. */
  CompletionStage<Void> sync(String path);

  /** An operation that makes a persistent node, for {@link #multi}. */
  Op createOp(String path, byte[] data);

  /** Timeout of the session as negotiated; as asked for before. */
  Duration sessionTimeout();

  @Override
  void close();

  /** A node's data and version. */
  @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
  record Node(byte[] data, int version) {}

  /** What happens to the session. Called on the journal's loop. */
  interface Events {
    /** Connected, for the first time or again. */
    void onConnected();

    /** The connection is lost; the session may live. */
    void onDisconnected();

    /** The session is gone; nothing works until it is opened anew. */
    void onExpired();
  }
}
