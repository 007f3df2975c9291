package io.borealis.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * {@code bin/borealis} itself, in a checkout with blanks in its path whose build is a script that
 * only counts.
 */
public class LauncherIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;

  /** How a run ended. */
  private record Run(int exit, String output) {}

  @Before
  public void makeCheckout() throws Exception {
    root = folder.newFolder("a checkout").toPath();
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("cli/src/main/java"));
    for (String file : List.of("borealis", "launch.sh")) {
      Files.copy(
          CHECKOUT.resolve("bin").resolve(file),
          root.resolve("bin").resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(root.resolve("pom.xml"), "");
    build("true");
  }

  /** Has the build begin with a command. */
  private void build(String command) throws IOException {
    script(
        root.resolve("mvnw"),
        command,
        "echo built >>builds",
        "mkdir -p cli/target/lib",
        "cp '" + CHECKOUT.resolve("cli/target/lib") + "'/*.jar cli/target/lib",
        "touch cli/target/lib/.complete");
  }

  private static void script(Path path, String... lines) throws IOException {
    Files.writeString(path, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process start(Map<String, String> environment, Path command, String... args)
      throws IOException {
    String[] words = new String[args.length + 1];
    words[0] = command.toString();
    System.arraycopy(args, 0, words, 1, args.length);
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(folder.getRoot()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Run result(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), output);
  }

  private Run borealis(Map<String, String> environment, String... args) throws Exception {
    return result(start(environment, root.resolve("bin/borealis"), args));
  }

  private int builds() throws IOException {
    return Files.readAllLines(root.resolve("builds")).size();
  }

  @Test
  public void theFirstUseBuildsAndSaysSoAndTheNextDoesNot() throws Exception {
    Run first = borealis(Map.of());
    assertThat(first.output()).contains("borealis: building, this happens once");
    assertThat(first.output()).contains("Usage: borealis COMMAND");
    assertThat(first.exit()).isEqualTo(2);
    Run second = borealis(Map.of(), "up", "--help");
    assertThat(second.output()).startsWith("Usage: borealis up").contains("--http-port");
    assertThat(second.exit()).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  public void itIsFoundThroughALinkFromAnywhere() throws Exception {
    Path links = folder.newFolder("links").toPath();
    Files.createSymbolicLink(links.resolve("one"), Path.of("../a checkout/bin/borealis"));
    Files.createSymbolicLink(links.resolve("two"), links.resolve("one"));
    Run run = result(start(Map.of("CDPATH", "/usr"), Path.of("links/two"), "--help"));
    assertThat(run.output()).contains("Usage: borealis COMMAND");
    assertThat(run.exit()).isZero();
  }

  @Test
  public void javaIsStartedInALocaleWithAllCharacters() throws Exception {
    Path home = folder.newFolder("java home").toPath();
    Files.createDirectories(home.resolve("bin"));
    script(
        home.resolve("bin/java"),
        "[ \"$1\" = -version ] && exec echo 'openjdk version \"17.0.1\"'",
        "echo \"locale $LC_ALL ${LANG:-none}\"");
    Map<String, String> java = Map.of("JAVA_HOME", home.toString(), "LANG", "C");
    for (String locale : List.of("C", "POSIX", "no_SUCH.UTF-8", "")) {
      Map<String, String> environment = new HashMap<>(java);
      environment.put("LC_ALL", locale);
      assertThat(borealis(environment).output()).as(locale).endsWith("locale C.UTF-8 C\n");
    }
    Map<String, String> environment = new HashMap<>(java);
    environment.put("LC_ALL", "C.utf8");
    assertThat(borealis(environment).output()).endsWith("locale C.utf8 C\n");
  }

  @Test
  public void sourcesNewerThanTheJarsAreBuilt() throws Exception {
    borealis(Map.of());
    Path source = Files.writeString(root.resolve("cli/src/main/java/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    assertThat(borealis(Map.of()).output()).contains("the sources are newer than the jars");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  public void twoCommandsAtOnceBuildOnce() throws Exception {
    build("sleep 1");
    Process one = start(Map.of(), root.resolve("bin/borealis"), "--help");
    Process two = start(Map.of(), root.resolve("bin/borealis"), "--help");
    assertThat(result(one).exit()).isZero();
    assertThat(result(two).exit()).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  public void aBuildThatFailsShowsWhyAndIsTriedAgain() throws Exception {
    build("echo built >>builds; echo no network; exit 1");
    Run run = borealis(Map.of());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.output()).contains("no network").contains("borealis: the build failed, see ");
    borealis(Map.of());
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  public void anOldJavaOrNoneIsSaid() throws Exception {
    Path home = folder.newFolder("java 11").toPath();
    Map<String, String> environment = new HashMap<>(Map.of("JAVA_HOME", home.toString()));
    assertThat(borealis(environment).output())
        .startsWith("borealis: JAVA_HOME is " + home + ", where there is no bin/java");
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    Run old = borealis(environment);
    assertThat(old.output())
        .startsWith("borealis: " + home.resolve("bin/java") + " is Java 11; install a JDK, 17");
    assertThat(old.exit()).isEqualTo(1);
    assertThat(root.resolve("builds")).doesNotExist();
  }
}
