package io.borealis.agent.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.CheckpointException;
import io.borealis.agent.checkpoint.CheckpointPaths;
import io.borealis.agent.checkpoint.Mode;
import io.borealis.agent.checkpoint.Muxer;
import io.borealis.agent.checkpoint.ProcessUpdate;
import io.borealis.runtime.Clock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the stream of a task, and takes what coordinators wrote into it. A record counts only once
 * it is written: whatever could not be written is tried again as if nothing had been. Confined to
 * the loop of the runner.
 */
final class Chronicle implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Chronicle.class);

  /** A stream older than this looks abandoned to those who clear up. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final CheckpointPaths paths;
  private final RecordSink sink;
  private final Clock clock;
  private final Consumer<Run> onChange;
  private final Muxer coordinators;
  private final Set<String> followed = new LinkedHashSet<>();

  /** Read from coordinators, and not yet written. */
  private final Deque<Checkpoint> unwritten = new ArrayDeque<>();

  private Course course;
  private long writtenNanos;

  /**
   * @param onChange is told of every run that changed, after that was written
   */
  Chronicle(
      CheckpointPaths paths, Course course, RecordSink sink, Clock clock, Consumer<Run> onChange) {
    this.paths = paths;
    this.course = course;
    this.sink = sink;
    this.clock = clock;
    this.onChange = onChange;
    this.coordinators = new Muxer(paths);
    this.writtenNanos = clock.nanoTime();
    course.runs().values().forEach(this::follow);
  }

  Course course() {
    return course;
  }

  /**
   * Writes a record that follows from the course.
   *
   * @throws IOException if it could not be written
   */
  void write(Checkpoint record) throws IOException {
    try {
      take(record);
    } catch (CheckpointException e) {
      throw new IllegalStateException("A record of ours does not follow: " + record, e);
    }
  }

  /** Takes a record that is in the stream of a coordinator, before it is read from there. */
  void expect(ProcessUpdate update) {
    unwritten.add(Checkpoint.of(update));
  }

  /**
   * Takes in what coordinators have written.
   *
   * @return whether anything was new
   * @throws IOException if something could not be written; it will be taken in later
   */
  boolean collect() throws IOException {
    read();
    boolean isNew = false;
    while (!unwritten.isEmpty()) {
      Checkpoint record = unwritten.element();
      if (course.isNews(record)) {
        try {
          take(record);
          isNew = true;
        } catch (CheckpointException e) {
          log.warn("{}: passing over what a coordinator wrote: {}", paths.taskId(), e.getMessage());
        }
      }
      unwritten.remove();
    }
    return isNew;
  }

  /** Shows that somebody still looks after the stream, if nothing was written for a while. */
  void beat() {
    long now = clock.nanoTime();
    if (now - writtenNanos >= HEARTBEAT.toNanos()) {
      writtenNanos = now;
      try {
        Files.setLastModifiedTime(paths.runner(), FileTime.fromMillis(clock.wallMillis()));
      } catch (IOException e) {
        log.warn("{}: cannot touch the stream: {}", paths.taskId(), e.toString());
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (sink) {
      coordinators.close();
    }
  }

  private void take(Checkpoint record) throws IOException, CheckpointException {
    Course next = course.after(record, Mode.STRICT_TRUNCATE, now());
    sink.append(record);
    writtenNanos = clock.nanoTime();
    course = next;
    ProcessUpdate update = record.process();
    if (update != null && update.process() != null) {
      Run run = next.run(update.process());
      follow(run);
      onChange.accept(run);
    }
  }

  private Course.Moment now() {
    return new Course.Moment(clock.nanoTime(), clock.wallMillis());
  }

  /** Reads the stream of a coordinator as long as its run has not ended. */
  private void follow(Run run) {
    if (!run.isUnended()) {
      unfollow(run.process());
    } else if (followed.add(run.process())) {
      coordinators.register(run.process(), run.seq());
    }
  }

  private void unfollow(String process) {
    if (followed.remove(process)) {
      try {
        coordinators.unregister(process);
      } catch (IOException e) {
        log.warn("{}: cannot close the stream of {}: {}", paths.taskId(), process, e.toString());
      }
    }
  }

  private void read() throws IOException {
    ImmutableMap<String, ImmutableList<Checkpoint>> news;
    try {
      news = coordinators.select();
    } catch (CheckpointException e) {
      log.error("{}: a coordinator wrote what nobody can read: {}", paths.taskId(), e.getMessage());
      dropDamaged();
      return;
    }
    news.values().forEach(unwritten::addAll);
  }

  /** A run whose stream is damaged is lost once its coordinator has gone. */
  private void dropDamaged() throws IOException {
    for (String process : List.copyOf(followed)) {
      try {
        var unused = coordinators.hasData(process);
      } catch (CheckpointException e) {
        unfollow(process);
      }
    }
  }
}
