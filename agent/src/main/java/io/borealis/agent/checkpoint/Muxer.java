package io.borealis.agent.checkpoint;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what coordinators have written since it was last asked, from the streams of several
 * processes of one task. Confined to one thread at a time.
 */
public final class Muxer implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Muxer.class);

  private final CheckpointPaths paths;
  private final Map<String, Source> sources = new LinkedHashMap<>();

  /** A muxer over the coordinator streams of one task. */
  public Muxer(CheckpointPaths paths) {
    this.paths = paths;
  }

  /**
   * Begins to read the stream of a process, which need not exist yet.
   *
   * @param watermark records up to this number are known already and passed over
   * @throws IllegalArgumentException when it is being read, or its name cannot be that of a file
   */
  public void register(String process, long watermark) {
    Source source = new Source(process, watermark);
    if (sources.putIfAbsent(process, source) != null) {
      throw new IllegalArgumentException("Process %s is registered".formatted(process));
    }
  }

  /**
   * Stops to read the stream of a process.
   *
   * @throws IllegalArgumentException when it is not being read
   */
  public void unregister(String process) throws IOException {
    @Nullable Source source = sources.remove(process);
    if (source == null) {
      throw new IllegalArgumentException("Process %s is not registered".formatted(process));
    }
    source.close();
  }

  /**
   * All records that are new and whole, in the order of each stream, by process. Processes without
   * any are left out.
   *
   * @throws CheckpointException when a stream cannot be read on; its records up to there, and those
   *     of the other streams, are given by later calls once it is unregistered
   */
  public ImmutableMap<String, ImmutableList<Checkpoint>> select()
      throws IOException, CheckpointException {
    ImmutableMap.Builder<String, ImmutableList<Checkpoint>> news = ImmutableMap.builder();
    Map<Source, Long> marks = new LinkedHashMap<>();
    try {
      for (Source source : sources.values()) {
        if (source.bind()) {
          marks.put(source, source.position());
          ImmutableList<Checkpoint> records = source.read();
          if (!records.isEmpty()) {
            news.put(source.process, records);
          }
        }
      }
      return news.buildOrThrow();
    } catch (IOException | CheckpointException e) {
      marks.forEach(Source::rewind);
      throw e;
    }
  }

  /**
   * Whether a process has a record that is new and whole.
   *
   * @throws IllegalArgumentException when it is not being read
   */
  public boolean hasData(String process) throws IOException, CheckpointException {
    @Nullable Source source = sources.get(process);
    if (source == null) {
      throw new IllegalArgumentException("Process %s is not registered".formatted(process));
    }
    return source.bind() && source.hasData();
  }

  @Override
  public void close() throws IOException {
    for (Source source : sources.values()) {
      source.close();
    }
    sources.clear();
  }

  /** The stream of one process. */
  private final class Source implements Closeable {
    private final String process;
    private final Path path;
    private final long watermark;
    private @Nullable CheckpointReader reader;

    private Source(String process, long watermark) {
      this.process = process;
      this.path = paths.coordinator(process);
      this.watermark = watermark;
    }

    /** Opens the stream if it exists by now. */
    private boolean bind() throws IOException, CheckpointException {
      if (reader == null) {
        try {
          reader = CheckpointReader.open(path);
        } catch (NoSuchFileException e) {
          return false;
        }
      }
      return true;
    }

    private CheckpointReader reader() {
      if (reader == null) {
        throw new IllegalStateException("not bound");
      }
      return reader;
    }

    private long position() {
      return reader().position();
    }

    private void rewind(long position) {
      reader().position(position);
    }

    private ImmutableList<Checkpoint> read() throws IOException, CheckpointException {
      ImmutableList.Builder<Checkpoint> records = ImmutableList.builder();
      if (reader().size() < reader().position()) {
        log.error("Stream {} has become shorter than what was read of it", path);
        return records.build();
      }
      for (@Nullable Checkpoint record = tryNew(); record != null; record = tryNew()) {
        records.add(record);
      }
      return records.build();
    }

    private boolean hasData() throws IOException, CheckpointException {
      long before = position();
      boolean found = tryNew() != null;
      rewind(before);
      return found;
    }

    /** The next record above the watermark, however late those below it were written. */
    private @Nullable Checkpoint tryNew() throws IOException, CheckpointException {
      for (@Nullable Checkpoint record = reader().tryNext();
          record != null;
          record = reader().tryNext()) {
        @Nullable ProcessUpdate step = record.process();
        if (step == null || step.seq() == null || step.seq() > watermark) {
          return record;
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      if (reader != null) {
        reader.close();
      }
    }
  }
}
