package io.borealis.scheduler.update;

import org.jspecify.annotations.Nullable;

/** Who asks for a change of an update, and what he says about it. Immutable. */
public record Audit(String user, @Nullable String message) {}
