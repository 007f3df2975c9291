package io.borealis.agent.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a state when a whole stream is taken into it. As confined as the state.
 *
 * @param state as far as it could be read
 * @param records how many records were taken before the end or the error
 * @param error why reading stopped; null when the stream was whole
 */
public record Replay(RunnerState state, int records, @Nullable CheckpointException error) {
  private static final Logger log = LoggerFactory.getLogger(Replay.class);

  /** Takes a stream into a blank state, without handlers. */
  public static Replay of(Path stream, Mode mode) throws IOException {
    return of(stream, mode, new Dispatcher());
  }

  /** Takes a stream into a blank state, and tells the handlers of a dispatcher. */
  public static Replay of(Path stream, Mode mode, Dispatcher dispatcher) throws IOException {
    RunnerState state = new RunnerState();
    int records = 0;
    try (CheckpointReader reader = CheckpointReader.open(stream)) {
      for (Checkpoint record = reader.next(); record != null; record = reader.next()) {
        dispatcher.dispatch(state, record, mode);
        records++;
      }
      return new Replay(state, records, null);
    } catch (CheckpointException e) {
      return new Replay(state, records, e);
    }
  }

  /**
   * The state a whole stream leads to; empty when it cannot be read, or is damaged anywhere: a part
   * of the truth is not given out.
   */
  public static Optional<RunnerState> fromFile(Path stream, boolean truncate) {
    try {
      Replay replay = of(stream, truncate ? Mode.STRICT_TRUNCATE : Mode.STRICT);
      if (replay.error() == null) {
        return Optional.of(replay.state());
      }
      log.warn(
          "Stream {} is of no use from record {} on: {}",
          stream,
          replay.records(),
          replay.error().getMessage());
    } catch (IOException e) {
      log.warn("Stream {} cannot be read: {}", stream, e.toString());
    }
    return Optional.empty();
  }
}
