package io.borealis.agent.process;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Looks up accounts: in the files of this machine, then with {@code getent}, which also knows those
 * of a directory service. Thread-safe; the latter may take up to ten seconds.
 */
public final class Accounts {
  private static final Splitter COLONS = Splitter.on(':');
  private static final long PATIENCE_SECONDS = 10;

  private final Path passwd;

  /** Reads this file in place of that of the machine. */
  Accounts(Path passwd) {
    this.passwd = passwd;
  }

  /** Those of this machine. */
  public static Accounts ofThisMachine() {
    return new Accounts(Path.of("/etc/passwd"));
  }

  /**
   * The account of this name.
   *
   * @throws UnknownAccountException if there is none
   */
  public Account named(String name) throws UnknownAccountException {
    if (name.isEmpty() || name.startsWith("-") || name.contains(":") || name.contains("\n")) {
      throw new UnknownAccountException(name);
    }
    Optional<Account> account = inFile(fields -> fields.get(0).equals(name));
    if (account.isEmpty()) {
      account = fromService(name).filter(found -> found.name().equals(name));
    }
    return account.orElseThrow(() -> new UnknownAccountException(name));
  }

  /** The account this agent runs as. One without a name is named by its number. */
  public Account own() {
    int uid = ProcReader.ofThisMachine().entry(ProcReader.ownPid()).map(ProcEntry::uid).orElse(-1);
    String number = Integer.toString(uid);
    return inFile(fields -> fields.get(2).equals(number))
        .or(() -> fromService(number))
        .orElseGet(() -> new Account(number, uid, uid, Path.of("/")));
  }

  private Optional<Account> inFile(Predicate<List<String>> wanted) {
    try {
      return Files.readString(passwd, StandardCharsets.ISO_8859_1)
          .lines()
          .map(COLONS::splitToList)
          .filter(fields -> fields.size() >= 6 && wanted.test(fields))
          .findFirst()
          .flatMap(Accounts::account);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Account> fromService(String key) {
    try {
      Process process =
          new ProcessBuilder("getent", "passwd", key)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return account(COLONS.splitToList(answer.strip()));
    } catch (IOException e) {
      // No such program: then there are the files only.
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Optional<Account> account(List<String> fields) {
    if (fields.size() < 6) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Account(
              fields.get(0),
              Integer.parseInt(fields.get(2)),
              Integer.parseInt(fields.get(3)),
              Path.of(fields.get(5))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
