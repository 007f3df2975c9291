package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import io.borealis.agent.process.Workshop.Going;
import io.borealis.api.thermos.ProcessState;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Commands that run as another account, which needs root. */
public class RunAsRoleIT {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Workshop shop;
  private Account nobody;

  @Before
  public void open() throws Exception {
    assumeTrue("root", Accounts.ofThisMachine().own().uid() == 0);
    nobody = Accounts.ofThisMachine().named("nobody");
    shop = new Workshop(folder.getRoot().toPath());
    Files.setPosixFilePermissions(
        folder.getRoot().toPath(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setOwner(
        shop.sandbox,
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
  }

  @After
  public void clear() throws Exception {
    if (shop != null) {
      shop.clear();
    }
  }

  @Test
  public void aCommandAndItsLogsAreOfTheAccountAndTheRecordsAreNot() throws Exception {
    String command =
        "id -u; id -g; id -G; echo $USER $HOME; echo ok >>/dev/stdout; touch mine; sleep 1000";
    Going going = shop.start(Workshop.with(shop.launch("role", command), nobody, true, false));
    Path mine = shop.sandbox.resolve("mine");
    Workshop.await("mine", () -> Files.exists(mine));
    assertThat(Files.getOwner(mine).getName()).isEqualTo("nobody");
    assertThat(Files.getOwner(going.launch.logDirectory().resolve("stdout")).getName())
        .isEqualTo("nobody");
    assertThat(Files.getOwner(going.launch.stream()).getName()).isEqualTo("root");
    String ids = nobody.uid() + "\n" + nobody.gid() + "\n" + nobody.gid() + "\n";
    assertThat(going.out()).isEqualTo(ids + "nobody " + shop.sandbox + "\nok\n");
    // Both pids count as those of the run, though only one has the user of the task.
    ProcTable table = ProcReader.ofThisMachine().read();
    OptionalInt uid = OptionalInt.of(nobody.uid());
    assertThat(table.isOurs(going.coordinator.pid(), going.forkTime, uid)).isTrue();
    assertThat(table.isOurs(going.pid(), going.running().startTime(), uid)).isTrue();
    assertThat(table.get(going.pid()).orElseThrow().uid()).isEqualTo(nobody.uid());
  }

  @Test
  public void anEndIsToldAsEver() throws Exception {
    Launch code = Workshop.with(shop.launch("code", "exit 137"), nobody, true, false);
    assertThat(shop.start(code).end().returnCode()).isEqualTo(137);
    Launch signal = Workshop.with(shop.launch("signal", "kill -9 $$"), nobody, true, false);
    assertThat(shop.start(signal).end().returnCode()).isEqualTo(-9);
    assertThat(shop.start(signal).end().state()).isEqualTo(ProcessState.KILLED);
  }

  @Test
  public void aLinkThatTheAccountLaidInPlaceOfALogIsNotFollowedWithMoreRights() throws Exception {
    Path secret = folder.newFile("secret").toPath();
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Launch launch = Workshop.with(shop.launch("trap", "echo stolen"), nobody, true, false);
    Files.createDirectories(launch.logDirectory());
    Files.createSymbolicLink(launch.logDirectory().resolve("stdout"), secret);
    Going going = shop.start(launch);
    assertThat(going.end().returnCode()).isEqualTo(126);
    assertThat(secret).isEmptyFile();
  }

  @Test
  public void aRotatorHasTheRightsOfTheAccount() throws Exception {
    List<String> look = new ArrayList<>(nobody.become());
    Path classes =
        Path.of(LogRotator.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    look.addAll(List.of("/bin/bash", "-c", "[[ -r $0 ]]", classes.toString()));
    assumeTrue("the account can read our classes", new ProcessBuilder(look).start().waitFor() == 0);
    LogPlan logs = new LogPlan(LogPlan.Destination.FILE, LogPlan.Mode.ROTATE, 1 << 20, 1);
    Launch launch =
        Workshop.with(
            Workshop.with(shop.launch("rotated", "echo out; echo ok >/dev/stderr"), logs),
            nobody,
            true,
            false);
    Going going = shop.start(launch);
    assertThat(going.end().state()).isEqualTo(ProcessState.SUCCESS);
    Path err = launch.logDirectory().resolve("stderr");
    Workshop.await("errors", () -> Files.exists(err) && err.toFile().length() == 3);
    assertThat(going.out()).isEqualTo("out\n");
    assertThat(Files.getOwner(err).getName()).isEqualTo("nobody");
  }

  @Test
  public void theOutputOfAllProcessesOfATaskHasFilesTheAccountCanWrite() throws Exception {
    LogPlan console = new LogPlan(LogPlan.Destination.CONSOLE, LogPlan.Mode.STANDARD, 1, 1);
    for (String process : List.of("one", "two")) {
      Launch launch =
          Workshop.with(
              Workshop.with(shop.launch(process, "echo " + process), console), nobody, true, false);
      assertThat(shop.start(launch).end().returnCode()).isZero();
    }
    assertThat(shop.directory.resolve("stdout")).hasContent("one\ntwo");
    assertThat(Files.getOwner(shop.directory).getName()).isEqualTo("root");
  }

  @Test
  public void anAccountCannotHaveMoreProcessesThanItsLimit() throws Exception {
    Launch launch =
        Workshop.with(
            shop.launch("many", "for i in {1..40}; do sleep 1000 & done; echo all"),
            nobody,
            true,
            false);
    Going going =
        shop.start(
            Workshop.with(
                launch,
                Limits.withoutCgroups("none")
                    .group("none", new TaskLimits(1, Long.MAX_VALUE, OptionalLong.of(10)))));
    Path err = going.launch.logDirectory().resolve("stderr");
    Workshop.await("a refusal", () -> err.toFile().length() > 0);
    assertThat(going.err()).contains("fork");
    assertThat(going.out()).doesNotContain("all");
  }
}
