package io.borealis.agent.process;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** A user account of this machine. Immutable. */
public record Account(String name, int uid, int gid, Path home) {
  /** What to put before a command so that it runs with the rights of this account; needs root. */
  public ImmutableList<String> become() {
    return ImmutableList.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--init-groups", "--");
  }
}
