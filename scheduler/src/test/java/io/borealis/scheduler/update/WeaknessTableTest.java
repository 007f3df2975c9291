package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.Test;

/** The table of Aurora's weaknesses has a row for each, and the tests it names exist. */
public class WeaknessTableTest {
  private static final Path PAGE = Path.of("../docs/compatibility.md");
  private static final Pattern ROW = Pattern.compile("^\\| W-(\\d+) \\|(.*)$", Pattern.MULTILINE);
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern METHOD = Pattern.compile("@Test\\s+public void (\\w+)\\(");

  /** Of what is not there nothing can be shown; the rows say so. */
  private static final ImmutableSet<Integer> UNTESTED = ImmutableSet.of(31, 33, 34, 39);

  @Test
  public void everyWeaknessHasARowAndTestsThatExist() throws IOException {
    Map<Integer, String> rows = new TreeMap<>();
    ROW.matcher(Files.readString(PAGE))
        .results()
        .forEach(row -> assertThat(rows.put(Integer.valueOf(row.group(1)), row.group(2))).isNull());
    assertThat(rows.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 39).boxed().toList());
    ImmutableSetMultimap<String, String> tests = tests();
    rows.forEach(
        (number, row) -> {
          ImmutableSet<String> named = named(row);
          assertThat(named.isEmpty())
              .as("W-%s has no test", number)
              .isEqualTo(UNTESTED.contains(number));
          assertThat(named)
              .as("tests of W-%s", number)
              .allMatch(
                  name ->
                      tests.containsEntry(
                          name.replaceFirst("#.*", ""), name.replaceFirst(".*#", "")));
        });
  }

  private static ImmutableSet<String> named(String row) {
    return NAMED
        .matcher(row)
        .results()
        .map(match -> match.group(1) + "#" + match.group(2))
        .collect(ImmutableSet.toImmutableSet());
  }

  /** The methods of all tests, by class. */
  private static ImmutableSetMultimap<String, String> tests() throws IOException {
    ImmutableSetMultimap.Builder<String, String> tests = ImmutableSetMultimap.builder();
    for (String module : new String[] {"config", "scheduler"}) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith("Test.java")).toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          METHOD
              .matcher(Files.readString(file))
              .results()
              .forEach(match -> tests.put(name, match.group(1)));
        }
      }
    }
    return tests.build();
  }
}
