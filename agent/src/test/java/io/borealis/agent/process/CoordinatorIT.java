package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointWriter;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What coordinators do, with real ones. */
public class CoordinatorIT {
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
  public void anExitCodeIsASuccessWhenItIsZeroAndAFailureElse() throws Exception {
    for (int code : new int[] {0, 1, 3, 126, 127, 128, 129, 137, 139, 143, 255}) {
      ProcessUpdate end = shop.run("code" + code, "exit " + code);
      assertThat(end.state())
          .as("exit %s", code)
          .isEqualTo(code == 0 ? ProcessState.SUCCESS : ProcessState.FAILED);
      assertThat(end.returnCode()).isEqualTo(code);
      assertThat(end.seq()).isEqualTo(Workshop.SEQ + 2);
    }
  }

  @Test
  public void aSignalIsToldApartFromTheCodeThatShellsMakeOfIt() throws Exception {
    for (int signal : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 31}) {
      // The shell itself is deaf to some of them, so something else takes its place.
      Going going = shop.start("signal" + signal, "exec sleep 1000");
      int pid = going.pid();
      Workshop.await("sleep", () -> name(pid).equals("sleep"));
      assertThat(
              new ProcessBuilder("/bin/bash", "-c", "kill -" + signal + " " + pid)
                  .start()
                  .waitFor())
          .isZero();
      ProcessUpdate end = going.end();
      assertThat(end.state()).as("signal %s", signal).isEqualTo(ProcessState.KILLED);
      assertThat(end.returnCode()).isEqualTo(-signal);
    }
  }

  @Test
  public void whatTheAgentWasToldToIgnoreIsNotIgnoredByCommands() throws Exception {
    String agent =
        "trap '' INT HUP USR1; exec %s -cp \"$0\" %s \"$1\""
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                SignalsOfCommand.class.getName());
    Process process =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                agent,
                System.getProperty("java.class.path"),
                folder.newFolder().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String masks =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    // Numbers 32 and 33 belong to the C library.
    assertThat(masks).matches("SigBlk:\\s0{16}\nSigIgn:\\s0{7}[01][08]0{7}");
  }

  @Test
  public void aSignalThatWouldLeaveACoreIsTheSameSignal() throws Exception {
    ProcessUpdate end = shop.run("core", "ulimit -c unlimited; kill -SEGV $$");
    assertThat(end.returnCode()).isEqualTo(-11);
  }

  @Test
  public void theRecordsAreThoseOurOwnWriterMakes() throws Exception {
    List<String> names =
        List.of(
            "p",
            "two words",
            "quote ' and \" and \\ and \\x41 %s %b",
            "new\nline\n",
            "größe 東京",
            "n".repeat(200));
    for (String name : names) {
      ProcessUpdate end = shop.run(name, "exit 3");
      assertThat(end.process()).isEqualTo(name);
      Path stream = shop.launch(name, "").stream();
      Path again = folder.newFile().toPath();
      try (CheckpointWriter writer = CheckpointWriter.open(again)) {
        for (ProcessUpdate record : Workshop.records(stream)) {
          writer.append(Checkpoint.of(record));
        }
      }
      assertThat(again).hasSameBinaryContentAs(stream);
    }
  }

  @Test
  public void aCommandIsPassedOnByteForByte() throws Exception {
    String command =
        """
        printf '%s|' "größe 東京 \\\\ \\x41 \t end" 'a
        b' "$((1 + 2))" "\\
        c" '%b\\n' `echo "x   y"`
        """;
    Going going = shop.start("odd", command);
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    Process expected = new ProcessBuilder("/bin/bash").start();
    try (var in = expected.getOutputStream()) {
      in.write(command.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(going.out())
        .isEqualTo(new String(expected.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  @Test
  public void aCommandMayBeAsLongAsLinuxTakesIt() throws Exception {
    // 100,000 bytes, and four times that when escaped, so that pieces end within characters.
    Going going = shop.start("long", "printf %s " + "é".repeat(50_000));
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    assertThat(going.out()).isEqualTo("é".repeat(50_000));
    ProcessUpdate tooLong = shop.run("longer", "true " + "x".repeat(140_000));
    assertThat(tooLong.state()).isEqualTo(ProcessState.FAILED);
    assertThat(tooLong.returnCode()).isEqualTo(126);
  }

  @Test
  public void theEnvironmentIsExactlyFourVariables() throws Exception {
    Going going =
        shop.start("env", "tr '\\0' '\\n' </proc/$$/environ; echo; echo $SHLVL$OLDPWD; pwd");
    going.end();
    List<String> lines = going.out().lines().toList();
    String user = Accounts.ofThisMachine().own().name();
    assertThat(lines.subList(0, 4))
        .containsExactlyInAnyOrder(
            "HOME=" + shop.sandbox,
            "LOGNAME=" + user,
            "USER=" + user,
            "PATH=" + System.getenv("PATH"));
    assertThat(lines.subList(4, 7)).containsExactly("", "1", shop.sandbox.toString());
  }

  @Test
  public void aProfileInTheSandboxIsReadBeforeTheCommand() throws Exception {
    Files.writeString(shop.sandbox.resolve(".thermos_profile"), "export COLOUR=blue\n");
    Going going = shop.start("env", "echo $COLOUR; tr '\\0' '\\n' </proc/$$/environ");
    going.end();
    assertThat(going.out())
        .startsWith("blue\n")
        .contains("BASH_ENV=" + shop.sandbox + "/.thermos_profile\n");
  }

  @Test
  public void withPreserveTheAgentsEnvironmentIsBelow() throws Exception {
    Launch launch = shop.launch("env", "tr '\\0' '\\n' </proc/$$/environ");
    Going going =
        shop.start(Workshop.with(launch, new Account("someone", 0, 0, Path.of("/")), false, true));
    going.end();
    List<String> expected = new ArrayList<>();
    for (Map.Entry<String, String> entry : System.getenv().entrySet()) {
      if (!List.of("HOME", "LOGNAME", "USER", "SHLVL", "PWD", "OLDPWD", "_")
          .contains(entry.getKey())) {
        expected.addAll((entry.getKey() + "=" + entry.getValue()).lines().toList());
      }
    }
    expected.addAll(List.of("HOME=" + shop.sandbox, "LOGNAME=someone", "USER=someone"));
    assertThat(going.out().lines().toList()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  public void onlyTheThreeStandardDescriptorsAreOpen() throws Exception {
    Going plain = shop.start("plain", "ls /proc/$$/fd; readlink /proc/$$/fd/0");
    plain.end();
    assertThat(plain.out()).isEqualTo("0\n1\n2\n/dev/null\n");
    Launch piped =
        Workshop.with(
            shop.launch("piped", "ls /proc/$$/fd; echo end"),
            new LogPlan(LogPlan.Destination.BOTH, LogPlan.Mode.STANDARD, 1, 1));
    Going rotated = shop.start(piped);
    rotated.end();
    Workshop.await("output", () -> read(piped.logDirectory().resolve("stdout")).endsWith("end\n"));
    assertThat(rotated.out()).isEqualTo("0\n1\n2\nend\n");
    assertThat(shop.directory.resolve("stdout")).hasContent(rotated.out());
  }

  @Test
  public void withoutCgroupsTheNumberOfProcessesHasAnRlimit() throws Exception {
    TaskGroup group =
        Limits.withoutCgroups("none").group("t", new TaskLimits(1, 1, OptionalLong.of(4321)));
    Going going = shop.start(Workshop.with(shop.launch("limit", "ulimit -u"), group));
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    assertThat(going.out()).isEqualTo("4321\n");
  }

  @Test
  public void timesAreThoseOfTheClock() throws Exception {
    double before = System.currentTimeMillis() / 1000.0 - 0.002;
    Going going = shop.start("times", "sleep 0.3");
    double start = going.running().startTime();
    double stop = going.end().stopTime();
    double after = System.currentTimeMillis() / 1000.0 + 0.002;
    assertThat(start).isBetween(before, after);
    assertThat(stop).isBetween(start + 0.29, after);
    assertThat(going.running().seq()).isEqualTo(Workshop.SEQ + 1);
  }

  @Test
  public void coordinatorAndCommandLeadSessionsOfTheirOwn() throws Exception {
    Going going = shop.start("sessions", "sleep 1000");
    int command = going.pid();
    ProcTable table = ProcReader.ofThisMachine().read();
    int coordinator = going.coordinator.pid();
    assertThat(table.get(coordinator).orElseThrow().session()).isEqualTo(coordinator);
    assertThat(table.get(command).orElseThrow().session()).isEqualTo(command);
    assertThat(table.isOurs(coordinator, going.forkTime, java.util.OptionalInt.empty())).isTrue();
    assertThat(table.isOurs(command, going.running().startTime(), java.util.OptionalInt.empty()))
        .isTrue();
  }

  @Test
  public void aCommandThatCannotEnterItsSandboxFailsAndSaysWhy() throws Exception {
    Launch launch = shop.launch("nowhere", "true");
    Path logs = folder.newFolder().toPath();
    Going going =
        shop.start(
            new Launch(
                "nowhere",
                Workshop.SEQ,
                "true",
                shop.directory.resolve("absent"),
                launch.stream(),
                logs,
                logs,
                LogPlan.STANDARD,
                launch.account(),
                false,
                false,
                ImmutableList.of(),
                launch.maxProcesses()));
    assertThat(going.end().state()).isEqualTo(ProcessState.FAILED);
    assertThat(going.end().returnCode()).isEqualTo(126);
    assertThat(going.err()).contains("absent");
  }

  @Test
  public void whatDoesNotGetItsWordLeavesNothing() throws Exception {
    Launch launch = shop.launch("unasked", "touch started");
    StartedCoordinator coordinator = shop.coordinators.start(launch);
    coordinator.abandon();
    coordinator.exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(shop.sandbox.resolve("started")).doesNotExist();
    assertThat(launch.stream()).doesNotExist();
    Workshop.append(launch.stream(), ProcessUpdate.forked("unasked", 1, 1, 1));
    assertThatThrownBy(coordinator::go).isInstanceOf(IOException.class);
  }

  @Test
  public void signalsToTheCoordinatorDoNotLoseTheEnd() throws Exception {
    Going going = shop.start("deaf", "sleep 1; exit 4");
    going.pid();
    for (String signal : List.of("HUP", "INT", "QUIT", "TERM")) {
      new ProcessBuilder("/bin/bash", "-c", "kill -" + signal + " " + going.coordinator.pid())
          .start()
          .waitFor();
    }
    assertThat(going.end().returnCode()).isEqualTo(4);
  }

  @Test
  public void whenSetsidIsKilledTheEndIsUnknownAndTheCommandIsFoundAllTheSame() throws Exception {
    Going going = shop.start("orphan", "sleep 1000");
    int command = going.pid();
    ProcTable table = ProcReader.ofThisMachine().read();
    ProcEntry setsid = table.get(table.get(command).orElseThrow().ppid()).orElseThrow();
    assertThat(setsid.name()).isEqualTo("setsid");
    assertThat(new Signals(ProcReader.ofThisMachine()).kill(setsid)).isTrue();
    going.coordinator.exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(Workshop.records(going.launch.stream())).hasSize(2);
    ProcTable after = ProcReader.ofThisMachine().read();
    assertThat(shop.processes(Workshop.noGroup()).ofRun(after, going.pids()))
        .extracting(ProcEntry::pid)
        .contains(command)
        .doesNotContain(going.coordinator.pid());
  }

  @Test
  public void halfARecordOnAFullDiskIsTakenBackAndWrittenAgain() throws Exception {
    // The stream is made unwritable for a while, with half a record at its end.
    Going going = shop.start("full", "while [[ ! -e go ]]; do sleep 0.05; done; exit 9");
    going.pid();
    Path stream = going.launch.stream();
    byte[] whole = Files.readAllBytes(stream);
    Path aside = Files.createLink(stream.resolveSibling("aside"), stream);
    Path unwritable = Files.createSymbolicLink(stream.resolveSibling("link"), shop.sandbox);
    Files.move(unwritable, stream, StandardCopyOption.ATOMIC_MOVE);
    Files.createFile(shop.sandbox.resolve("go"));
    Thread.sleep(500);
    Files.write(aside, new byte[] {0, 0, 0}, StandardOpenOption.APPEND);
    Files.move(aside, stream, StandardCopyOption.ATOMIC_MOVE);
    assertThat(going.coordinator.exited().toCompletableFuture().isDone()).isFalse();
    going.coordinator.exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(Files.readAllBytes(stream)).startsWith(whole);
    assertThat(going.end().returnCode()).isEqualTo(9);
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static String name(int pid) {
    return ProcReader.ofThisMachine().entry(pid).map(ProcEntry::name).orElse("");
  }
}
