package io.borealis.scheduler.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writes that wait, in a bounded queue for each class; the classes are served by turns.
 * Thread-safe by its own lock, which is never held while anything else runs.
 */
final class WriteQueues {
  private static final WriteClass[] CLASSES = WriteClass.values();

  private final Map<WriteClass, Deque<PendingWrite<?>>> queues = new EnumMap<>(WriteClass.class);
  private int nextClass;
  private @Nullable String closedBecause;

  WriteQueues() {
    for (WriteClass writeClass : CLASSES) {
      queues.put(writeClass, new ArrayDeque<>());
    }
  }

  /** Takes a write in; returns why not, if so. */
  synchronized @Nullable String add(WriteClass writeClass, PendingWrite<?> write) {
    if (closedBecause != null) {
      return closedBecause;
    }
    Deque<PendingWrite<?>> queue = queues.get(writeClass);
    if (queue.size() >= writeClass.capacity()) {
      return "Too many writes are waiting (" + writeClass + "), try again later";
    }
    queue.add(write);
    return null;
  }

  /** Takes out the next write; null when none waits. */
  synchronized @Nullable PendingWrite<?> poll() {
    for (int i = 0; i < CLASSES.length; i++) {
      PendingWrite<?> write = queues.get(CLASSES[(nextClass + i) % CLASSES.length]).poll();
      if (write != null) {
        nextClass = (nextClass + i + 1) % CLASSES.length;
        return write;
      }
    }
    return null;
  }

  /** Takes out the writes whose deadline has passed. */
  synchronized List<PendingWrite<?>> takeLate(long nowNanos) {
    List<PendingWrite<?>> late = new ArrayList<>();
    for (Deque<PendingWrite<?>> queue : queues.values()) {
      queue.removeIf(write -> write.isLate(nowNanos) && late.add(write));
    }
    return late;
  }

  /** Refuses writes from now on, for the reason first given, and takes out those that wait. */
  synchronized List<PendingWrite<?>> close(String reason) {
    List<PendingWrite<?>> waiting = new ArrayList<>();
    if (closedBecause == null) {
      closedBecause = reason;
      queues.values().forEach(waiting::addAll);
      queues.values().forEach(Deque::clear);
    }
    return waiting;
  }

  synchronized boolean isOpen() {
    return closedBecause == null;
  }

  synchronized int size() {
    return queues.values().stream().mapToInt(Deque::size).sum();
  }
}
