package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.Assume.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The README's tour, as a reader runs it. It needs curl and python3, and is left out without. */
public class TourIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern HEADING = Pattern.compile("(?m)^ *== (.*)$");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;

  /** Makes a checkout that has been built and has no sources, so that nobody builds it anew. */
  @Before
  public void makeCheckout() throws IOException {
    assumeTrue(isInstalled("curl") && isInstalled("python3"));
    root = folder.newFolder("checkout").toPath();
    copy("bin");
    copy("docs/tour");
    Files.createDirectories(root.resolve("cli"));
    Files.createSymbolicLink(root.resolve("cli/target"), CHECKOUT.resolve("cli/target"));
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private void copy(String directory) throws IOException {
    Path target = Files.createDirectories(root.resolve(directory));
    try (Stream<Path> files = Files.list(CHECKOUT.resolve(directory))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Test
  public void theTourGoesAsTheReadmeTellsIt() throws Exception {
    Path printed = folder.newFile("printed").toPath();
    int port = freePorts();
    int exit = run(printed, root.resolve("docs/tour/tour.sh").toString(), String.valueOf(port));
    String output = Files.readString(printed);
    assertThat(output)
        .containsSubsequence(
            "version 1, instance 2",
            "ROLLING_FORWARD (0 STARTING, 1 RUNNING, 2 RUNNING)",
            "ROLLED_FORWARD",
            "version 2, instance 2",
            "ROLLED_BACK",
            "instance 0 FAILED: Failed health check!",
            "version 2, instance 0",
            "\"GET / HTTP/1.1\" 200",
            "version 4, instance 0",
            "version 2, instance 2",
            "ROLLED_FORWARD",
            "version 4, instance 2",
            "instance 0 is the process it was before the kill",
            "nothing is left running\n");
    assertThat(exit).isZero();
    String told = Files.readString(CHECKOUT.resolve("README.md"));
    assertThat(headings(told))
        .as("the headings of the tour in the README")
        .containsSequence(
            headings(
                output
                    .replace(String.valueOf(port), "18081")
                    .replace(String.valueOf(port + 1), "18082")));
  }

  private static List<String> headings(String text) {
    return HEADING.matcher(text).results().map(heading -> heading.group(1)).toList();
  }

  /** Runs the tour to its end; has it clean up when it takes too long. */
  private static int run(Path printed, String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("BOREALIS_JAVA_OPTS", "-Xmx512m -XX:TieredStopAtLevel=1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as(Files.readString(printed)).isTrue();
      return process.exitValue();
    } finally {
      process.destroy();
      process.waitFor(1, TimeUnit.MINUTES);
    }
  }

  /** The first of the ports that the tour uses, none of which is taken. */
  private static int freePorts() {
    return IntStream.iterate(
            20_000 + (int) (ProcessHandle.current().pid() % 50) * 200, p -> p + 200)
        .limit(50)
        .filter(
            port ->
                IntStream.of(port, port + 1, port + 100, port + 101, port + 102)
                    .allMatch(TourIT::isFree))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
