package io.borealis.agent.announce;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/**
 * Nodes of ZooKeeper, asked for without waiting. Results come on some thread, and fail with a
 * {@link KeeperException} or with what the client throws. Thread-safe.
 */
final class Nodes {
  private final CuratorFramework client;

  Nodes(CuratorFramework client) {
    this.client = client;
  }

  /** An operation of the client, which reports to the callback. */
  private interface Operation {
    void start(BackgroundCallback callback) throws Exception;
  }

  /** Makes an ephemeral node with a number behind the path, and all above it. */
  CompletionStage<String> create(String path, byte[] bytes) {
    return run(callback ->
            client
                .create()
                .creatingParentsIfNeeded()
                .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                .inBackground(callback)
                .forPath(path, bytes))
        .thenApply(event -> Objects.requireNonNull(event.getName(), "no node was made"));
  }

  /** Reads a node and whatever is below it; empty if it is not there. */
  CompletionStage<Optional<CuratorEvent>> read(String path) {
    return found(run(callback -> client.getData().inBackground(callback).forPath(path)));
  }

  /** Names what is below a node; empty if it is not there. */
  CompletionStage<Optional<CuratorEvent>> children(String path) {
    return found(run(callback -> client.getChildren().inBackground(callback).forPath(path)));
  }

  /**
   * Looks whether a node is there.
   *
   * @param onChange runs on some thread, once, when that may have changed
   */
  CompletionStage<Boolean> exists(String path, Runnable onChange) {
    CuratorWatcher watcher = event -> onChange.run();
    return found(
            run(
                callback ->
                    client
                        .checkExists()
                        .usingWatcher(watcher)
                        .inBackground(callback)
                        .forPath(path)))
        .thenApply(Optional::isPresent);
  }

  /** Deletes a node, if need be once the connection is back; one that is gone is fine. */
  CompletionStage<Void> delete(String path) {
    return found(run(callback -> client.delete().guaranteed().inBackground(callback).forPath(path)))
        .thenApply(gone -> null);
  }

  /** The number of the session, by which it owns ephemeral nodes. */
  long session() throws Exception {
    return client.getZookeeperClient().getZooKeeper().getSessionId();
  }

  private static CompletionStage<CuratorEvent> run(Operation operation) {
    CompletableFuture<CuratorEvent> result = new CompletableFuture<>();
    try {
      operation.start(
          (same, event) -> {
            Code code = Code.get(event.getResultCode());
            if (code == Code.OK || code == Code.NONODE) {
              result.complete(event);
            } else {
              result.completeExceptionally(KeeperException.create(code, event.getPath()));
            }
          });
    } catch (Exception failure) {
      result.completeExceptionally(failure);
    }
    return result;
  }

  private static CompletionStage<Optional<CuratorEvent>> found(
      CompletionStage<CuratorEvent> result) {
    return result.thenApply(
        event ->
            event.getResultCode() == Code.OK.intValue() ? Optional.of(event) : Optional.empty());
  }
}
