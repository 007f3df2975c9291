package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.scheduler.NamedTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.Test;

/** The table of Aurora's weaknesses has a row for each, and the tests it names exist. */
public class WeaknessTableTest {
  private static final Path PAGE = Path.of("../docs/compatibility.md");
  private static final Pattern ROW = Pattern.compile("^\\| W-(\\d+) \\|(.*)$", Pattern.MULTILINE);

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
    ImmutableSet<String> tests = NamedTests.existing();
    rows.forEach(
        (number, row) -> {
          ImmutableSet<String> named = NamedTests.in(row);
          assertThat(named.isEmpty())
              .as("W-%s has no test", number)
              .isEqualTo(UNTESTED.contains(number));
          assertThat(tests).as("tests of W-%s", number).containsAll(named);
        });
  }
}
