package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is chosen and written, on trees that look like those of the kernel. */
public class CgroupLimitsTest {
  private static final TaskLimits LIMITS = new TaskLimits(1.5, 64 << 20, OptionalLong.of(100));
  private static final Map<String, String> V1_FILES =
      Map.of(
          "cpu", "cpu.cfs_period_us cpu.cfs_quota_us",
          "memory", "memory.limit_in_bytes memory.oom_control memory.max_usage_in_bytes",
          "pids", "pids.max",
          "freezer", "freezer.state");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path root;

  @Before
  public void root() throws IOException {
    root = folder.getRoot().toPath();
  }

  @Test
  public void versionTwoIsUsedForAllItDelegates() throws Exception {
    Path own = unified("cpuset cpu io memory pids");
    CgroupLimits limits = choose(Optional.of(own), ImmutableMap.of());
    Path parent = own.resolve("borealis/agent-1");
    assertThat(limits.describe())
        .containsExactly(
            "cpu: cgroup v2 in " + parent,
            "memory: cgroup v2 in " + parent,
            "pids: cgroup v2 in " + parent,
            "kill: cgroup v2 in " + parent);
    TaskGroup group = limits.group("task-1", LIMITS);
    Path task = parent.resolve("task-1");
    assertThat(task.resolve("cpu.max")).hasContent("150000 100000");
    assertThat(task.resolve("memory.max")).hasContent(Long.toString(64 << 20));
    assertThat(task.resolve("pids.max")).hasContent("100");
    assertThat(group.processFiles()).containsExactly(task.resolve("cgroup.procs"));
    assertThat(group.maxProcesses()).isEmpty();
    Files.writeString(task.resolve("cgroup.procs"), "12\n345\n");
    assertThat(group.pids()).containsExactly(12, 345);
    assertThat(group.kill()).isTrue();
    assertThat(task.resolve("cgroup.kill")).hasContent("1");
  }

  @Test
  public void eachControllerIsChosenForItself() throws Exception {
    Path own = unified("memory");
    ImmutableMap<String, Path> v1 = v1("cpu", "freezer");
    CgroupLimits limits = choose(Optional.of(own), v1);
    assertThat(limits.describe())
        .containsExactly(
            "cpu: cgroup v1 in " + v1.get("cpu").resolve("borealis/agent-1"),
            "memory: cgroup v2 in " + own.resolve("borealis/agent-1"),
            "pids: rlimit nproc, which counts per user",
            "kill: cgroup v2 in " + own.resolve("borealis/agent-1"));
    TaskGroup group = limits.group("t", LIMITS);
    Path cpu = v1.get("cpu").resolve("borealis/agent-1/t");
    assertThat(cpu.resolve("cpu.cfs_quota_us")).hasContent("150000");
    assertThat(group.maxProcesses()).hasValue(100);
    assertThat(group.processFiles()).hasSize(2);
  }

  @Test
  public void whatVersionTwoDoesNotDelegateFallsBackToVersionOne() throws Exception {
    Path own = unified("cpu memory pids");
    Files.delete(own.resolve("cgroup.subtree_control"));
    Files.writeString(own.resolve("cgroup.procs"), "1\n2\n");
    ImmutableMap<String, Path> v1 = v1("cpu", "memory", "pids", "freezer");
    CgroupLimits limits = choose(Optional.of(own), v1);
    assertThat(limits.describe().get(1))
        .isEqualTo("memory: cgroup v1 in " + v1.get("memory").resolve("borealis/agent-1"));
    limits.group("t", LIMITS);
    assertThat(v1.get("memory").resolve("borealis/agent-1/t/memory.limit_in_bytes"))
        .hasContent(Long.toString(64 << 20));
    assertThat(v1.get("pids").resolve("borealis/agent-1/t/pids.max")).hasContent("100");
  }

  @Test
  public void whereItIsAloneInItsCgroupTheAgentMovesAside() throws Exception {
    Path own = unified("cpu memory pids");
    String self = Long.toString(ProcessHandle.current().pid());
    Files.writeString(own.resolve("cgroup.procs"), self);
    FakeFiles files = new FakeFiles();
    files.busy = own;
    CgroupLimits limits =
        CgroupLimits.choose(
            new CgroupMounts(ImmutableMap.of(), Optional.of(own)), files, "agent-1");
    assertThat(own.resolve("agent/cgroup.procs")).hasContent(self);
    assertThat(limits.describe().get(0)).startsWith("cpu: cgroup v2");
  }

  @Test
  public void anAgentThatWasPutAsideFindsItsTasksOneAbove() throws Exception {
    Path own = unified("cpu memory pids");
    CgroupLimits limits = choose(Optional.of(own.resolve("agent")), ImmutableMap.of());
    assertThat(limits.describe().get(0))
        .isEqualTo("cpu: cgroup v2 in " + own.resolve("borealis/agent-1"));
  }

  @Test
  public void withoutAnyCgroupSamplesAndAnRlimitAreLeft() throws Exception {
    Limits limits = Limits.withoutCgroups("agent-1");
    assertThat(limits.describe())
        .containsExactly(
            "cpu: none, tasks share the processors",
            "memory: samples of resident memory, and a kill",
            "pids: rlimit nproc, which counts per user",
            "kill: signals, repeated until all are gone");
    TaskGroup group = limits.group("t", LIMITS);
    assertThat(group.processFiles()).isEmpty();
    assertThat(group.pids()).isEmpty();
    assertThat(group.kill()).isFalse();
    assertThat(group.maxProcesses()).hasValue(100);
    assertThat(group.memoryExceeded(64 << 20)).isEmpty();
    assertThat(group.memoryExceeded((64 << 20) + 1))
        .hasValue("Memory limit exceeded.  Reserved 67108864 bytes vs used 67108865 bytes.");
    assertThat(group.remove()).isTrue();
  }

  @Test
  public void aKillByTheKernelIsReadInBothVersions() throws Exception {
    TaskGroup second = choose(Optional.of(unified("memory")), ImmutableMap.of()).group("t", LIMITS);
    Path two = second.processFiles().get(0).getParent();
    Files.writeString(two.resolve("memory.events"), "low 0\nhigh 0\nmax 9\noom 1\noom_kill 0\n");
    // What is sampled does not count, since the kernel watches.
    assertThat(second.memoryExceeded(1L << 40)).isEmpty();
    Files.writeString(two.resolve("memory.events"), "low 0\nmax 9\noom 1\noom_kill 2\n");
    Files.writeString(two.resolve("memory.peak"), "67108864\n");
    assertThat(second.memoryExceeded(5))
        .hasValue("Memory limit exceeded.  Reserved 67108864 bytes vs used 67108864 bytes.");

    TaskGroup first = choose(Optional.empty(), v1("memory")).group("t", LIMITS);
    Path one = first.processFiles().get(0).getParent();
    Files.writeString(one.resolve("memory.oom_control"), "oom_kill_disable 0\nunder_oom 1\n");
    assertThat(first.memoryExceeded(5)).isEmpty();
    Files.writeString(one.resolve("memory.oom_control"), "under_oom 0\noom_kill 1\n");
    assertThat(first.memoryExceeded(5)).isPresent();
  }

  @Test
  public void mountsAndMembershipTellWhereOurCgroupsAre() {
    String mounts =
        """
        20 1 0:5 / /proc rw - proc proc rw
        30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
        31 25 0:27 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """;
    String membership =
        """
        9:name=systemd:/x
        4:memory:/docker/abc/inner
        3:cpu,cpuacct:/system.slice
        0::/user/agent
        """;
    CgroupMounts found = CgroupMounts.parse(mounts, membership);
    assertThat(found.v1().get("cpu")).hasToString("/sys/fs/cgroup/cpu,cpuacct/system.slice");
    assertThat(found.v1().get("memory")).hasToString("/sys/fs/cgroup/memory/inner");
    assertThat(found.v1()).doesNotContainKey("pids");
    assertThat(found.v2()).hasValue(Path.of("/sys/fs/cgroup/unified/user/agent"));
  }

  @Test
  public void groupsOfFormerTasksAreRemovedWhenTheyAreEmpty() throws Exception {
    CgroupLimits limits = choose(Optional.empty(), v1("pids"));
    TaskGroup kept = limits.group("kept", LIMITS);
    TaskGroup old = limits.group("old", LIMITS);
    TaskGroup busy = limits.group("busy", LIMITS);
    Path inBusy = busy.processFiles().get(0).resolveSibling("child");
    Files.createDirectory(inBusy);
    limits.removeOthers(ImmutableSet.of("kept"));
    assertThat(kept.processFiles().get(0)).exists();
    assertThat(old.processFiles().get(0)).doesNotExist();
    assertThat(busy.processFiles().get(0)).exists();
    assertThat(busy.remove()).isFalse();
    Files.delete(inBusy);
    assertThat(busy.remove()).isTrue();
    assertThat(busy.remove()).isTrue();
  }

  @Test
  public void aTaskIdThatIsAPathIsRefused() throws Exception {
    CgroupLimits limits = choose(Optional.empty(), v1("pids"));
    for (String id : List.of("../x", "a/b", "..", ".")) {
      assertThatThrownBy(() -> limits.group(id, LIMITS)).isInstanceOf(IOException.class);
    }
  }

  private static CgroupLimits choose(Optional<Path> v2, ImmutableMap<String, Path> v1) {
    return CgroupLimits.choose(new CgroupMounts(v1, v2), new FakeFiles(), "agent-1");
  }

  private Path unified(String controllers) throws IOException {
    Path own = Files.createDirectories(root.resolve("unified/own"));
    Files.writeString(own.resolve("cgroup.controllers"), controllers + "\n");
    Files.writeString(own.resolve("cgroup.subtree_control"), "");
    Files.writeString(own.resolve("cgroup.procs"), "");
    return own;
  }

  private ImmutableMap<String, Path> v1(String... controllers) throws IOException {
    ImmutableMap.Builder<String, Path> paths = ImmutableMap.builder();
    for (String controller : controllers) {
      paths.put(controller, Files.createDirectories(root.resolve("v1").resolve(controller)));
    }
    return paths.buildOrThrow();
  }

  /** Does what the kernel does when a cgroup is made or removed. */
  private static final class FakeFiles extends CgroupFiles {
    private Path busy = Path.of("/none");

    @Override
    void make(Path cgroup) throws IOException {
      if (Files.exists(cgroup)) {
        return;
      }
      super.make(cgroup);
      String names;
      if (cgroup.toString().contains("/unified/")) {
        names = "cgroup.subtree_control cgroup.kill";
        String enabled = Files.readString(cgroup.resolveSibling("cgroup.subtree_control"));
        for (String controller : Splitter.on('+').split(enabled)) {
          names += controller.isBlank() ? "" : " " + controller.strip() + ".max";
        }
      } else {
        Path relative = cgroup.subpath(indexOf(cgroup, "v1") + 1, cgroup.getNameCount());
        names = V1_FILES.get(relative.getName(0).toString());
      }
      for (String name : Splitter.on(' ').split(names + " cgroup.procs")) {
        Files.createFile(cgroup.resolve(name));
      }
    }

    private static int indexOf(Path path, String name) {
      for (int i = 0; i < path.getNameCount(); i++) {
        if (path.getName(i).toString().equals(name)) {
          return i;
        }
      }
      throw new IllegalArgumentException(path.toString());
    }

    @Override
    void write(Path file, String value) throws IOException {
      if (file.equals(busy.resolve("cgroup.subtree_control"))
          && !Files.exists(busy.resolve("agent"))) {
        throw new IOException("Device or resource busy");
      }
      if (file.endsWith("cgroup.subtree_control")) {
        // The kernel adds to what is there, and needs the controller above.
        Files.writeString(file, value, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      } else {
        super.write(file, value);
      }
    }

    @Override
    void remove(Path cgroup) throws IOException {
      if (Files.exists(cgroup)) {
        try (var files = Files.newDirectoryStream(cgroup)) {
          for (Path file : files) {
            if (Files.isDirectory(file)) {
              throw new IOException("Device or resource busy");
            }
          }
        }
        try (var files = Files.newDirectoryStream(cgroup)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
      }
      super.remove(cgroup);
    }
  }
}
