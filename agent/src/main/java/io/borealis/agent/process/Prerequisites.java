package io.borealis.agent.process;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What this machine must have before tasks can run on it. Stateless. */
public final class Prerequisites {
  private static final long PATIENCE_SECONDS = 30;

  private final String searchPath;

  /** Looks for programs here in place of PATH. */
  Prerequisites(String searchPath) {
    this.searchPath = searchPath;
  }

  /** Those of this machine, by the PATH of this agent. */
  public static Prerequisites ofThisMachine() {
    return new Prerequisites(
        Optional.ofNullable(System.getenv("PATH")).orElse("/usr/local/bin:/usr/bin:/bin"));
  }

  /**
   * Looks for the programs and tries them; takes some 10 ms. Says what is missing and what package
   * has it, a sentence each; nothing when all is there.
   *
   * @param runAsRole whether tasks run as other accounts, which takes more
   */
  public ImmutableList<String> missing(boolean runAsRole) {
    ImmutableList.Builder<String> missing = ImmutableList.builder();
    bash().ifPresent(missing::add);
    setsid().ifPresent(missing::add);
    program("prlimit", "util-linux").ifPresent(missing::add);
    if (runAsRole) {
      program("setpriv", "util-linux").ifPresent(missing::add);
      if (new Accounts(Path.of("/etc/passwd")).own().uid() != 0) {
        missing.add("Tasks can be run as their roles by root only, and this agent is not root.");
      }
    }
    return missing.build();
  }

  private static Optional<String> bash() {
    if (!Files.isExecutable(Path.of("/bin/bash"))) {
      return Optional.of("There is no /bin/bash; install the package bash.");
    }
    Answer answer = run(List.of("/bin/bash", "-p", "-c", "[[ $EPOCHREALTIME ]]"));
    return answer.code == 0
        ? Optional.empty()
        : Optional.of("/bin/bash is older than version 5; install a newer package bash.");
  }

  private Optional<String> setsid() {
    Optional<String> absent = program("setsid", "util-linux");
    if (absent.isPresent()) {
      return absent;
    }
    Answer code = trySetsid("exit 139");
    Answer signal = trySetsid("kill -KILL $$");
    return code.code == 139 && code.errors.isEmpty() && signal.code == 9 && signal.tellsSignal()
        ? Optional.empty()
        : Optional.of(
            "The program setsid does not tell how its child ended (--fork --wait); install the"
                + " package util-linux in version 2.32 or newer in place of "
                + find("setsid").map(Path::toString).orElse("it")
                + ".");
  }

  private Answer trySetsid(String command) {
    String setsid = find("setsid").map(Path::toString).orElse("setsid");
    return run(List.of(setsid, "--fork", "--wait", "/bin/bash", "-p", "-c", command));
  }

  private Optional<String> program(String name, String pack) {
    return find(name).isPresent()
        ? Optional.empty()
        : Optional.of(
            "The program " + name + " is not on the PATH; install the package " + pack + ".");
  }

  private Optional<Path> find(String name) {
    return Splitter.on(File.pathSeparatorChar)
        .omitEmptyStrings()
        .splitToStream(searchPath)
        .map(directory -> Path.of(directory, name))
        .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
        .findFirst();
  }

  private static Answer run(List<String> words) {
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectInput(Redirect.from(new File("/dev/null")))
              .redirectOutput(Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Answer(-1, "It does not end.");
      }
      return new Answer(
          process.exitValue(),
          new String(process.getErrorStream().readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return new Answer(-1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(-1, "Interrupted.");
    }
  }

  private record Answer(int code, String errors) {
    boolean tellsSignal() {
      return errors.startsWith("setsid:");
    }
  }
}
