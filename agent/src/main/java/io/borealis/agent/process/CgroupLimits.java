package io.borealis.agent.process;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits held by cgroups, chosen controller by controller: version 2 if it has it and lets us, else
 * version 1, else what {@link Controller#fallback} says. Immutable, so thread-safe.
 */
final class CgroupLimits implements Limits {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupLimits.class);
  private static final String FOLDER = "borealis";

  /** Where an agent goes to in order not to be in the cgroup above those of its tasks. */
  private static final String ASIDE = "agent";

  private final ImmutableMap<Controller, Place> places;
  private final CgroupFiles files;

  private CgroupLimits(ImmutableMap<Controller, Place> places, CgroupFiles files) {
    this.places = places;
    this.files = files;
  }

  /**
   * Where the cgroups of tasks lie for one controller.
   *
   * @param version 1 or 2
   */
  record Place(int version, Path parent) {}

  static CgroupLimits choose(CgroupMounts mounts, CgroupFiles files, String agentId) {
    Map<Controller, Place> places = new EnumMap<>(Controller.class);
    for (Controller controller : Controller.values()) {
      mounts
          .v2()
          .map(CgroupLimits::aboveAside)
          .flatMap(own -> v2(files, own, agentId, controller))
          .or(
              () ->
                  Optional.ofNullable(mounts.v1().get(controller.v1))
                      .flatMap(own -> v1(files, own, agentId, controller)))
          .ifPresent(place -> places.put(controller, place));
    }
    return new CgroupLimits(Maps.immutableEnumMap(places), files);
  }

  /** An agent that was put aside, by itself or by whoever started it, has its tasks one above. */
  private static Path aboveAside(Path own) {
    Path parent = own.getParent();
    return parent != null && own.endsWith(ASIDE) ? parent : own;
  }

  private static Optional<Place> v2(
      CgroupFiles files, Path own, String agentId, Controller controller) {
    Path folder = own.resolve(FOLDER);
    Path parent = folder.resolve(agentId);
    try {
      if (!controller.v2.isEmpty()) {
        if (!has(files, own, controller)) {
          return Optional.empty();
        }
        delegate(files, own, controller);
      }
      files.make(folder);
      files.make(parent);
      if (!controller.v2.isEmpty()) {
        enable(files, folder, controller);
        enable(files, parent, controller);
      }
      return Files.isWritable(parent) && probe(files, parent, controller.v2File)
          ? Optional.of(new Place(2, parent))
          : Optional.empty();
    } catch (IOException e) {
      LOG.info("cgroup v2 is not used for {}: {}", controller, e.toString());
      return Optional.empty();
    }
  }

  private static boolean has(CgroupFiles files, Path cgroup, Controller controller)
      throws IOException {
    return Splitter.on(' ')
        .splitToList(files.read(cgroup.resolve("cgroup.controllers")))
        .contains(controller.v2);
  }

  /**
   * Lets the cgroups below ours have the controller. The kernel refuses that while a process is in
   * ours; when the only one is this agent, as in a service of its own, it moves aside.
   */
  private static void delegate(CgroupFiles files, Path own, Controller controller)
      throws IOException {
    try {
      enable(files, own, controller);
    } catch (IOException busy) {
      String self = Integer.toString(ProcReader.ownPid());
      if (!files.read(own.resolve("cgroup.procs")).equals(self)) {
        throw busy;
      }
      Path aside = own.resolve(ASIDE);
      files.make(aside);
      files.write(aside.resolve("cgroup.procs"), self);
      enable(files, own, controller);
    }
  }

  private static void enable(CgroupFiles files, Path cgroup, Controller controller)
      throws IOException {
    files.write(cgroup.resolve("cgroup.subtree_control"), "+" + controller.v2);
  }

  private static Optional<Place> v1(
      CgroupFiles files, Path own, String agentId, Controller controller) {
    Path parent = own.resolve(FOLDER).resolve(agentId);
    try {
      files.make(own.resolve(FOLDER));
      files.make(parent);
      return Files.isWritable(parent) && probe(files, parent, controller.v1File)
          ? Optional.of(new Place(1, parent))
          : Optional.empty();
    } catch (IOException e) {
      LOG.info("cgroup v1 is not used for {}: {}", controller, e.toString());
      return Optional.empty();
    }
  }

  /** Whether a cgroup there gets the file. */
  private static boolean probe(CgroupFiles files, Path parent, String file) throws IOException {
    Path probe = parent.resolve("probe");
    files.make(probe);
    try {
      return Files.isWritable(probe.resolve(file));
    } finally {
      files.remove(probe);
    }
  }

  @Override
  public ImmutableList<String> describe() {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    for (Controller controller : Controller.values()) {
      Place place = places.get(controller);
      String name = controller.name().toLowerCase(java.util.Locale.ROOT);
      lines.add(
          place == null
              ? name + ": " + controller.fallback
              : name + ": cgroup v" + place.version() + " in " + place.parent());
    }
    return lines.build();
  }

  @Override
  public TaskGroup group(String taskId, TaskLimits limits) throws IOException {
    if (taskId.contains("/") || taskId.startsWith(".")) {
      throw new IOException("'" + taskId + "' cannot be the name of a cgroup");
    }
    ImmutableMap<Controller, Place> own =
        ImmutableMap.copyOf(
            Maps.transformValues(
                places, place -> new Place(place.version(), place.parent().resolve(taskId))));
    CgroupTask task = new CgroupTask(own, files, limits);
    task.make();
    return task;
  }

  @Override
  public void removeOthers(ImmutableSet<String> taskIds) {
    places.values().stream()
        .map(Place::parent)
        .distinct()
        .forEach(parent -> removeOthers(parent, taskIds));
  }

  @Override
  public void leave() {
    for (Place place : places.values()) {
      try {
        files.remove(place.parent());
      } catch (IOException tasksGoOn) {
        LOG.debug("{} stays for the next start", place.parent());
      }
    }
  }

  private void removeOthers(Path parent, ImmutableSet<String> taskIds) {
    try (DirectoryStream<Path> cgroups = Files.newDirectoryStream(parent, Files::isDirectory)) {
      for (Path cgroup : cgroups) {
        if (!taskIds.contains(cgroup.getFileName().toString())) {
          removeIfEmpty(cgroup);
        }
      }
    } catch (IOException e) {
      LOG.warn("Cgroups of former tasks cannot be listed in {}", parent, e);
    }
  }

  private void removeIfEmpty(Path cgroup) {
    try {
      files.remove(cgroup);
    } catch (IOException e) {
      LOG.info("{} stays, since something is in it", cgroup);
    }
  }
}
