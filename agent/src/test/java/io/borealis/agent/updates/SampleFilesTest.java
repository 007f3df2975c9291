package io.borealis.agent.updates;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Files as Mesos leaves them, whole and damaged, and what is made of them. */
public class SampleFilesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void everySampleIsReadCutAndReplayedAsExpected() throws Exception {
    JsonNode cases =
        new ObjectMapper()
            .readTree(Resources.toByteArray(Resources.getResource("status-updates/expected.json")))
            .get("cases");
    assertThat(cases).hasSize(13);
    for (JsonNode sample : cases) {
      String name = sample.get("file").asText();
      Path file = folder.getRoot().toPath().resolve(name);
      Files.write(file, Resources.toByteArray(Resources.getResource("status-updates/" + name)));
      RecoveredUpdates read = RecoveredUpdates.recover(file);
      assertThat(
              read.updates().stream()
                  .map(update -> hex(update.uuid().orElseThrow()) + " " + update.state())
                  .toList())
          .as(name)
          .isEqualTo(
              StreamSupport.stream(sample.get("updates").spliterator(), false)
                  .map(u -> u.get("uuid_hex").asText() + " " + u.get("state").asText())
                  .toList());
      assertThat(read.acknowledged().stream().map(SampleFilesTest::hex).toList())
          .as(name)
          .isEqualTo(
              StreamSupport.stream(sample.get("acks").spliterator(), false)
                  .map(JsonNode::asText)
                  .toList());
      assertThat(Files.size(file)).as(name).isEqualTo(sample.get("length_after_recovery").asLong());
      assertThat(read.isCorrupt()).as(name).isEqualTo(sample.get("corrupt").asBoolean());
      assertThat(read.isCorrupt()).as(name).isEqualTo(!sample.get("strict").asText().equals("ok"));
      assertThat(replayed(read)).as(name).isEqualTo(expected(name, sample));
      // The second look finds the file whole.
      assertThat(RecoveredUpdates.recover(file).isCorrupt()).as(name).isFalse();
    }
  }

  /** Only the order differs: what is acknowledged is removed, not what is first. */
  private static String expected(String name, JsonNode sample) {
    return name.startsWith("17-") ? "pending: a" : sample.get("stream_after_replay").asText();
  }

  /** What the stream holds, found out by acknowledging all that is sent. */
  private static String replayed(RecoveredUpdates read) {
    if (read.updates().isEmpty()) {
      return "no stream (no updates)";
    }
    VirtualRuntimes runtimes = new VirtualRuntimes();
    List<TaskUpdate> sent = new ArrayList<>();
    TaskStatusUpdateManager manager =
        new TaskStatusUpdateManager(
            runtimes.newLoop("updates"), UpdateFiles.ON_DISK, new SimpleMeterRegistry(), sent::add);
    manager.pause();
    var recovered = manager.recover(ImmutableList.of(read));
    manager.resume();
    runtimes.runReady();
    recovered.join();
    StreamKey key = read.updates().get(0).key();
    List<UUID> pending = new ArrayList<>();
    boolean known = true;
    while (pending.size() < sent.size()) {
      UUID uuid = sent.get(pending.size()).uuid().orElseThrow();
      pending.add(uuid);
      var unused = manager.acknowledgement(key, uuid);
      runtimes.runReady();
    }
    if (pending.isEmpty()) {
      var probe = manager.acknowledgement(key, new UUID(0, 0));
      runtimes.runReady();
      known =
          !probe.handle((value, failure) -> failure.getMessage()).join().contains("Cannot find");
    }
    var unused = manager.close();
    runtimes.runReady();
    if (!known) {
      return "terminated, removed";
    }
    return "pending: "
        + (pending.isEmpty()
            ? "none"
            : pending.stream().map(SampleFilesTest::letter).collect(Collectors.joining(", ")));
  }

  private static String letter(UUID uuid) {
    return String.valueOf((char) ('a' - 1 + (int) (uuid.getLeastSignificantBits() & 0xff)));
  }

  private static String hex(UUID uuid) {
    return uuid.toString().replace("-", "");
  }
}
