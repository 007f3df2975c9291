package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A coordinator whose stream lies on a full disk; needs the right to mount one. */
public class CoordinatorDiskFullIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path disk;
  private Workshop shop;

  @Before
  public void mount() throws Exception {
    disk = folder.newFolder("disk").toPath();
    assumeTrue(
        "a file system can be mounted",
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", disk.toString())
                .start()
                .waitFor()
            == 0);
    shop = new Workshop(folder.newFolder().toPath());
  }

  @After
  public void unmount() throws Exception {
    if (shop != null) {
      shop.clear();
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }

  @Test
  public void aRecordThatOnlyFitsInPartIsTakenBackAndWrittenWhenThereIsRoom() throws Exception {
    Path stream = disk.resolve("stream");
    Launch launch = shop.launch("full", "while [[ ! -e end ]]; do sleep 0.05; done; exit 9");
    // With the record of its start, the stream ends some bytes before the end of its first block.
    ProcessUpdate filler = ProcessUpdate.forked("x".repeat(3890), 1, 1, 1);
    Workshop.append(stream, filler);
    assertThat(Files.size(stream)).isEqualTo(3942);
    Going going =
        shop.start(
            new Launch(
                launch.process(),
                Workshop.SEQ,
                launch.commandLine(),
                launch.sandbox(),
                stream,
                launch.logDirectory(),
                launch.consoleDirectory(),
                launch.logs(),
                launch.account(),
                false,
                false,
                launch.cgroupFiles(),
                launch.maxProcesses()));
    Workshop.await("running", () -> size(stream) == 3942 + 2 * 56);
    Path rest = disk.resolve("rest");
    fill(rest);
    Files.createFile(shop.sandbox.resolve("end"));
    Thread.sleep(1500);
    assertThat(going.coordinator.exited().toCompletableFuture()).isNotDone();
    // Some of it is there, but not the whole.
    assertThat(size(stream)).isBetween(3942L + 2 * 56, 3942L + 3 * 56 - 1);
    Files.delete(rest);
    Workshop.await("end", () -> size(stream) == 3942 + 3 * 56);
    assertThat(Workshop.records(stream))
        .hasSize(4)
        .last()
        .satisfies(
            end -> {
              assertThat(end.state()).isEqualTo(ProcessState.FAILED);
              assertThat(end.returnCode()).isEqualTo(9);
            });
  }

  private static void fill(Path file) throws Exception {
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (java.io.IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (java.io.IOException e) {
      return -1;
    }
  }
}
