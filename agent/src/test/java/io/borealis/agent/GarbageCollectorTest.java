package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.agent.LaunchTask;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** When the files of tasks go, and which never do. */
public class GarbageCollectorTest {
  private static final Duration WEEK = Duration.ofDays(7);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final List<Double> uses = new ArrayList<>();
  private ImmutableSet<String> alive = ImmutableSet.of();
  private WorkDir workDir;
  private GarbageCollector collector;

  @Before
  public void begin() {
    workDir = WorkDir.open(folder.getRoot().toPath().resolve("work"), "agent-1");
    collector =
        new GarbageCollector(
            workDir,
            WEEK,
            () -> uses.size() > 1 ? uses.remove(0) : uses.get(0),
            () -> alive,
            runtimes.newLoop("gc"),
            runtimes.clock(),
            new SimpleMeterRegistry());
    uses.add(0.0);
  }

  @After
  public void end() {
    workDir.close();
  }

  private RunPaths run(String taskId) throws Exception {
    RunPaths run = workDir.run("fw", taskId, "c-" + taskId);
    workDir.begin(
        run, LaunchTask.builder().task(AssignedTask.builder().taskId(taskId).build()).build());
    Files.createDirectories(run.directory().resolve("sandbox"));
    Files.writeString(run.directory().resolve("sandbox").resolve("file"), "x");
    return run;
  }

  private RunPaths ended(String taskId, Duration ago) throws Exception {
    RunPaths run = run(taskId);
    workDir.end(run);
    age(run.sentinel(), ago);
    return run;
  }

  private void age(Path file, Duration ago) throws Exception {
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(runtimes.clock().wallMillis() - ago.toMillis()));
  }

  @Test
  public void filesGoAWeekAfterTheEndAndNothingElseDoes() throws Exception {
    RunPaths old = ended("old", WEEK);
    RunPaths young = ended("young", WEEK.minusHours(1));
    RunPaths running = run("running");
    collector.collect();
    Path executor = Path.of("fw/executors/thermos-old");
    for (String tree : List.of("meta/slaves/agent-1/frameworks", "slaves/agent-1/frameworks")) {
      assertThat(workDir.root().resolve(tree).resolve(executor)).doesNotExist();
    }
    assertThat(workDir.knows("fw", "old")).isFalse();
    for (RunPaths kept : List.of(young, running)) {
      assertThat(kept.directory().resolve("sandbox/file")).exists();
      assertThat(kept.taskInfo()).exists();
      assertThat(kept.latest()).exists();
    }
    assertThat(old.meta()).doesNotExist();
  }

  @Test
  public void theFullerTheDiskTheSoonerFilesGo() {
    assertThat(GarbageCollector.keep(WEEK, 0)).isEqualTo(WEEK);
    assertThat(GarbageCollector.keep(WEEK, 0.45))
        .isBetween(WEEK.dividedBy(2).minusMinutes(1), WEEK.dividedBy(2).plusMinutes(1));
    assertThat(GarbageCollector.keep(WEEK, 0.9)).isZero();
    assertThat(GarbageCollector.keep(WEEK, 1)).isZero();
  }

  @Test
  public void onAFullDiskTheOldestGoUntilThereIsRoom() throws Exception {
    RunPaths newest = ended("a", Duration.ofMinutes(1));
    RunPaths oldest = ended("b", Duration.ofMinutes(3));
    RunPaths middle = ended("c", Duration.ofMinutes(2));
    uses.clear();
    uses.addAll(List.of(0.95, 0.9, 0.5));
    collector.collect();
    assertThat(oldest.directory()).doesNotExist();
    assertThat(middle.directory()).doesNotExist();
    assertThat(newest.directory()).exists();
  }

  /** The agent died between writing the task down and naming its run, so that nothing was begun. */
  @Test
  public void aRunThatWasNeverNamedTheLatestGoesToo() throws Exception {
    RunPaths halfMade = run("half-made");
    Files.delete(halfMade.latest());
    age(halfMade.meta(), WEEK);
    collector.collect();
    assertThat(halfMade.directory()).doesNotExist();
    assertThat(halfMade.meta()).doesNotExist();
  }

  @Test
  public void whatIsAliveStaysHoweverFullTheDiskIs() throws Exception {
    RunPaths running = run("running");
    // Over for the disk, but not yet for the agent.
    RunPaths unacknowledged = ended("unacknowledged", WEEK);
    alive = ImmutableSet.of("running", "unacknowledged");
    uses.set(0, 1.0);
    collector.collect();
    alive = ImmutableSet.of();
    assertThat(running.directory()).exists();
    assertThat(unacknowledged.directory()).exists();
    // Left by a former agent that could not read it: its processes may be there.
    collector.collect();
    assertThat(running.directory()).exists();
    assertThat(unacknowledged.directory()).doesNotExist();
  }

  @Test
  public void whatWasNeverBegunGoesToo() throws Exception {
    RunPaths run = run("half");
    Files.delete(run.taskInfo());
    age(run.meta(), WEEK);
    collector.collect();
    assertThat(run.meta()).doesNotExist();
  }

  @Test
  public void linksInASandboxAreNotFollowed() throws Exception {
    Path outside = folder.newFolder("outside").toPath();
    Files.writeString(outside.resolve("precious"), "x");
    RunPaths run = ended("old", WEEK);
    Files.createSymbolicLink(run.directory().resolve("sandbox/link"), outside);
    collector.collect();
    assertThat(run.directory()).doesNotExist();
    assertThat(outside.resolve("precious")).exists();
  }

  @Test
  public void aSandboxThatIsDeeperThanAnyPathGoesToo() throws Exception {
    RunPaths run = ended("deep", WEEK);
    inSandbox(run, "for ((i = 0; i < 12; i++)); do cd -P .; mkdir -p $deep; cd $deep; done");
    collector.collect();
    assertThat(run.directory()).doesNotExist();
    assertThat(run.meta()).doesNotExist();
  }

  @Test
  public void aFolderThatNobodyMayReadGoesToo() throws Exception {
    RunPaths run = ended("shut", WEEK);
    inSandbox(run, "mkdir -p shut/in/side; touch shut/in/side/file; chmod 0 shut/in/side shut/in");
    collector.collect();
    assertThat(run.directory()).doesNotExist();
  }

  /** Runs commands that know a path of 400 folders. */
  private static void inSandbox(RunPaths run, String commands) throws Exception {
    String deep = "d/".repeat(400);
    Process process =
        new ProcessBuilder("/bin/bash", "-c", "set -e; deep=" + deep + "; " + commands)
            .directory(run.directory().resolve("sandbox").toFile())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  public void itLooksEachMinute() throws Exception {
    RunPaths run = ended("old", WEEK.minusSeconds(90));
    collector.start();
    runtimes.advance(GarbageCollector.INTERVAL);
    assertThat(run.directory()).exists();
    runtimes.advance(GarbageCollector.INTERVAL);
    assertThat(run.directory()).doesNotExist();
  }
}
