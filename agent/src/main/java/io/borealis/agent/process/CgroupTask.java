package io.borealis.agent.process;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.agent.process.CgroupLimits.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cgroups of one task, none at worst. Immutable, so thread-safe. */
final class CgroupTask implements TaskGroup {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupTask.class);

  private static final long PERIOD_MICROS = 100_000;

  /** The kernel takes no smaller quota. */
  private static final long SMALLEST_QUOTA_MICROS = 1000;

  private final ImmutableMap<Controller, Place> places;
  private final CgroupFiles files;
  private final TaskLimits limits;

  CgroupTask(ImmutableMap<Controller, Place> places, CgroupFiles files, TaskLimits limits) {
    this.places = places;
    this.files = files;
    this.limits = limits;
  }

  /** Makes them if need be, and sets the limits. */
  void make() throws IOException {
    for (Path cgroup : cgroups()) {
      files.make(cgroup);
    }
    long quota = Math.max(SMALLEST_QUOTA_MICROS, Math.round(limits.cpus() * PERIOD_MICROS));
    Place cpu = places.get(Controller.CPU);
    if (cpu != null && cpu.version() == 2) {
      files.write(cpu.parent().resolve("cpu.max"), quota + " " + PERIOD_MICROS);
    } else if (cpu != null) {
      files.write(cpu.parent().resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
      files.write(cpu.parent().resolve("cpu.cfs_quota_us"), Long.toString(quota));
    }
    set(Controller.MEMORY, Long.toString(limits.memoryBytes()));
    if (limits.maxProcesses().isPresent()) {
      set(Controller.PIDS, Long.toString(limits.maxProcesses().getAsLong()));
    }
  }

  private void set(Controller controller, String value) throws IOException {
    Place place = places.get(controller);
    if (place != null) {
      String file = place.version() == 2 ? controller.v2File : controller.v1File;
      files.write(place.parent().resolve(file), value);
    }
  }

  private ImmutableSet<Path> cgroups() {
    return places.values().stream().map(Place::parent).collect(ImmutableSet.toImmutableSet());
  }

  @Override
  public ImmutableList<Path> processFiles() {
    return cgroups().stream()
        .map(cgroup -> cgroup.resolve("cgroup.procs"))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public OptionalLong maxProcesses() {
    return places.containsKey(Controller.PIDS) ? OptionalLong.empty() : limits.maxProcesses();
  }

  @Override
  public ImmutableSet<Integer> pids() {
    // A process is in all of them or, for a moment while it starts, in the first ones only.
    Optional<Path> cgroup = cgroups().stream().findFirst();
    return cgroup.isEmpty() ? ImmutableSet.of() : pids(cgroup.get());
  }

  private ImmutableSet<Integer> pids(Path cgroup) {
    try {
      return files
          .read(cgroup.resolve("cgroup.procs"))
          .lines()
          .map(ProcReader::pid)
          .filter(OptionalInt::isPresent)
          .map(OptionalInt::getAsInt)
          .collect(ImmutableSet.toImmutableSet());
    } catch (IOException e) {
      return ImmutableSet.of();
    }
  }

  @Override
  public boolean kill() {
    Place place = places.get(Controller.KILL);
    if (place == null) {
      return false;
    }
    try {
      if (place.version() == 2) {
        files.write(place.parent().resolve("cgroup.kill"), "1");
      } else {
        killFrozen(place.parent());
      }
      return true;
    } catch (IOException e) {
      LOG.debug("{} is not killed at once", place.parent(), e);
      return false;
    }
  }

  /** What is frozen cannot fork while it is being killed. */
  private void killFrozen(Path cgroup) throws IOException {
    Path state = cgroup.resolve("freezer.state");
    files.write(state, "FROZEN");
    try {
      Signals signals = new Signals(ProcReader.ofThisMachine());
      for (int pid : pids(cgroup)) {
        ProcReader.ofThisMachine().entry(pid).ifPresent(signals::kill);
      }
    } finally {
      files.write(state, "THAWED");
    }
  }

  @Override
  public Optional<String> memoryExceeded(long residentBytes) {
    Place place = places.get(Controller.MEMORY);
    if (place == null) {
      return residentBytes > limits.memoryBytes() ? exceeded(residentBytes) : Optional.empty();
    }
    boolean second = place.version() == 2;
    long kills =
        number(place.parent().resolve(second ? "memory.events" : "memory.oom_control"), "oom_kill");
    if (kills <= 0) {
      return Optional.empty();
    }
    String peak = second ? "memory.peak" : "memory.max_usage_in_bytes";
    return exceeded(Math.max(residentBytes, number(place.parent().resolve(peak), "")));
  }

  private Optional<String> exceeded(long used) {
    return Optional.of(
        "Memory limit exceeded.  Reserved "
            + limits.memoryBytes()
            + " bytes vs used "
            + used
            + " bytes.");
  }

  /** The number after the key, or the first one for no key; 0 if there is none. */
  private long number(Path file, String key) {
    try {
      for (String line : Splitter.on('\n').split(files.read(file))) {
        String value =
            key.isEmpty() ? line : line.startsWith(key + " ") ? line.substring(key.length()) : "";
        if (!value.isBlank()) {
          return Long.parseLong(value.trim());
        }
      }
    } catch (IOException | NumberFormatException e) {
      LOG.debug("{} cannot be read", file, e);
    }
    return 0;
  }

  @Override
  public boolean remove() {
    boolean all = true;
    for (Path cgroup : cgroups()) {
      try {
        files.remove(cgroup);
      } catch (IOException e) {
        all = false;
      }
    }
    return all;
  }
}
