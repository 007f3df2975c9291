package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.process.LogPlan.Destination;
import io.borealis.agent.process.LogPlan.Mode;
import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Where output of real commands arrives. */
public class LogRotatorIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Workshop shop;

  @Before
  public void open() throws Exception {
    shop = new Workshop(folder.getRoot().toPath());
  }

  @After
  public void clear() throws Exception {
    shop.clear();
  }

  @Test
  public void aFloodIsBoundedAndItsEndIsKept() throws Exception {
    // 21 MB, with the count at the end, so that nothing but the oldest may be missing.
    Going going = start("flood", Mode.ROTATE, Destination.FILE, 1 << 20, 3, "seq 3000000");
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    Path logs = going.launch.logDirectory();
    Workshop.await("end", () -> noRotator());
    assertThat(logs.toFile().list())
        .containsExactlyInAnyOrder("stdout", "stdout.1", "stdout.2", "stdout.3", "stderr");
    StringBuilder kept = new StringBuilder();
    for (String name : new String[] {"stdout.3", "stdout.2", "stdout.1", "stdout"}) {
      assertThat(Files.size(logs.resolve(name))).isLessThan((1 << 20) + LogFile.CHUNK);
      kept.append(Files.readString(logs.resolve(name)));
    }
    int[] numbers = kept.toString().lines().skip(1).mapToInt(Integer::parseInt).toArray();
    assertThat(numbers[numbers.length - 1]).isEqualTo(3_000_000);
    for (int i = 1; i < numbers.length; i++) {
      assertThat(numbers[i]).isEqualTo(numbers[i - 1] + 1);
    }
    assertThat(numbers.length).isGreaterThan(3 * (1 << 20) / 8);
  }

  @Test
  public void anyBytesPassAndStderrIsApart() throws Exception {
    byte[] bytes = new byte[300_000];
    new java.util.Random(1).nextBytes(bytes);
    Files.write(shop.sandbox.resolve("bytes"), bytes);
    String command = "cat bytes; cat bytes >&2; echo >&2";
    Going going = start("bytes", Mode.ROTATE, Destination.BOTH, 1 << 20, 1, command);
    going.end();
    Workshop.await("end", () -> noRotator());
    byte[] errors = Arrays.copyOf(bytes, bytes.length + 1);
    errors[bytes.length] = '\n';
    assertThat(Files.readAllBytes(going.launch.logDirectory().resolve("stdout"))).isEqualTo(bytes);
    assertThat(Files.readAllBytes(going.launch.logDirectory().resolve("stderr"))).isEqualTo(errors);
    assertThat(Files.readAllBytes(shop.directory.resolve("stdout"))).isEqualTo(bytes);
    assertThat(Files.readAllBytes(shop.directory.resolve("stderr"))).isEqualTo(errors);
  }

  @Test
  public void theConsoleIsSharedAndLeavesNoFilesOfTheRun() throws Exception {
    for (String name : new String[] {"one", "two"}) {
      start(name, Mode.STANDARD, Destination.CONSOLE, 1, 1, "echo " + name).end();
    }
    assertThat(shop.directory.resolve("stdout")).hasContent("one\ntwo\n");
    assertThat(shop.launch("one", "").logDirectory()).isEmptyDirectory();
  }

  @Test
  public void nothingIsKeptOfNothing() throws Exception {
    Going going = start("none", Mode.ROTATE, Destination.NONE, 1, 1, "echo x; echo y >&2");
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    assertThat(going.launch.logDirectory()).isEmptyDirectory();
    assertThat(shop.directory.resolve("stdout")).doesNotExist();
  }

  @Test
  public void aSecondRunGoesOnInPlainFiles() throws Exception {
    start("again", Mode.STANDARD, Destination.FILE, 1, 1, "echo first").end();
    Files.delete(shop.launch("again", "").stream());
    Going second = start("again", Mode.STANDARD, Destination.FILE, 1, 1, "echo second");
    second.end();
    assertThat(second.out()).isEqualTo("first\nsecond\n");
  }

  @Test
  public void theRotatorIsNotOfTheRunAndWritesDownWhatAKilledRunHadSaid() throws Exception {
    Going going =
        start("killed", Mode.ROTATE, Destination.FILE, 1 << 20, 1, "echo said; sleep 1000");
    int command = going.pid();
    TaskProcesses processes = shop.processes(Workshop.noGroup());
    Workshop.await("rotator", () -> !noRotator());
    ProcTable table = ProcReader.ofThisMachine().read();
    assertThat(processes.ofRun(table, going.pids()))
        .extracting(ProcEntry::pid)
        .contains(command)
        .doesNotContain(rotator());
    assertThat(processes.ofTask(table, ImmutableList.of(going.pids())))
        .extracting(ProcEntry::pid)
        .contains(command)
        .doesNotContain(rotator());
    RunPids run = going.pids();
    Workshop.await("killed", () -> processes.killRun(ProcReader.ofThisMachine().read(), run) == 0);
    Workshop.await("end", () -> noRotator());
    assertThat(going.out()).isEqualTo("said\n");
  }

  private Going start(
      String name, Mode mode, Destination destination, long bytes, int backups, String command)
      throws Exception {
    LogPlan logs = new LogPlan(destination, mode, bytes, backups);
    return shop.start(Workshop.with(shop.launch(name, command), logs));
  }

  private boolean noRotator() {
    return rotator() < 0;
  }

  /** The one whose command line names our directory. */
  private int rotator() {
    for (ProcEntry entry : ProcReader.ofThisMachine().read().all().values()) {
      if (isOurs(words(entry))) {
        return entry.pid();
      }
    }
    return -1;
  }

  private boolean isOurs(String words) {
    return words.contains(LogRotator.class.getName() + "\0")
        && words.contains(shop.sandbox.toString())
        && !words.startsWith("/bin/bash")
        && !words.startsWith("setsid");
  }

  /** The command line; nothing of one that has vanished. */
  private static String words(ProcEntry entry) {
    try {
      Path file = Path.of("/proc/" + entry.pid() + "/cmdline");
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
