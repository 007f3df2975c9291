package io.borealis.agent.process;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the cgroups of this process are. Immutable.
 *
 * @param v1 its cgroup by controller, of version 1
 * @param v2 its cgroup in the unified hierarchy
 */
record CgroupMounts(ImmutableMap<String, Path> v1, Optional<Path> v2) {
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();
  private static final Splitter COMMAS = Splitter.on(',');

  /** Those of this process; none where there is no /proc to say so. */
  static CgroupMounts ofThisProcess() {
    try {
      return parse(
          Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1),
          Files.readString(Path.of("/proc/self/cgroup"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return new CgroupMounts(ImmutableMap.of(), Optional.empty());
    }
  }

  /**
   * @param mountInfo lines of: id, parent, device, root of the mount, mount point, options, ..., -,
   *     type, source, options of the file system
   * @param membership lines of: id of the hierarchy, controllers, cgroup
   */
  static CgroupMounts parse(String mountInfo, String membership) {
    ImmutableMap.Builder<String, Path> v1 = ImmutableMap.builder();
    Optional<Path> v2 = Optional.empty();
    for (String line : (Iterable<String>) mountInfo.lines()::iterator) {
      int dash = line.indexOf(" - ");
      if (dash < 0) {
        continue;
      }
      List<String> mount = BLANKS.splitToList(line.substring(0, dash));
      List<String> system = BLANKS.splitToList(line.substring(dash + 3));
      if (mount.size() < 5 || system.size() < 3) {
        continue;
      }
      if (system.get(0).equals("cgroup2") && v2.isEmpty()) {
        v2 = cgroup(membership, "").map(path -> below(mount.get(4), mount.get(3), path));
      } else if (system.get(0).equals("cgroup")) {
        for (String option : COMMAS.split(system.get(2))) {
          cgroup(membership, option)
              .ifPresent(path -> v1.put(option, below(mount.get(4), mount.get(3), path)));
        }
      }
    }
    return new CgroupMounts(v1.buildKeepingLast(), v2);
  }

  private static Optional<String> cgroup(String membership, String controller) {
    for (String line : (Iterable<String>) membership.lines()::iterator) {
      List<String> fields = Splitter.on(':').limit(3).splitToList(line);
      if (fields.size() == 3 && COMMAS.splitToList(fields.get(1)).contains(controller)) {
        return Optional.of(fields.get(2));
      }
    }
    return Optional.empty();
  }

  /** A mount may show only a part of the hierarchy: the one below its root. */
  private static Path below(String mountPoint, String root, String cgroup) {
    Path relative = Path.of(root).relativize(Path.of(cgroup));
    Path path = Path.of(mountPoint).resolve(relative).normalize();
    return path.startsWith(mountPoint) ? path : Path.of(mountPoint);
  }
}
