package io.borealis.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.Test;

/** The page of timers names every class that has one, and no other. */
public class TimersPageTest {
  private static final Path SOURCES = Path.of("src/main/java/io/borealis/scheduler");
  private static final Pattern LAST_COLUMN =
      Pattern.compile("\\| `(\\w+)` \\|$", Pattern.MULTILINE);

  @Test
  public void everyClassThatWaitsIsOnThePage() throws IOException {
    String page = Files.readString(Path.of("../docs/timers.md"));
    assertThat(LAST_COLUMN.matcher(page).results().map(row -> row.group(1)).distinct())
        .containsExactlyInAnyOrderElementsOf(classesThatSchedule());
  }

  private static List<String> classesThatSchedule() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.startsWith(SOURCES.resolve("runtime")))
          .filter(TimersPageTest::schedules)
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .toList();
    }
  }

  private static boolean schedules(Path file) {
    try {
      return Files.readString(file).contains(".schedule(");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
