package io.borealis.agent.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * One record of a stream. Whoever writes sets one member; a reader may meet none, or several, of
 * which the first of header, task and process counts. Immutable.
 */
public record Checkpoint(
    @Nullable Header header, @Nullable ProcessUpdate process, @Nullable TaskUpdate task) {

  /** A record of what stays the same. */
  public static Checkpoint of(Header header) {
    return new Checkpoint(header, null, null);
  }

  /** A record of a step of a process. */
  public static Checkpoint of(ProcessUpdate process) {
    return new Checkpoint(null, process, null);
  }

  /** A record of a step of the task. */
  public static Checkpoint of(TaskUpdate task) {
    return new Checkpoint(null, null, task);
  }
}
