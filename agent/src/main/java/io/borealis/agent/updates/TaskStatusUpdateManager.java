package io.borealis.agent.updates;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.EventLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings updates to the scheduler at least once and in the order of their task: each is durable
 * before it is taken, and sent again until it is acknowledged. Any thread may call; everything
 * happens on the loop, on which results complete, too.
 */
public final class TaskStatusUpdateManager {
  /** How long an answer to an update is awaited at first. */
  public static final Duration FIRST_RETRY = Duration.ofSeconds(10);

  /** How long it is awaited at last, after it has been doubled each time. */
  public static final Duration LONGEST_RETRY = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(TaskStatusUpdateManager.class);

  private final EventLoop loop;
  private final UpdateFiles files;
  private final Consumer<TaskUpdate> forward;
  private final Map<StreamKey, UpdateStream> streams = new LinkedHashMap<>();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicInteger inError = new AtomicInteger();
  private final Counter sent;
  private final Counter resent;
  private final Counter acknowledged;
  private final Counter failures;
  private boolean paused;

  /**
   * Makes one without streams, which is not paused.
   *
   * @param forward sends an update once; called on the loop
   */
  public TaskStatusUpdateManager(
      EventLoop loop, UpdateFiles files, MeterRegistry meters, Consumer<TaskUpdate> forward) {
    this.loop = loop;
    this.files = files;
    this.forward = forward;
    this.sent = meters.counter("agent_updates_sent");
    this.resent = meters.counter("agent_updates_resent");
    this.acknowledged = meters.counter("agent_updates_acknowledged");
    this.failures = meters.counter("agent_update_errors");
    meters.gauge("agent_updates_pending", pending);
    meters.gauge("agent_update_streams_in_error", inError);
  }

  /** How many tasks have updates that cannot be written. */
  public int streamsInError() {
    return inError.get();
  }

  /**
   * Takes an update of a task whose updates are kept in the file. The result completes when it is
   * durable, or was taken before; it fails with an {@link UpdateException} otherwise.
   */
  public CompletableFuture<Void> update(TaskUpdate update, Path file) {
    return take(update, Optional.of(file));
  }

  /** The same for a task whose updates are forgotten with this process. */
  public CompletableFuture<Void> update(TaskUpdate update) {
    return take(update, Optional.empty());
  }

  private CompletableFuture<Void> take(TaskUpdate update, Optional<Path> file) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          UpdateStream stream = streams.computeIfAbsent(update.key(), key -> create(key, file));
          Optional<String> refusal = take(stream, update, file.isPresent());
          count();
          answer(result, null, refusal);
        });
    return result;
  }

  private UpdateStream create(StreamKey key, Optional<Path> file) {
    UpdateStream stream = new UpdateStream(key, file, files);
    if (stream.error().isPresent()) {
      failures.increment();
    }
    return stream;
  }

  private Optional<String> take(UpdateStream stream, TaskUpdate update, boolean checkpointed) {
    if (stream.isCheckpointed() != checkpointed) {
      return Optional.of(
          "Mismatched checkpoint value for an update of task %s: expected %s, got %s"
              .formatted(update.key().taskId(), stream.isCheckpointed(), checkpointed));
    } else if (stream.error().isPresent()) {
      return stream.error();
    } else if (update.uuid().isEmpty()) {
      return Optional.of(
          "The update of task %s is missing 'uuid'".formatted(update.key().taskId()));
    }
    UUID uuid = update.uuid().get();
    if (stream.hasAcknowledged(uuid) || stream.hasReceived(uuid)) {
      return Optional.empty();
    } else if (!stream.take(update, uuid)) {
      failures.increment();
      return stream.error();
    }
    pending.incrementAndGet();
    if (!paused && stream.size() == 1) {
      forwardHead(stream, FIRST_RETRY);
    }
    return Optional.empty();
  }

  /**
   * Drops the update that was in flight and sends the next one. The result is whether more may
   * come: false after the end of the task; it fails with an {@link UpdateException} when the update
   * is not the one in flight, or that it was acknowledged cannot be written.
   */
  public CompletableFuture<Boolean> acknowledgement(StreamKey key, UUID uuid) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          UpdateStream stream = streams.get(key);
          Optional<String> refusal =
              stream == null
                  ? Optional.of(
                      "Cannot find the task status update stream of task %s of framework %s"
                          .formatted(key.taskId(), key.frameworkId()))
                  : acknowledge(stream, uuid);
          boolean goesOn = stream != null && !stream.isTerminated();
          count();
          answer(result, goesOn, refusal);
        });
    return result;
  }

  private Optional<String> acknowledge(UpdateStream stream, UUID uuid) {
    String taskId = stream.key().taskId();
    Optional<UUID> head = stream.head().flatMap(TaskUpdate::uuid);
    if (stream.error().isPresent()) {
      return stream.error();
    } else if (head.isEmpty()) {
      return Optional.of(
          "Unexpected task status update acknowledgment %s of task %s".formatted(uuid, taskId));
    } else if (!head.get().equals(uuid)) {
      return Optional.of(
          "Duplicate task status acknowledgement %s of task %s".formatted(uuid, taskId));
    } else if (!stream.acknowledgeHead(uuid)) {
      failures.increment();
      return stream.error();
    }
    acknowledged.increment();
    pending.decrementAndGet();
    stream.stopRetry();
    if (stream.isTerminated()) {
      remove(stream);
    } else if (!paused && stream.size() > 0) {
      forwardHead(stream, FIRST_RETRY);
    }
    return Optional.empty();
  }

  /** Sends nothing until {@link #resume}; updates and acknowledgements are still taken. */
  public void pause() {
    loop.execute(
        () -> {
          paused = true;
          streams.values().forEach(UpdateStream::stopRetry);
        });
  }

  /** Sends what is first of each task at once, whenever it was sent before. */
  public void resume() {
    loop.execute(
        () -> {
          paused = false;
          for (UpdateStream stream : ImmutableList.copyOf(streams.values())) {
            forwardHead(stream, FIRST_RETRY);
          }
        });
  }

  /** Forgets all tasks of a framework; their files stay. */
  public CompletableFuture<Void> cleanup(String frameworkId) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          for (UpdateStream stream : ImmutableList.copyOf(streams.values())) {
            if (stream.key().frameworkId().equals(frameworkId)) {
              remove(stream);
            }
          }
          count();
          answer(result, null, Optional.empty());
        });
    return result;
  }

  /**
   * Goes on with the updates that files held; to be called before anything else. Sends nothing. The
   * result fails with an {@link UpdateException} when a file cannot be appended to.
   */
  public CompletableFuture<Void> recover(ImmutableList<RecoveredUpdates> files) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          Optional<String> refusal = Optional.empty();
          for (RecoveredUpdates file : files) {
            Optional<String> error = recover(file);
            refusal = refusal.isPresent() ? refusal : error;
          }
          count();
          answer(result, null, refusal);
        });
    return result;
  }

  private Optional<String> recover(RecoveredUpdates recovered) {
    if (recovered.updates().isEmpty()) {
      return Optional.empty();
    }
    UpdateStream stream =
        new UpdateStream(recovered.updates().get(0).key(), Optional.of(recovered.file()), files);
    streams.put(stream.key(), stream);
    for (TaskUpdate update : recovered.updates()) {
      UUID uuid = update.uuid().orElseThrow();
      stream.replay(update, uuid, recovered.acknowledged().contains(uuid));
    }
    pending.addAndGet(stream.size());
    if (stream.isTerminated()) {
      remove(stream);
    } else if (!paused && stream.size() > 0) {
      // Sent already by the process before; as long as nobody resumes, that may have been enough.
      retryAfter(stream, FIRST_RETRY);
    }
    return stream.error();
  }

  /** Tries to write again where that failed; the result is how many tasks still cannot be. */
  public CompletableFuture<Integer> repair() {
    CompletableFuture<Integer> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          streams.values().forEach(UpdateStream::repair);
          count();
          answer(result, inError.get(), Optional.empty());
        });
    return result;
  }

  /** Closes all files; nothing is sent any more. */
  public CompletableFuture<Void> close() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          paused = true;
          ImmutableList.copyOf(streams.values()).forEach(this::remove);
          answer(result, null, Optional.empty());
        });
    return result;
  }

  private void remove(UpdateStream stream) {
    if (stream.isTerminated() && stream.size() > 0) {
      LOG.warn(
          "Dropping {} updates of task {}, whose end was acknowledged",
          stream.size(),
          stream.key().taskId());
    }
    pending.addAndGet(-stream.size());
    stream.close();
    streams.remove(stream.key());
  }

  private void forwardHead(UpdateStream stream, Duration interval) {
    Optional<TaskUpdate> head = stream.head();
    if (head.isPresent()) {
      retryAfter(stream, interval);
      sent.increment();
      forward.accept(head.get());
    }
  }

  private void retryAfter(UpdateStream stream, Duration interval) {
    Duration doubled = interval.multipliedBy(2);
    Duration next = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
    stream.retryAfter(
        loop.schedule(
            interval,
            () -> {
              resent.increment();
              forwardHead(stream, next);
            }));
  }

  private void count() {
    inError.set((int) streams.values().stream().filter(s -> s.error().isPresent()).count());
  }

  private static <T> void answer(CompletableFuture<T> result, T value, Optional<String> refusal) {
    if (refusal.isPresent()) {
      var unused = result.completeExceptionally(new UpdateException(refusal.get()));
    } else {
      var unused = result.complete(value);
    }
  }
}
