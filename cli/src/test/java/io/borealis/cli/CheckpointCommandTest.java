package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.cli.MainTest.Called;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Test;

/** The command over all streams whose content and replay others have written down. */
public class CheckpointCommandTest {
  private static final Path GOLDEN =
      Path.of("..", "agent", "src", "test", "resources", "checkpoints");
  private static final List<String> MODES =
      List.of("strict", "strict_truncate", "recovery", "recovery_truncate");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  public void theStateOfEveryStreamIsThatOfOthersInEachMode() throws Exception {
    List<Path> streams = streams();
    for (String mode : MODES) {
      Called called = call("show", streams, "--mode", mode);
      List<String> lines = called.out().lines().toList();
      assertThat(lines).hasSameSizeAs(streams);
      for (int i = 0; i < lines.size(); i++) {
        JsonNode replay = verdict(streams.get(i)).get("replay");
        JsonNode expected = replay.get(mode).isTextual() ? replay.get("strict") : replay.get(mode);
        assertThat(JSON.readTree(lines.get(i)))
            .isEqualTo(((ObjectNode) expected).put("file", streams.get(i).toString()));
      }
      assertThat(called.err()).isEmpty();
      assertThat(called.exit()).isEqualTo(1);
    }
  }

  @Test
  public void theRecordsOfEveryStreamAreThoseOfOthers() throws Exception {
    List<Path> streams = streams();
    Called called = call("records", streams);
    List<String> lines = called.out().lines().toList();
    assertThat(lines).hasSameSizeAs(streams);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode expected = verdict(streams.get(i)).get("read");
      assertThat(JSON.readTree(lines.get(i)))
          .isEqualTo(((ObjectNode) expected).put("file", streams.get(i).toString()));
    }
    assertThat(called.exit()).isEqualTo(1);
  }

  @Test
  public void theExitCodeTellsWholeStreamsFromDamagedOnesAndThoseThatAreNotThere() {
    String whole = GOLDEN.resolve("cases/001-complete-success.ckpt").toString();
    String cut = GOLDEN.resolve("cases/004-partial-length-2.ckpt").toString();
    String unordered = GOLDEN.resolve("cases/044-seq-gap.ckpt").toString();
    assertThat(exit("show", whole, whole)).isZero();
    assertThat(exit("records", whole)).isZero();
    assertThat(exit("show", whole, cut)).isEqualTo(1);
    assertThat(exit("records", cut, whole)).isEqualTo(1);
    assertThat(exit("show", unordered)).isEqualTo(1);
    assertThat(exit("show", unordered, "--mode=recovery")).isZero();
    assertThat(exit("records", unordered)).isZero();
    for (String action : List.of("show", "records")) {
      Called called = MainTest.call("checkpoint", action, "/none", cut, GOLDEN.toString(), whole);
      assertThat(called.exit()).isEqualTo(2);
      assertThat(called.out().lines()).hasSize(2);
      assertThat(called.err())
          .isEqualTo(
              "borealis checkpoint: /none: there is no such file\nborealis checkpoint: "
                  + GOLDEN
                  + ": is not a file\n");
    }
    assertThat(exit("show", "--", "-none")).isEqualTo(2);
    assertThat(exit("show", "a\0b", whole)).isEqualTo(2);
  }

  @Test
  public void whatIsWrongWithACallIsSaid() {
    refused("show needs a file: show FILE…", "show");
    refused("records needs a file: records FILE…", "records", "--");
    refused("--mode goes with show only", "records", "--mode=strict", "f");
    refused("--mode needs a value", "show", "f", "--mode");
    refused(
        "--mode: 'STRICT' is not strict, strict_truncate, recovery or recovery_truncate",
        "show",
        "--mode=STRICT",
        "f");
    refused("Unknown option: '--foo'", "show", "--foo", "f");
    assertThat(MainTest.call("checkpoint", "read", "f").err())
        .startsWith("borealis checkpoint: there is no action 'read'\nUsage: borealis checkpoint");
    assertThat(MainTest.call("checkpoint").exit()).isEqualTo(2);
    assertThat(MainTest.call("checkpoint", "show", "--help").exit()).isZero();
  }

  @Test
  public void onlyAsciiGoesOut() {
    String unicode = GOLDEN.resolve("cases/027-unicode-names.ckpt").toString();
    assertThat(MainTest.call("checkpoint", "show", unicode).out())
        .contains("\\u")
        .matches("\\p{ASCII}*");
  }

  private static int exit(String... args) {
    return call(args[0], List.of(), List.of(args).subList(1, args.length).toArray(String[]::new))
        .exit();
  }

  private static Called call(String action, List<Path> files, String... more) {
    List<String> args = new ArrayList<>(List.of("checkpoint", action));
    args.addAll(List.of(more));
    files.forEach(file -> args.add(file.toString()));
    return MainTest.call(args.toArray(String[]::new));
  }

  private static void refused(String message, String... args) {
    Called called =
        call(args[0], List.of(), List.of(args).subList(1, args.length).toArray(String[]::new));
    assertThat(called).isEqualTo(new Called(2, "", "borealis checkpoint: " + message + "\n"));
  }

  private static List<Path> streams() throws IOException {
    try (Stream<Path> files = Files.walk(GOLDEN)) {
      List<Path> streams = files.filter(file -> Files.exists(beside(file))).sorted().toList();
      assertThat(streams).hasSize(125);
      return streams;
    }
  }

  private static Path beside(Path stream) {
    return stream.resolveSibling(stream.getFileName() + ".json");
  }

  /** What others say of a stream, without the names of their exceptions. */
  private static JsonNode verdict(Path stream) throws IOException {
    JsonNode verdict = JSON.readTree(beside(stream).toFile());
    verdict
        .findParents("original_exception")
        .forEach(e -> ((ObjectNode) e).remove("original_exception"));
    return verdict;
  }
}
