package io.borealis.agent.process;

import java.nio.file.Path;

/** A program that prints what signals a command has blocked and ignores. */
final class SignalsOfCommand {
  private SignalsOfCommand() {}

  /**
   * Runs one command.
   *
   * @param args a directory for it
   */
  public static void main(String[] args) throws Exception {
    Workshop shop = new Workshop(Path.of(args[0]));
    Workshop.Going going = shop.start("signals", "grep -E 'Sig(Blk|Ign)' /proc/self/status");
    var unused = going.end();
    System.out.print(going.out());
  }
}
