package io.borealis.thrift;

import io.borealis.thrift.MemberEntry.Endpoint;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.utils.ZKPaths;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the {@code member_} nodes under the serverset path. While ZooKeeper cannot be reached,
 * what was last seen stands. Thread-safe through Curator; {@link #leader} is a volatile read.
 */
public final class ServersetLeader implements LeaderFinder, AutoCloseable {
  /** How the name of a leader's node begins. */
  public static final String PREFIX = "member_";

  private static final Logger LOG = LoggerFactory.getLogger(ServersetLeader.class);

  private final String path;
  private final CuratorCache cache;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<String, MemberEntry> members = Map.of();

  /**
   * @param curator is to be started by its owner
   * @param path absolute path of the serverset
   */
  public ServersetLeader(CuratorFramework curator, String path) {
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

  @Override
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
