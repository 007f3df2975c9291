package io.borealis.scheduler.journal;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a journal is and whose it is. Immutable.
 *
 * @param connect servers as {@code host:port,host:port}
 * @param root path of the journal's nodes
 * @param clusterName name of the cluster the journal belongs to
 * @param serversetPath path at which the cluster's leader is advertised
 * @param sessionTimeout timeout of the journal's own session
 * @param credentials {@code user:password}; with it only its owner writes and all may read, without
 *     it everything is open
 * @param limits sizes and times
 */
public record JournalSettings(
    String connect,
    String root,
    String clusterName,
    String serversetPath,
    Duration sessionTimeout,
    Optional<String> credentials,
    JournalLimits limits) {
  public JournalSettings {
    checkArgument(root.startsWith("/") && !root.endsWith("/"), "not a path for a root: %s", root);
    checkArgument(!clusterName.contains("\n"), "cluster name has several lines");
  }

  /** The root used unless another is set. */
  public static String defaultRoot(String clusterName) {
    return "/borealis/" + clusterName;
  }

  @Override
  public String toString() {
    return "%s%s of cluster %s".formatted(connect, root, clusterName);
  }
}
