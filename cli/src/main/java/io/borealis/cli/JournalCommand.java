package io.borealis.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** Offline work on a journal. */
final class JournalCommand {
  private JournalCommand() {}

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    err.println("borealis journal: not available yet");
    return Main.FAILED;
  }
}
