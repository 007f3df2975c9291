package io.borealis.agent.updates;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.runtime.VirtualRuntimes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Whatever happens, a scheduler gets every update that was taken, in the order of its task, each
 * for the first time only after those before it. Seeds that failed are printed and can be repeated.
 */
public class UpdateManagerRandomTest {
  private static final int SEEDS = 80;
  private static final int STEPS = 120;
  private static final List<String> TASKS = List.of("a", "b", "c");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void nothingIsLostOrOutOfOrderWhateverHappens() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      try {
        new World(seed, folder.newFolder().toPath()).run();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  /** An agent, its disk, and a scheduler that answers now and then. */
  private static final class World {
    private final Random random;
    private final Path root;
    private VirtualRuntimes runtimes = new VirtualRuntimes();
    private TaskStatusUpdateManager manager;
    private final List<TaskUpdate> inTheAir = new ArrayList<>();

    /** What was taken of each task, in order: the model. */
    private final Map<String, List<UUID>> taken = new LinkedHashMap<>();

    /** What the scheduler got of each task for the first time, in order. */
    private final Map<String, List<UUID>> seen = new LinkedHashMap<>();

    /** What was refused, but may have come to the disk as a whole. */
    private final Set<UUID> inDoubt = new HashSet<>();

    private boolean diskFull;

    World(int seed, Path root) {
      this.random = new Random(seed);
      this.root = root;
      for (String task : TASKS) {
        taken.put(task, new ArrayList<>());
        seen.put(task, new ArrayList<>());
      }
      manager = start();
    }

    private TaskStatusUpdateManager start() {
      return new TaskStatusUpdateManager(
          runtimes.newLoop("updates"), this::open, new SimpleMeterRegistry(), inTheAir::add);
    }

    void run() throws IOException {
      for (int step = 0; step < STEPS; step++) {
        step();
        runtimes.runReady();
      }
      // In the end everything works again, and all must arrive.
      diskFull = false;
      var unused = manager.repair();
      manager.resume();
      for (int round = 0; round < STEPS; round++) {
        runtimes.advance(TaskStatusUpdateManager.LONGEST_RETRY);
        deliver(1.0);
        runtimes.runReady();
      }
      for (String task : TASKS) {
        assertThat(seen.get(task)).as(task).isEqualTo(taken.get(task));
      }
      assertThat(inTheAir).isEmpty();
    }

    private void step() throws IOException {
      int dice = random.nextInt(100);
      if (dice < 35) {
        update(TASKS.get(random.nextInt(TASKS.size())));
      } else if (dice < 60) {
        deliver(0.7);
      } else if (dice < 75) {
        runtimes.advance(Duration.ofSeconds(random.nextInt(40)));
      } else if (dice < 80) {
        manager.pause();
      } else if (dice < 85) {
        manager.resume();
      } else if (dice < 90) {
        diskFull = !diskFull;
      } else if (dice < 95) {
        var unused = manager.repair();
      } else {
        crash();
      }
    }

    private void update(String task) {
      UUID uuid = new UUID(0, random.nextLong());
      if (random.nextInt(10) == 0 && !taken.get(task).isEmpty()) {
        // The executor did not hear that it was taken.
        uuid = taken.get(task).get(taken.get(task).size() - 1);
      }
      CompletableFuture<Void> result =
          manager.update(
              new TaskUpdate(
                  new StreamKey("fw", task),
                  Optional.of("e"),
                  Optional.of("agent"),
                  AgentTaskState.TASK_RUNNING,
                  Optional.of("x".repeat(random.nextInt(50))),
                  Optional.empty(),
                  Optional.empty(),
                  1,
                  Optional.of(uuid)),
              file(task));
      runtimes.runReady();
      assertThat(result).isDone();
      if (result.isCompletedExceptionally()) {
        inDoubt.add(uuid);
      } else if (!taken.get(task).contains(uuid)) {
        taken.get(task).add(uuid);
      }
    }

    /** The scheduler gets some of what was sent, perhaps twice, and answers perhaps. */
    private void deliver(double chance) {
      for (TaskUpdate update : List.copyOf(inTheAir)) {
        if (chance < 1 && random.nextInt(5) != 0) {
          continue;
        }
        if (chance == 1 || random.nextInt(4) != 0) {
          inTheAir.remove(update);
        }
        if (random.nextDouble() >= chance) {
          continue;
        }
        String task = update.key().taskId();
        UUID uuid = update.uuid().orElseThrow();
        if (!seen.get(task).contains(uuid)) {
          seen.get(task).add(uuid);
          List<UUID> all = taken.get(task);
          assertThat(all.subList(0, seen.get(task).size())).isEqualTo(seen.get(task));
        }
        var unused = manager.acknowledgement(update.key(), uuid);
      }
    }

    /** The process dies; the last record of a task that was not durable yet may be cut anywhere. */
    private void crash() throws IOException {
      runtimes.crash();
      runtimes = new VirtualRuntimes();
      inTheAir.clear();
      ImmutableList.Builder<RecoveredUpdates> files = ImmutableList.builder();
      for (String task : TASKS) {
        Path file = file(task);
        if (Files.exists(file)) {
          // Behind a write that failed nothing is written before that is cut off.
          var unused = RecoveredUpdates.recover(file);
          addTorn(file);
          RecoveredUpdates read = RecoveredUpdates.recover(file);
          files.add(read);
          read.updates().stream()
              .map(update -> update.uuid().orElseThrow())
              .filter(uuid -> inDoubt.contains(uuid) && !taken.get(task).contains(uuid))
              .forEach(taken.get(task)::add);
        }
      }
      manager = start();
      manager.pause();
      var recovered = manager.recover(files.build());
      runtimes.runReady();
      assertThat(recovered).isCompleted();
      if (random.nextBoolean()) {
        manager.resume();
      }
    }

    /** As if it had died within the write of one more record, which nobody was told to be taken. */
    private void addTorn(Path file) throws IOException {
      ByteBuffer frame =
          UpdateCodec.frame(new UpdateRecord.Acknowledged(new UUID(random.nextLong(), 1)));
      byte[] torn = new byte[random.nextInt(frame.remaining())];
      frame.get(torn);
      Files.write(file, torn, StandardOpenOption.APPEND);
    }

    private Path file(String task) {
      return root.resolve(task).resolve("task.updates");
    }

    /** As on disk, but that it need not survive the machine, and that it may be full. */
    private UpdateFiles.Appended open(Path path) throws IOException {
      Files.createDirectories(path.getParent());
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      return new UpdateFiles.Appended() {
        @Override
        public long size() throws IOException {
          return channel.size();
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
          if (!diskFull) {
            return channel.write(bytes);
          }
          ByteBuffer part = bytes.slice(bytes.position(), random.nextInt(bytes.remaining() + 1));
          channel.write(part);
          throw new IOException("No space left on device");
        }

        @Override
        public void force() {}

        @Override
        public void truncate(long length) throws IOException {
          channel.truncate(length);
        }

        @Override
        public void close() throws IOException {
          channel.close();
        }
      };
    }
  }
}
