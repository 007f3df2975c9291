package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointReader;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.agent.checkpoint.Replay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Streams as lists of short words. */
final class Sequences {
  private Sequences() {}

  /**
   * The records of a stream, which has to be whole and in order: {@code T ACTIVE}, {@code header},
   * {@code p WAITING}, {@code p FAILED 7}.
   */
  static List<String> of(Path stream) throws IOException, CheckpointException {
    Replay replay = Replay.of(stream, Mode.STRICT);
    assertThat(replay.error()).as("strict replay of %s", stream).isNull();
    List<String> words = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint record = reader.next(); record != null; record = reader.next()) {
        words.add(word(record));
      }
    }
    return words;
  }

  /** The same with the order between processes, and nothing else, taken out. */
  static Map<String, List<String>> apart(List<String> words) {
    Map<String, List<String>> apart = new LinkedHashMap<>();
    for (String word : words) {
      String of = word.equals("header") ? "T" : word.substring(0, word.indexOf(' '));
      apart.computeIfAbsent(of, name -> new ArrayList<>()).add(word);
      if (of.equals("T")) {
        // Where a task changes its state, no process may be on the other side.
        apart.forEach((process, its) -> mark(process, its, word));
      }
    }
    return apart;
  }

  private static void mark(String process, List<String> its, String word) {
    if (!process.equals("T") && !word.equals("header")) {
      its.add("| " + word);
    }
  }

  private static String word(Checkpoint record) {
    if (record.header() != null) {
      return "header";
    }
    if (record.task() != null) {
      return "T " + record.task().state();
    }
    ProcessUpdate update = record.process();
    assertThat(update).isNotNull();
    String word = update.process() + " " + update.state();
    return update.returnCode() == null ? word : word + " " + update.returnCode();
  }
}
