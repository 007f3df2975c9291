package io.borealis.agent.executor;

import io.borealis.agent.executor.Workplaces.SandboxException;
import io.borealis.agent.process.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Makes the directory a task works in. Stateless. */
final class SandboxDirectory {
  private SandboxDirectory() {}

  /**
   * Makes the directory, or finds it, for nobody else to look into.
   *
   * @param owner whose it becomes; empty for the agent's own user
   */
  static void make(Path sandbox, Optional<Account> owner) throws SandboxException {
    try {
      Files.createDirectories(sandbox.getParent());
      if (!Files.isDirectory(sandbox, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            sandbox,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      if (owner.isPresent()) {
        Files.setAttribute(sandbox, "unix:gid", owner.get().gid(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(sandbox, "unix:uid", owner.get().uid(), LinkOption.NOFOLLOW_LINKS);
      }
      Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException | UnsupportedOperationException failure) {
      throw new SandboxException("%s: %s".formatted(sandbox, failure));
    }
  }

  /** Whose the directory is, with a name that nobody has. */
  static Account owner(Path sandbox, String name) throws SandboxException {
    try {
      int uid = (int) Files.getAttribute(sandbox, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      int gid = (int) Files.getAttribute(sandbox, "unix:gid", LinkOption.NOFOLLOW_LINKS);
      return new Account(name, uid, gid, sandbox);
    } catch (IOException failure) {
      throw new SandboxException("%s: %s".formatted(sandbox, failure));
    }
  }
}
