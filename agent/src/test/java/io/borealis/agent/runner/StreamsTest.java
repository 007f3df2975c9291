package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.checkpoint.Checkpoint;
import io.borealis.agent.checkpoint.ProcessUpdate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class StreamsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void whereverAStreamIsCutItsWholeRecordsStay() throws Exception {
    Path stream = stream();
    byte[] whole = Files.readAllBytes(stream);
    int half = whole.length / 2;
    for (int length = 0; length <= whole.length; length++) {
      Files.write(stream, Arrays.copyOf(whole, length));
      List<Checkpoint> records = new ArrayList<>();
      Streams.mend(stream, records::add);

      assertThat(records).hasSize(length / half);
      assertThat(Files.size(stream)).isEqualTo((long) (length / half) * half);
    }
  }

  @Test
  public void aStreamThatDoesNotExistIsEmptyAndIsNotMade() throws Exception {
    Path stream = folder.getRoot().toPath().resolve("none");
    List<Checkpoint> records = new ArrayList<>();
    Streams.mend(stream, records::add);

    assertThat(records).isEmpty();
    assertThat(stream).doesNotExist();
  }

  @Test
  public void aStreamOfWhichMoreThanARecordIsMissingStaysAsItIs() throws Exception {
    Path stream = stream();
    byte[] whole = Files.readAllBytes(stream);
    byte[] damaged = Arrays.copyOf(whole, whole.length + (2 << 20));
    // Announces 63 MiB.
    damaged[whole.length] = 3;
    damaged[whole.length + 1] = (byte) 0xf0;
    Files.write(stream, damaged);

    assertThatThrownBy(() -> Streams.mend(stream, record -> {}))
        .isInstanceOf(Streams.DamagedException.class)
        .hasMessageContaining("is damaged at byte " + whole.length);
    assertThat(Files.size(stream)).isEqualTo(damaged.length);
  }

  /** Two records of the same length. */
  private Path stream() throws Exception {
    Path stream = folder.getRoot().toPath().resolve("runner");
    try (RecordSink sink = RecordSink.toFile(stream)) {
      sink.append(Checkpoint.of(ProcessUpdate.waiting("p", 0)));
      sink.append(Checkpoint.of(ProcessUpdate.unlaunched("p", 1)));
    }
    return stream;
  }
}
