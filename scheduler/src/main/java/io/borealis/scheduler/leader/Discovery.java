package io.borealis.scheduler.leader;

import io.borealis.scheduler.leader.MemberEntry.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code member_} nodes under the serverset path: watches them, and writes and removes this
 * leader's own. Thread-safe through Curator; {@link #leader} is a volatile read.
 */
public final class Discovery implements LeaderView, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
  private static final String PREFIX = "member_";
  private static final int ATTEMPTS = 5;

  private final CuratorFramework curator;
  private final String path;
  private final CuratorCache cache;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<String, MemberEntry> members = Map.of();

  /**
   * @param path absolute path of the serverset
   */
  public Discovery(CuratorFramework curator, String path) {
    this.curator = curator;
    this.path = path;
    this.cache = CuratorCache.build(curator, path);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder().forAll((type, before, after) -> refresh()).build());
  }

  /** Starts watching. */
  public void start() {
    cache.start();
  }

  /** Runs the action after each change of the entries, on Curator's thread. */
  public void onChange(Runnable action) {
    listeners.add(action);
  }

  @Override
  public Optional<Endpoint> leader() {
    Map<String, MemberEntry> current = members;
    return current.size() == 1
        ? Optional.of(current.values().iterator().next().serviceEndpoint())
        : Optional.empty();
  }

  /**
   * Writes this leader's entry and removes every other, in one ZooKeeper transaction that holds
   * only while the fence does: a leader frozen at this point and thawed later can neither advertise
   * itself nor remove its successor. Blocks on ZooKeeper.
   *
   * @param fencePath the journal's epoch node
   * @param fenceVersion its version in this leader's term
   * @return the path of the new entry
   * @throws Exception when ZooKeeper cannot be reached or the fence was moved; the caller steps
   *     down
   */
  public String advertise(MemberEntry entry, String fencePath, int fenceVersion) throws Exception {
    curator.createContainers(path);
    for (int attempt = 1; ; attempt++) {
      List<CuratorOp> operations = new ArrayList<>();
      operations.add(curator.transactionOp().check().withVersion(fenceVersion).forPath(fencePath));
      operations.add(
          curator
              .transactionOp()
              .create()
              .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
              .forPath(ZKPaths.makePath(path, PREFIX), entry.toBytes()));
      for (String child : children()) {
        operations.add(curator.transactionOp().delete().forPath(ZKPaths.makePath(path, child)));
      }
      try {
        return curator.transaction().forOperations(operations).get(1).getResultPath();
      } catch (KeeperException.NoNodeException another) {
        // An entry that was to be removed went by itself.
        if (attempt == ATTEMPTS) {
          throw another;
        }
      }
    }
  }

  /**
   * Removes an entry; one that is gone is fine. Completes, always well, when ZooKeeper has answered
   * or could not be asked for long. An entry that remains ends with its session, and the next
   * leader removes it as well.
   */
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

  private List<String> children() throws Exception {
    try {
      return curator.getChildren().forPath(path).stream()
          .filter(child -> child.startsWith(PREFIX))
          .toList();
    } catch (KeeperException.NoNodeException none) {
      return List.of();
    }
  }

  private void delete(String child) throws Exception {
    try {
      curator.delete().forPath(child);
    } catch (KeeperException.NoNodeException gone) {
      LOG.debug("{} was gone already", child);
    }
  }

  private void refresh() {
    Map<String, MemberEntry> found = new TreeMap<>();
    cache.stream().filter(node -> isMember(node.getPath())).forEach(node -> parse(node, found));
    members = Map.copyOf(found);
    listeners.forEach(Runnable::run);
  }

  private static void parse(ChildData node, Map<String, MemberEntry> into) {
    MemberEntry.parse(node.getData())
        .ifPresentOrElse(
            entry -> into.put(node.getPath(), entry),
            () -> LOG.warn("{} is not a leader entry, ignored", node.getPath()));
  }

  private boolean isMember(String nodePath) {
    ZKPaths.PathAndNode node = ZKPaths.getPathAndNode(nodePath);
    return node.getPath().equals(path) && node.getNode().startsWith(PREFIX);
  }

  @Override
  public void close() {
    cache.close();
  }
}
