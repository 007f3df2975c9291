package io.borealis.scheduler;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tests that a page names, and whether they are there. Stateless. */
public final class NamedTests {
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern METHOD =
      Pattern.compile("@Test(?:\\([^)]*\\))?\\s+public void (\\w+)\\(");

  private NamedTests() {}

  /** The tests that a text names, as {@code SomeTest#itsName}. */
  public static ImmutableSet<String> in(String text) {
    return NAMED
        .matcher(text)
        .results()
        .map(match -> match.group(1) + "#" + match.group(2))
        .collect(ImmutableSet.toImmutableSet());
  }

  /** All tests there are, named in the same way. */
  public static ImmutableSet<String> existing() throws IOException {
    ImmutableSetMultimap.Builder<String, String> tests = ImmutableSetMultimap.builder();
    for (String module : new String[] {"config", "thrift", "scheduler"}) {
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
    return tests.build().entries().stream()
        .map(test -> test.getKey() + "#" + test.getValue())
        .collect(ImmutableSet.toImmutableSet());
  }
}
