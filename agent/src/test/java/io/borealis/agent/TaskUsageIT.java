package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.observer.ResourceSample;
import io.borealis.agent.process.Limits;
import io.borealis.agent.process.ProcReader;
import io.borealis.agent.process.TaskGroup;
import io.borealis.agent.process.TaskLimits;
import io.borealis.agent.process.TaskProcesses;
import io.borealis.runtime.SystemRuntimes;
import java.nio.file.Files;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What a real process of a task uses is seen. */
public class TaskUsageIT {
  private static final long MEBI = 1 << 20;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aBusyProcessUsesProcessorMemoryAndDisk() throws Exception {
    Process busy = new ProcessBuilder("setsid", "/bin/bash", "-c", "while :; do :; done").start();
    try (WorkDir workDir = WorkDir.open(folder.getRoot().toPath(), "agent-1");
        SystemRuntimes runtimes = new SystemRuntimes((loop, failure) -> {})) {
      RunPaths run = workDir.run("fw", "t", "run");
      writeStream(run, Math.toIntExact(busy.pid()));
      Files.createDirectories(run.sandbox());
      Files.write(run.sandbox().resolve("file"), new byte[(int) MEBI]);
      ProcReader processes = ProcReader.ofThisMachine();
      TaskGroup none =
          Limits.withoutCgroups("agent-1").group("t", new TaskLimits(0, 0, OptionalLong.empty()));
      TaskUsage usage =
          new TaskUsage(
              () -> ImmutableList.of(run),
              processes::read,
              sandbox -> new TaskProcesses(processes, sandbox, OptionalInt.empty(), none),
              runtimes.newLoop("usage"),
              runtimes.clock());
      assertThat(usage.ofTask("t")).isEqualTo(ResourceSample.NONE);
      usage.look();
      Thread.sleep(500);
      usage.look();

      ResourceSample task = usage.ofTask("t");
      assertThat(task.cores()).isPositive();
      assertThat(task.userSeconds()).isPositive();
      assertThat(task.residentBytes()).isGreaterThan(MEBI / 2);
      assertThat(task.threads()).isEqualTo(1);
      assertThat(task.diskBytes()).isGreaterThanOrEqualTo(MEBI);
      ResourceSample process = usage.ofProcess("t", "main");
      assertThat(process.userSeconds()).isEqualTo(task.userSeconds());
      assertThat(process.diskBytes()).isZero();
      assertThat(usage.ofProcess("t", "other")).isEqualTo(ResourceSample.NONE);
      assertThat(usage.ofTask("other")).isEqualTo(ResourceSample.NONE);
    } finally {
      busy.destroyForcibly();
      int unused = busy.waitFor();
    }
  }

  private static void writeStream(RunPaths run, int pid) throws Exception {
    CheckpointPaths paths = new CheckpointPaths(run.checkpoints(), run.taskId());
    Files.createDirectories(paths.streams());
    double now = System.currentTimeMillis() / 1e3;
    try (CheckpointWriter writer = CheckpointWriter.open(paths.runner())) {
      for (Checkpoint record :
          List.of(
              Checkpoint.of(ProcessUpdate.waiting("main", 0)),
              Checkpoint.of(ProcessUpdate.forked("main", 1, now, pid)),
              Checkpoint.of(ProcessUpdate.running("main", 2, now, pid)))) {
        writer.append(record);
      }
    }
  }
}
