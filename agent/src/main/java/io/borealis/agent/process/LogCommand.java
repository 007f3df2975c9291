package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.EventLoop;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;

/** The command line that runs {@link LogRotator} with the Java and the classes of this agent. */
final class LogCommand {
  private LogCommand() {}

  /** The words of it; the console directory counts for {@code BOTH} only. */
  static ImmutableList<String> of(LogPlan plan, Path logDirectory, Path consoleDirectory) {
    return ImmutableList.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx16m",
        "-Xss256k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-XX:-UsePerfData",
        "-cp",
        classPath(LogRotator.class) + ":" + classPath(EventLoop.class),
        LogRotator.class.getName(),
        plan.mode() == LogPlan.Mode.ROTATE ? Long.toString(plan.rotateBytes()) : "0",
        Integer.toString(plan.backups()),
        logDirectory.toAbsolutePath().toString(),
        plan.destination() == LogPlan.Destination.BOTH
            ? consoleDirectory.toAbsolutePath().toString()
            : "");
  }

  private static String classPath(Class<?> type) {
    URL location = type.getProtectionDomain().getCodeSource().getLocation();
    return Path.of(URI.create(location.toString())).toString();
  }
}
