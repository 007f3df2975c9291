package io.borealis.agent.announce;

import java.util.Optional;
import org.apache.zookeeper.common.PathUtils;

/** Where jobs are announced. Pure. */
public final class AnnouncePaths {
  private AnnouncePaths() {}

  /** The place of a job that has not chosen another. */
  public static String of(String root, String role, String environment, String job) {
    String base = root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
    return base + "/" + role + "/" + environment + "/" + job;
  }

  /** Why a path cannot be one of ZooKeeper, in a sentence; empty if it can. */
  public static Optional<String> problem(String path) {
    try {
      PathUtils.validatePath(path);
      return path.equals("/")
          ? Optional.of("The job cannot be announced at the root of ZooKeeper.")
          : Optional.empty();
    } catch (IllegalArgumentException invalid) {
      return Optional.of(
          "The job cannot be announced at %s: %s.".formatted(path, invalid.getMessage()));
    }
  }
}
