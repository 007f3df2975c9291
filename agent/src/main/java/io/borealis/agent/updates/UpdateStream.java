package io.borealis.agent.updates;

import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The updates of one task that the scheduler does not have yet. Confined to its manager's loop. */
final class UpdateStream {
  private final StreamKey key;
  private final Optional<Path> path;
  private final UpdateFiles files;
  private final Deque<TaskUpdate> pending = new ArrayDeque<>();
  private final Set<UUID> received = new HashSet<>();
  private final Set<UUID> acknowledged = new HashSet<>();
  private boolean terminated;
  private @Nullable String error;
  private UpdateFiles.@Nullable Appended file;
  // The file up to here consists of whole records that are durable.
  private long length;
  private EventLoop.@Nullable Timer retry;

  /** A stream that is kept in a file, or else only in memory. Failures are found in its error. */
  UpdateStream(StreamKey key, Optional<Path> path, UpdateFiles files) {
    this.key = key;
    this.path = path;
    this.files = files;
    try {
      open();
    } catch (IOException failure) {
      error = "Failed to open %s: %s".formatted(path.orElseThrow(), failure.getMessage());
    }
  }

  private void open() throws IOException {
    if (path.isPresent() && file == null) {
      UpdateFiles.Appended opened = files.open(path.get());
      try {
        length = opened.size();
      } catch (IOException failure) {
        opened.close();
        throw failure;
      }
      file = opened;
    }
  }

  StreamKey key() {
    return key;
  }

  boolean isCheckpointed() {
    return path.isPresent();
  }

  Optional<String> error() {
    return Optional.ofNullable(error);
  }

  Optional<TaskUpdate> head() {
    return Optional.ofNullable(pending.peekFirst());
  }

  int size() {
    return pending.size();
  }

  boolean isTerminated() {
    return terminated;
  }

  boolean hasReceived(UUID uuid) {
    return received.contains(uuid);
  }

  boolean hasAcknowledged(UUID uuid) {
    return acknowledged.contains(uuid);
  }

  /** Takes an update; false, and an error from now on, when it could not be made durable. */
  boolean take(TaskUpdate update, UUID uuid) {
    if (!append(new UpdateRecord.Taken(update))) {
      return false;
    }
    received.add(uuid);
    pending.addLast(update);
    return true;
  }

  /** Drops the head, which the scheduler has; false as above. */
  boolean acknowledgeHead(UUID uuid) {
    if (!append(new UpdateRecord.Acknowledged(uuid))) {
      return false;
    }
    acknowledged.add(uuid);
    terminated |= pending.removeFirst().isTerminal();
    return true;
  }

  /** Takes an update that its file holds. */
  void replay(TaskUpdate update, UUID uuid, boolean acked) {
    if (!received.add(uuid)) {
      // Came again after it was forgotten.
      return;
    }
    pending.addLast(update);
    if (acked) {
      acknowledged.add(uuid);
      pending.remove(update);
      terminated |= update.isTerminal();
    }
  }

  private boolean append(UpdateRecord record) {
    if (path.isEmpty()) {
      return true;
    }
    UpdateFiles.Appended open = file;
    if (open == null) {
      error = path.get() + " is closed";
      return false;
    }
    ByteBuffer frame = UpdateCodec.frame(record);
    int size = frame.remaining();
    try {
      while (frame.hasRemaining()) {
        var unused = open.write(frame);
      }
      open.force();
    } catch (IOException failure) {
      error = "Failed to write %s: %s".formatted(path.get(), failure.getMessage());
      return false;
    }
    length += size;
    return true;
  }

  /** Drops what a failed write left behind, and the error; keeps it if that fails again. */
  void repair() {
    if (error == null) {
      return;
    }
    try {
      open();
      UpdateFiles.Appended open = file;
      if (open != null) {
        open.truncate(length);
        open.force();
      }
      error = null;
    } catch (IOException failure) {
      // The first error says more about what is missing.
    }
  }

  /** Replaces the timer of the head. */
  void retryAfter(EventLoop.Timer timer) {
    stopRetry();
    retry = timer;
  }

  void stopRetry() {
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }

  void close() {
    stopRetry();
    UpdateFiles.Appended open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException failure) {
        // All that was written is durable already.
      }
    }
  }
}
