package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Znodes on a ZooKeeper handle of its own: no Curator, no retries, so that every outcome is known
 * as exactly as ZooKeeper knows it. Confined to the journal's loop.
 */
final class ZooKeeperZnodes implements Znodes {
  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperZnodes.class);

  private final EventLoop loop;
  private final String connect;
  private final Duration timeout;
  private final Optional<String> credentials;
  private final List<ACL> acl;
  private @Nullable Events events;
  private @Nullable ZooKeeper handle;

  ZooKeeperZnodes(EventLoop loop, String connect, Duration timeout, Optional<String> credentials) {
    this.loop = loop;
    this.connect = connect;
    this.timeout = timeout;
    this.credentials = credentials;
    this.acl =
        credentials.isPresent() ? Ownership.ownerWritesAllRead() : ZooDefs.Ids.OPEN_ACL_UNSAFE;
  }

  @Override
  public void open(Events receiver) {
    events = receiver;
    connect();
  }

  private void connect() {
    try {
      SessionWatcher watcher = new SessionWatcher();
      ZooKeeper opened = new ZooKeeper(connect, Math.toIntExact(timeout.toMillis()), watcher);
      credentials.ifPresent(c -> opened.addAuthInfo("digest", c.getBytes(StandardCharsets.UTF_8)));
      handle = opened;
      watcher.arm(opened);
    } catch (IOException failure) {
      throw new UncheckedIOException("No ZooKeeper client for " + connect, failure);
    }
  }

  @Override
  public void reopen() {
    close();
    connect();
  }

  private ZooKeeper zooKeeper() {
    if (handle == null) {
      throw new IllegalStateException("The session is not open");
    }
    return handle;
  }

  @Override
  public CompletionStage<Node> get(String path) {
    CompletableFuture<Node> result = new CompletableFuture<>();
    zooKeeper()
        .getData(
            path,
            false,
            (rc, p, ctx, data, stat) ->
                settle(
                    result,
                    rc,
                    path,
                    () -> new Node(data == null ? new byte[0] : data, stat.getVersion())),
            null);
    return result;
  }

  @Override
  public CompletionStage<Boolean> exists(String path, @Nullable Runnable watch) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    zooKeeper()
        .exists(
            path,
            watcher(watch),
            (rc, p, ctx, stat) -> {
              if (rc == Code.NONODE.intValue()) {
                loop.execute(() -> result.complete(false));
              } else {
                settle(result, rc, path, () -> true);
              }
            },
            null);
    return result;
  }

  @Override
  public CompletionStage<List<String>> children(String path, @Nullable Runnable watch) {
    CompletableFuture<List<String>> result = new CompletableFuture<>();
    zooKeeper()
        .getChildren(
            path,
            watcher(watch),
            (rc, p, ctx, children) -> settle(result, rc, path, () -> children),
            null);
    return result;
  }

  @Override
  public CompletionStage<Integer> childCount(String path) {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    zooKeeper()
        .exists(
            path,
            false,
            (rc, p, ctx, stat) -> settle(result, rc, path, () -> stat.getNumChildren()),
            null);
    return result;
  }

  @Override
  public CompletionStage<Void> create(String path, byte[] data) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    zooKeeper()
        .create(
            path,
            data,
            acl,
            CreateMode.PERSISTENT,
            (rc, p, ctx, name) -> settle(result, rc, path, () -> null),
            null);
    return result;
  }

  @Override
  public CompletionStage<Integer> set(String path, byte[] data, int version) {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    zooKeeper()
        .setData(
            path,
            data,
            version,
            (rc, p, ctx, stat) -> settle(result, rc, path, () -> stat.getVersion()),
            null);
    return result;
  }

  @Override
  public CompletionStage<Void> multi(List<Op> operations) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    zooKeeper()
        .multi(
            operations,
            (rc, p, ctx, results) ->
                settle(result, rc, operations.get(operations.size() - 1).getPath(), () -> null),
            null);
    return result;
  }

  @Override
  public CompletionStage<Void> sync(String path) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    zooKeeper().sync(path, (rc, p, ctx) -> settle(result, rc, path, () -> null), null);
    return result;
  }

  @Override
  public Op createOp(String path, byte[] data) {
    return Op.create(path, data, acl, CreateMode.PERSISTENT);
  }

  @Override
  public Duration sessionTimeout() {
    int negotiated = handle == null ? 0 : handle.getSessionTimeout();
    return negotiated > 0 ? Duration.ofMillis(negotiated) : timeout;
  }

  @Override
  public void close() {
    ZooKeeper closing = handle;
    handle = null;
    if (closing != null) {
      try {
        // Does not wait for the server: it may not be there, and the loop must not stand still.
        closing.close(1);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T> void settle(
      CompletableFuture<T> result, int rc, String path, java.util.function.Supplier<T> value) {
    loop.execute(
        () -> {
          if (rc == Code.OK.intValue()) {
            result.complete(value.get());
          } else {
            result.completeExceptionally(KeeperException.create(Code.get(rc), path));
          }
        });
  }

  private @Nullable Watcher watcher(@Nullable Runnable watch) {
    if (watch == null) {
      return null;
    }
    return event -> {
      // Session events reach every watcher; only a change of the node spends it.
      if (event.getType() != Watcher.Event.EventType.None) {
        loop.execute(watch);
      }
    };
  }

  /** Passes the events of one handle on, for as long as it is the current one. */
  private final class SessionWatcher implements Watcher {
    private final CompletableFuture<ZooKeeper> mine = new CompletableFuture<>();

    void arm(ZooKeeper opened) {
      mine.complete(opened);
    }

    @Override
    public void process(WatchedEvent event) {
      var unused = mine.thenAccept(opened -> loop.execute(() -> pass(opened, event)));
    }

    private void pass(ZooKeeper opened, WatchedEvent event) {
      if (handle != opened || events == null || event.getType() != Event.EventType.None) {
        return;
      }
      switch (event.getState()) {
        case SyncConnected -> events.onConnected();
        case Disconnected -> events.onDisconnected();
        case Expired -> events.onExpired();
        case AuthFailed -> LOG.error("ZooKeeper refuses the credentials of the journal");
        default -> LOG.debug("Session event {}", event.getState());
      }
    }
  }
}
