package io.borealis.scheduler.leader;

import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import io.borealis.thrift.ServersetLeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code member_} nodes under the serverset path: watches them, and writes and removes this
 * leader's own. Thread-safe; {@link #leader} is a volatile read.
 */
public final class Discovery implements Advertising, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
  private static final int ATTEMPTS = 5;

  private final CuratorFramework curator;
  private final String path;
  private final Executor blocking;
  private final ServersetLeader watch;

  /**
   * @param path absolute path of the serverset
   * @param blocking runs calls that wait for ZooKeeper
   */
  public Discovery(CuratorFramework curator, String path, Executor blocking) {
    this.curator = curator;
    this.path = path;
    this.blocking = blocking;
    this.watch = new ServersetLeader(curator, path);
  }

  /** Starts watching. */
  public void start() {
    watch.start();
  }

  @Override
  public void onChange(Runnable action) {
    watch.onChange(action);
  }

  @Override
  public Optional<Endpoint> leader() {
    return watch.leader();
  }

  @Override
  public CompletionStage<String> advertise(
      MemberEntry entry, @Nullable String known, String fencePath, int fenceVersion) {
    CompletableFuture<String> advertised = new CompletableFuture<>();
    blocking.execute(
        () -> {
          try {
            advertised.complete(advertiseNow(entry, known, fencePath, fenceVersion));
          } catch (Exception failure) {
            advertised.completeExceptionally(failure);
          }
        });
    return advertised;
  }

  /**
   * Creates the entry and removes all others in one ZooKeeper transaction, and looks whether that
   * is how it is now: a transaction repeated after a loss of connection may have been made twice.
   */
  private String advertiseNow(
      MemberEntry entry, @Nullable String known, String fencePath, int fenceVersion)
      throws Exception {
    curator.createContainers(path);
    String mine = known;
    for (int attempt = 1; ; attempt++) {
      List<String> found = members();
      if (mine != null && (found.equals(List.of(mine)) || attempt > ATTEMPTS)) {
        return mine;
      }
      boolean exists = mine != null && found.contains(mine);
      List<CuratorOp> operations = new ArrayList<>();
      operations.add(curator.transactionOp().check().withVersion(fenceVersion).forPath(fencePath));
      if (!exists) {
        operations.add(
            curator
                .transactionOp()
                .create()
                .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                .forPath(ZKPaths.makePath(path, ServersetLeader.PREFIX), entry.toBytes()));
      }
      for (String other : found) {
        if (!other.equals(mine)) {
          operations.add(curator.transactionOp().delete().forPath(other));
        }
      }
      try {
        List<CuratorTransactionResult> results = curator.transaction().forOperations(operations);
        mine = exists ? mine : results.get(1).getResultPath();
      } catch (KeeperException.NoNodeException another) {
        // An entry that was to be removed went by itself.
        if (attempt >= ATTEMPTS) {
          throw another;
        }
      }
    }
  }

  @Override
  public CompletionStage<Void> withdraw(String entryPath) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    try {
      curator.delete().inBackground((client, event) -> answered.complete(null)).forPath(entryPath);
    } catch (Exception failure) {
      LOG.warn("{} could not be removed", entryPath, failure);
      answered.complete(null);
    }
    return answered;
  }

  /** Removes entries and candidates a dead embedded run left behind. Blocks on ZooKeeper. */
  public void removeStale() throws Exception {
    if (curator.checkExists().forPath(path) != null) {
      for (String child : curator.getChildren().forPath(path)) {
        delete(ZKPaths.makePath(path, child));
      }
    }
  }

  /** The paths of all entries, as ZooKeeper has them now. */
  private List<String> members() throws Exception {
    return curator.getChildren().forPath(path).stream()
        .filter(child -> child.startsWith(ServersetLeader.PREFIX))
        .map(child -> ZKPaths.makePath(path, child))
        .toList();
  }

  private void delete(String child) throws Exception {
    try {
      curator.delete().forPath(child);
    } catch (KeeperException.NoNodeException gone) {
      LOG.debug("{} was gone already", child);
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
