package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Sums of processes and of files. */
public class UsageTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void processorsAreWhatWasUsedSinceTheSampleBefore() {
    UsageMeter meter = new UsageMeter();
    Usage first = meter.sample(ImmutableSet.of(entry(1, 10, 5, 3), entry(2, 20, 1, 1)), 0);
    assertThat(first).isEqualTo(new Usage(0, 200, 2000, 6, 4, 4, 2));
    // One used 4 s more, one is gone, one is new, and one has the pid of another.
    Usage second =
        meter.sample(
            ImmutableSet.of(entry(1, 10, 8, 4), entry(2, 21, 0.5, 0), entry(3, 30, 1.5, 0)),
            TimeUnit.SECONDS.toNanos(4));
    assertThat(second.cores()).isCloseTo((4 + 0.5 + 1.5) / 4, within(1e-9));
    assertThat(second.processes()).isEqualTo(3);
    assertThat(meter.sample(ImmutableSet.of(), TimeUnit.SECONDS.toNanos(8))).isEqualTo(Usage.NONE);
  }

  @Test
  public void filesCountInBlocksOnceAndLinksAreNotFollowed() throws Exception {
    Path root = folder.newFolder("sandbox").toPath();
    long empty = DiskUsage.of(root, 1000).bytes();
    Files.write(root.resolve("a"), new byte[5000]);
    Files.createLink(root.resolve("same"), root.resolve("a"));
    Path outside = folder.newFile("outside").toPath();
    Files.write(outside, new byte[100_000]);
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("loop"), root);
    Files.createSymbolicLink(root.resolve("dangling"), root.resolve("nowhere"));
    DiskUsage usage = DiskUsage.of(root, 1000);
    // 5000 bytes are two blocks; three links take at most one each.
    assertThat(usage.bytes() - empty).isBetween(8192L, 8192L + 3 * 4096);
    assertThat(usage.complete()).isTrue();
  }

  @Test
  public void aWalkEndsAfterSoManyFiles() throws Exception {
    Path root = folder.newFolder("sandbox").toPath();
    for (int i = 0; i < 50; i++) {
      Files.write(root.resolve("f" + i), new byte[1]);
    }
    DiskUsage usage = DiskUsage.of(root, 10);
    assertThat(usage.complete()).isFalse();
    assertThat(usage.bytes()).isBetween(9 * 4096L, 12 * 4096L);
    assertThat(DiskUsage.of(root, 1000).bytes()).isGreaterThanOrEqualTo(50 * 4096L);
  }

  @Test
  public void aMissingDirectoryIsNotAnError() {
    assertThat(DiskUsage.of(folder.getRoot().toPath().resolve("absent"), 10).bytes()).isZero();
  }

  private static ProcEntry entry(int pid, long startTicks, double user, double system) {
    return new ProcEntry(
        pid, 1, pid, pid, 'S', 2, 0, startTicks, 0, 0, 100, 1000, user, system, "x");
  }
}
