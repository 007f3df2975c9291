package io.borealis.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.SystemRuntimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ShellHealthCheckIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final AtomicReference<Throwable> unexpected = new AtomicReference<>();
  private final SystemRuntimes runtimes =
      new SystemRuntimes((name, failure) -> unexpected.set(failure));
  private final EventLoop loop = runtimes.newLoop("task");
  private Path dir;

  @Before
  public void setUp() {
    dir = folder.getRoot().toPath();
  }

  @After
  public void tearDown() {
    runtimes.close();
    assertThat(unexpected.get()).isNull();
  }

  private CheckResult run(String command, Duration timeout) throws Exception {
    ShellHealthCheck.Shell shell =
        new ShellHealthCheck.Shell(
            ImmutableList.of(),
            dir,
            dir.resolve("check.out"),
            false,
            ImmutableMap.of("PATH", "/usr/bin:/bin", "HOME", dir.toString()));
    return new ShellHealthCheck(loop, runtimes.newPool("io", 1), shell, command, timeout)
        .check()
        .toCompletableFuture()
        .get(90, TimeUnit.SECONDS);
  }

  @Test
  public void aCommandThatEndsWithZeroIsHealthyAndSeesOnlyTheEnvironmentItIsGiven()
      throws Exception {
    assertThat(run("env | sort > seen; echo fine", LONG)).isEqualTo(CheckResult.healthy());
    assertThat(Files.readAllLines(dir.resolve("seen")))
        .contains("HOME=" + dir, "PATH=/usr/bin:/bin")
        .noneMatch(line -> line.startsWith("JAVA"));
  }

  @Test
  public void aCommandThatFailsIsToldWithItsStatusAndOutput() throws Exception {
    assertThat(run("echo out; echo err >&2; exit 3", LONG))
        .isEqualTo(
            CheckResult.unhealthy(
                "Command 'echo out; echo err >&2; exit 3' returned non-zero exit status 3 with"
                    + " output 'out\nerr\n'"));
  }

  @Test
  public void aCommandThatHangsIsKilledWithAllItStarted() throws Exception {
    assertThat(run("sleep 300 & echo $! $$ > pids; sleep 300", Duration.ofSeconds(2)))
        .isEqualTo(CheckResult.unhealthy("Health check timed out."));
    String[] pids = Files.readString(dir.resolve("pids")).strip().split(" ", -1);
    for (String pid : pids) {
      awaitGone(Long.parseLong(pid));
    }
  }

  private static void awaitGone(long pid) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (isAlive(pid)) {
      assertThat(System.nanoTime() - deadline).as("%s lives", pid).isNegative();
      Thread.sleep(20);
    }
  }

  /** A killed orphan may stay a zombie where nobody waits for it. */
  private static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  @Test
  public void aCommandThatNeverEndsWritingIsStopped() throws Exception {
    assertThat(run("yes", LONG))
        .isEqualTo(CheckResult.unhealthy("Health check wrote more than 1048576 bytes."));
  }

  @Test
  public void aCommandThatLeavesSomebodyBehindHasEnded() throws Exception {
    assertThat(run("sleep 5 & exit 0", LONG)).isEqualTo(CheckResult.healthy());
  }

  @Test
  public void whatCannotBeStartedIsUnhealthy() throws Exception {
    dir = dir.resolve("missing");
    assertThat(run("true", LONG))
        .isInstanceOfSatisfying(
            CheckResult.Unhealthy.class,
            unhealthy -> assertThat(unhealthy.reason()).startsWith("OSError: "));
  }
}
