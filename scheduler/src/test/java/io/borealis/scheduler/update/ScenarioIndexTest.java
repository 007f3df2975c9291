package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.Test;

/** Every scenario of the update rules, section 9, is named by a test. */
public class ScenarioIndexTest {
  private static final Path TESTS = Path.of("src/test/java");

  /** An id such as F-1, or several as in. */
  private static final Pattern CITED =
      Pattern.compile("(?<![\\w-])([A-Z]+)-(\\d+)(?: to \\1-(\\d+))?(?![\\w-])");

  @Test
  public void everyScenarioIsNamedByATest() throws IOException {
    ImmutableList<String> scenarios =
        ImmutableList.copyOf(
            Resources.readLines(
                Resources.getResource("update/scenarios.txt"), StandardCharsets.UTF_8));
    assertThat(scenarios).hasSize(209).doesNotHaveDuplicates();
    assertThat(cited()).containsAll(scenarios);
  }

  private static Set<String> cited() throws IOException {
    Set<String> cited = new TreeSet<>();
    try (Stream<Path> files = Files.walk(TESTS)) {
      files
          .filter(file -> file.toString().endsWith("Test.java"))
          .filter(file -> !file.endsWith("ScenarioIndexTest.java"))
          .flatMap(file -> CITED.matcher(read(file)).results())
          .forEach(
              match ->
                  IntStream.rangeClosed(
                          number(match, 2), number(match, match.group(3) == null ? 2 : 3))
                      .forEach(number -> cited.add(match.group(1) + "-" + number)));
    }
    return cited;
  }

  private static int number(MatchResult match, int group) {
    return Integer.parseInt(match.group(group));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
