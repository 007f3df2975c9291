package io.borealis.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.config.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What the command says to those who call it wrongly, or in a place where it cannot run. */
public class MainTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** How a call ended. */
  record Called(int exit, String out, String err) {}

  static Called call(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Main.run(
            List.of(args),
            Map.of(),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8));
    return new Called(exit, out.toString(UTF_8), err.toString(UTF_8));
  }

  @Test
  public void withoutACommandTheCommandsAreListed() {
    Called called = call();
    assertThat(called.exit()).isEqualTo(2);
    for (Command command : Command.values()) {
      assertThat(called.out()).contains(command.word()).contains(command.summary());
    }
    assertThat(call("--help").exit()).isZero();
    assertThat(call("help").out()).isEqualTo(called.out());
  }

  @Test
  public void anUnknownCommandIsNamed() {
    Called called = call("upp");
    assertThat(called.exit()).isEqualTo(2);
    assertThat(called.err()).startsWith("borealis: there is no command 'upp'\nUsage: borealis");
  }

  @Test
  public void everyCommandHasHelp() {
    for (Command command : Command.values()) {
      Called called = call(command.word(), "--help");
      assertThat(called.exit()).isZero();
      assertThat(called.out()).contains("Usage: borealis " + command.word()).contains("--config");
      assertThat(called.err()).isEmpty();
    }
    assertThat(call("journal", "reset", "--help").exit()).isZero();
    assertThat(call("lock", "release", "--help")).isEqualTo(call("lock", "--help"));
  }

  @Test
  public void whatIsWrongIsSaidInOneLine() {
    refused("borealis up: Unmatched argument at index 0: 'foo'", "up", "foo");
    refused(
        "borealis up: --http-port: 'abc' (flag) is not a whole number", "up", "--http-port=abc");
    refused(
        "borealis up: --cluster: 'mesos' (flag) must be agents or simulated",
        "up",
        "--cluster",
        "mesos");
    refused("borealis scheduler: --zk-endpoints is required: The ZooKeeper ensemble", "scheduler");
    refused(
        "borealis scheduler: --zk-endpoints: 'foo' (flag) is not a list of host:port, separated by"
            + " commas",
        "scheduler",
        "-zk_endpoints=foo");
    refused("borealis zookeeper: --servers is required with --id", "zookeeper", "--id", "2");
    refused(
        "borealis journal: reset needs --keep-backup DIR, where everything is copied first",
        "journal",
        "reset");
  }

  @Test
  public void aLockIsReleasedOnlyByWhoNamesTheJob() {
    String needs = "borealis lock: release needs a job: release ROLE/ENV/NAME, but got ";
    refused(needs + "''", "lock", "release");
    refused(needs + "''", "lock", "release", "--yes");
    refused(needs + "'--all'", "lock", "release", "--all", "a/b/c");
    refused(needs + "'a/b'", "lock", "release", "a/b");
    refused(
        "borealis lock: --scheduler: 'x' (flag) is not host:port", "lock", "list", "--scheduler=x");
    assertThat(call("lock").exit()).isEqualTo(2);
    assertThat(call("lock", "steal").err())
        .startsWith("borealis lock: there is no action 'steal'\nUsage: borealis lock ACTION");
  }

  @Test
  public void aSchedulerThatIsNotThereIsNamed() throws IOException {
    int port = Ports.free();
    Called called = call("lock", "list", "--scheduler=127.0.0.1:" + port);
    assertThat(called.exit()).isEqualTo(1);
    assertThat(called.err())
        .startsWith("borealis lock: no answer from 127.0.0.1:" + port + ", or from ");
  }

  private static void refused(String message, String... args) {
    assertThat(call(args)).isEqualTo(new Called(2, "", message + "\n"));
  }

  @Test
  public void whereABackupGoesMayBeSaidInTwoWays() {
    String missing = "borealis journal: --zk-endpoints is required: The ZooKeeper ensemble\n";
    assertThat(call("journal", "reset", "--keep-backup=d").err()).isEqualTo(missing);
    assertThat(call("journal", "reset", "--keep-backup", "d").err()).isEqualTo(missing);
  }

  @Test
  public void aFolderThatIsAFileIsNamed() throws Exception {
    Path file = Files.writeString(folder.getRoot().toPath().resolve("file"), "");
    for (String command : List.of("up", "zookeeper")) {
      assertThat(call(command, "--data-dir=" + file))
          .isEqualTo(
              new Called(
                  1,
                  "",
                  "borealis %s: The data directory %s is not a directory\n"
                      .formatted(command, file)));
      assertThat(call(command, "--data-dir=" + file.resolve("below")).err())
          .startsWith(
              "borealis %s: The data directory %s/below cannot be written: "
                  .formatted(command, file));
    }
  }

  @Test
  public void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Called called = call("zookeeper", "--data-dir=" + folder.getRoot(), "--port=" + port);
      assertThat(called.exit()).isEqualTo(1);
      assertThat(called.err())
          .startsWith("borealis zookeeper: ZooKeeper cannot listen on /127.0.0.1:" + port + ": ");
      called = call("scheduler", "--zk-endpoints=127.0.0.1:1", "--http-port=" + port);
      assertThat(called.exit()).isEqualTo(1);
      assertThat(called.err())
          .startsWith("borealis scheduler: Cannot listen: Failed to bind to /127.0.0.1:" + port);
    }
  }

  @Test
  public void flagsWithoutEffectAreNamedAndTheRestApplies() {
    Called called = call("zookeeper", "-native_log_quorum_size=1", "--data-dir=/dev/null/none");
    assertThat(called.err())
        .contains("borealis: -native_log_quorum_size means nothing to Borealis");
    assertThat(called.exit()).isEqualTo(1);
  }
}
