package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.nio.file.Files;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Limits that the kernel of this machine really holds; what it does not have is skipped. */
public class CgroupIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Workshop shop;
  private Limits limits;
  private TaskGroup group;

  @Before
  public void open() throws Exception {
    shop = new Workshop(folder.getRoot().toPath());
    limits = Limits.ofThisMachine("test");
    group =
        limits.group(
            UUID.randomUUID().toString(), new TaskLimits(0.2, 48 << 20, OptionalLong.of(40)));
  }

  @After
  public void clear() throws Exception {
    TaskProcesses processes = shop.processes(group);
    Workshop.await(
        "killed",
        () -> processes.killTask(ProcReader.ofThisMachine().read(), ImmutableList.of()) == 0);
    shop.clear();
    // What was killed leaves its cgroup a little later.
    Workshop.await("removed", group::remove);
    assertThat(group.processFiles()).allSatisfy(file -> assertThat(file).doesNotExist());
  }

  @Test
  public void theCommandAndAllItStartsAreInItButNotTheCoordinator() throws Exception {
    assumeTrue(!group.processFiles().isEmpty());
    Going going = start("in", "sleep 1000 & setsid sleep 1001 & wait");
    int command = going.pid();
    Workshop.await("three", () -> group.pids().size() == 3);
    assertThat(group.pids()).contains(command).doesNotContain(going.coordinator.pid());
    // A daemon with another HOME in a session of its own is found by this alone.
    Going daemon = start("daemon", "HOME=/ setsid --fork sleep 1002");
    assertThat(daemon.end().state()).isEqualTo(ProcessState.SUCCESS);
    assertThat(
            shop.processes(group)
                .strays(ProcReader.ofThisMachine().read(), ImmutableList.of(going.pids())))
        .extracting(ProcEntry::name)
        .containsExactly("sleep");
  }

  @Test
  public void aTaskThatFillsItsMemoryIsStoppedAndThatIsTold() throws Exception {
    assumeTrue(uses("memory"));
    assertThat(group.memoryExceeded(0)).isEmpty();
    Going going =
        start("fill", "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}; exec sleep 0");
    Workshop.await("exceeded", () -> group.memoryExceeded(0).isPresent());
    assertThat(group.memoryExceeded(0).orElseThrow())
        .startsWith("Memory limit exceeded.  Reserved 50331648 bytes vs used ");
    killAll();
    assertThat(going.launch.logDirectory().resolve("stdout")).hasContent("");
  }

  @Test
  public void aForkBombIsBoundedAndEnds() throws Exception {
    assumeTrue(uses("pids"));
    start("bomb", "echo ok >ready; bomb() { bomb | bomb & }; while true; do bomb; done");
    Workshop.await("full", () -> group.pids().size() >= 35);
    assertThat(group.pids().size()).isLessThanOrEqualTo(40);
    killAll();
    assertThat(group.pids()).isEmpty();
  }

  @Test
  public void aTaskHasNoMoreProcessorThanItsShare() throws Exception {
    assumeTrue(uses("cpu"));
    Going going = start("busy", "while true; do :; done");
    int pid = going.pid();
    double before = cpu(pid);
    long begin = System.nanoTime();
    Thread.sleep(3000);
    double cores = (cpu(pid) - before) / ((System.nanoTime() - begin) / 1e9);
    // Far below one, and above nothing.
    assertThat(cores).isBetween(0.02, 0.5);
  }

  @Test
  public void aRestartedAgentFindsTheGroupAgainWithWhatIsInIt() throws Exception {
    assumeTrue(!group.processFiles().isEmpty());
    Going going = start("in", "sleep 1000");
    int pid = going.pid();
    Workshop.await("in", () -> group.pids().contains(pid));
    String id = group.processFiles().get(0).getParent().getFileName().toString();
    TaskGroup again =
        Limits.ofThisMachine("test").group(id, new TaskLimits(0.2, 48 << 20, OptionalLong.of(40)));
    assertThat(again.pids()).contains(pid);
    assertThat(again.remove()).isFalse();
    assertThat(Files.exists(again.processFiles().get(0))).isTrue();
  }

  @Test
  public void anAgentThatEndsLeavesNothingBehindButItsTasks() throws Exception {
    assumeTrue(!group.processFiles().isEmpty());
    limits.leave();
    assertThat(group.processFiles()).allSatisfy(file -> assertThat(file).exists());
    Limits other = Limits.ofThisMachine("test-" + UUID.randomUUID());
    TaskGroup task = other.group("task", new TaskLimits(0.2, 48 << 20, OptionalLong.of(40)));
    assertThat(task.remove()).isTrue();
    assertThat(task.processFiles())
        .allSatisfy(file -> assertThat(file.getParent().getParent()).exists());
    other.leave();
    assertThat(task.processFiles())
        .isNotEmpty()
        .allSatisfy(file -> assertThat(file.getParent().getParent()).doesNotExist());
  }

  private Going start(String name, String command) throws Exception {
    return shop.start(Workshop.with(shop.launch(name, command), group));
  }

  private boolean uses(String controller) {
    return limits.describe().stream().anyMatch(line -> line.startsWith(controller + ": cgroup"));
  }

  private void killAll() throws Exception {
    TaskProcesses processes = shop.processes(group);
    Workshop.await(
        "killed",
        () -> processes.killTask(ProcReader.ofThisMachine().read(), ImmutableList.of()) == 0);
  }

  private static double cpu(int pid) {
    ProcEntry entry = ProcReader.ofThisMachine().entry(pid).orElseThrow();
    return entry.userSeconds() + entry.systemSeconds();
  }
}
