package io.borealis.agent.process;

import java.nio.file.Path;

/** A user account of this machine. Immutable. */
public record Account(String name, int uid, int gid, Path home) {}
