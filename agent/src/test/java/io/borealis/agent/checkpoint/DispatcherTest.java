package io.borealis.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.checkpoint.CheckpointException.Kind;
import io.borealis.api.thermos.ProcessState;
import io.borealis.api.thermos.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class DispatcherTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final RunnerState state = new RunnerState();
  private final Dispatcher dispatcher = new Dispatcher();

  @Test
  public void handlersOfOneKindAreCalledInTheirOrderAfterTheUniversalOnes() throws Exception {
    List<String> calls = new ArrayList<>();
    for (String name : List.of("1", "2")) {
      dispatcher.register(
          new Handler.OfTask() {
            @Override
            public void active(TaskUpdate step) {
              calls.add("task " + name + " " + state.statuses().size());
            }
          });
      dispatcher.register(
          new Handler.Universal() {
            @Override
            public void taskTransition(TaskUpdate step) {
              calls.add("universal " + name + " " + state.statuses().size());
            }
          });
    }
    take(Checkpoint.of(TaskUpdate.of(TaskState.ACTIVE, 1, 2, 3)), Mode.STRICT);
    assertThat(calls).containsExactly("universal 1 1", "universal 2 1", "task 1 1", "task 2 1");
  }

  @Test
  public void anUnknownTaskStateReachesTheUniversalHandlersAndIsKept() throws Exception {
    Recorder recorder = new Recorder();
    Checkpoint odd = Checkpoint.of(new TaskUpdate(9, 1L, null, null));
    assertThatThrownBy(() -> recorder.dispatcher().dispatch(state, odd, Mode.STRICT))
        .isInstanceOfSatisfying(
            CheckpointException.class,
            e -> assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_STATE_IN_HANDLER_DISPATCH));
    assertThat(recorder.calls()).containsExactly("universal.on_task_transition 9");
    assertThat(CheckpointJson.of(state).get("statuses").toString())
        .isEqualTo("[{\"state\":9,\"timestamp_ms\":1}]");
    take(odd, Mode.STRICT);
    assertThat(state.statuses()).hasSize(2);
    assertThat(state.taskState()).isEqualTo(TaskState.ACTIVE);
  }

  @Test
  public void whatIsPassedOverOrRefusedIsToldToNobody() throws Exception {
    Recorder recorder = new Recorder();
    Dispatcher told = recorder.dispatcher();
    told.dispatch(state, Checkpoint.of(ProcessUpdate.waiting("p", 0)), Mode.RECOVERY);
    recorder.calls().clear();
    told.dispatch(state, Checkpoint.of(ProcessUpdate.forked("p", 2, 1, 1)), Mode.RECOVERY);
    refused(told, Kind.INVALID_TRANSITION, ProcessUpdate.lost("p", 1), Mode.RECOVERY);
    assertThat(recorder.calls()).isEmpty();
    assertThat(state.lastRun("p").seq()).isEqualTo(1);
    assertThat(state.lastRun("p").state()).isEqualTo(ProcessState.WAITING);
  }

  @Test
  public void aProcessWithoutANameIsRefusedAndLeavesARunWithoutState() {
    ProcessUpdate nameless =
        new ProcessUpdate(
            0L, null, ProcessState.WAITING.value(), null, null, null, null, null, null);
    refused(dispatcher, Kind.MISSING_FIELD, nameless, Mode.STRICT);
    assertThat(CheckpointJson.of(state).get("processes").toString())
        .isEqualTo("{\"null\":[{\"seq\":0}]}");
  }

  @Test
  public void nothingFollowsTheGreatestNumber() throws Exception {
    take(Checkpoint.of(ProcessUpdate.waiting("p", Long.MAX_VALUE)), Mode.STRICT);
    ProcessUpdate next = ProcessUpdate.forked("p", Long.MIN_VALUE, 1, 1);
    refused(dispatcher, Kind.INVALID_SEQUENCE_NUMBER, next, Mode.STRICT);
    assertThat(Dispatcher.wouldUpdate(state, Checkpoint.of(next))).isFalse();
  }

  @Test
  public void aFileThatIsMissingOrNoFileGivesNoState() throws Exception {
    Path root = folder.getRoot().toPath();
    assertThat(Replay.fromFile(root.resolve("none"), false)).isEmpty();
    assertThat(Replay.fromFile(root, false)).isEmpty();
    assertThat(Replay.fromFile(Files.createFile(root.resolve("empty")), false).get().processes())
        .isEmpty();
  }

  /** Whatever the bytes, a reader ends, says what it always may say, and takes no room for lies. */
  @Test
  public void damagedStreamsEndInADefinedWay() throws Exception {
    List<byte[]> samples = new ArrayList<>();
    for (Path stream : Golden.streams(Golden.FOLDER)) {
      samples.add(Files.readAllBytes(stream));
    }
    Random random = new Random(5);
    Path file = folder.getRoot().toPath().resolve("stream");
    for (int i = 0; i < 800; i++) {
      Files.write(file, mutate(samples.get(random.nextInt(samples.size())), random));
      for (Mode mode : Mode.values()) {
        Replay replay = Replay.of(file, mode, new Recorder().dispatcher());
        assertThat(CheckpointJson.of(replay.state())).isNotNull();
        assertThat(Golden.parsed(CheckpointJson.of(replay.state().copy())))
            .isEqualTo(Golden.parsed(CheckpointJson.of(replay.state())));
      }
      try (CheckpointReader reader = CheckpointReader.open(file)) {
        while (reader.tryNext() != null) {
          assertThat(reader.position()).isLessThanOrEqualTo(reader.size());
        }
      } catch (CheckpointException e) {
        assertThat(e.kind()).isIn(Kind.RECORD_TOO_LARGE, Kind.UNDECODABLE_FRAME);
      }
    }
  }

  private static byte[] mutate(byte[] sample, Random random) {
    byte[] bytes = sample.clone();
    for (int n = random.nextInt(4); n >= 0 && bytes.length > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, at);
        default -> {
          int to = random.nextInt(bytes.length);
          int count = Math.min(random.nextInt(60), bytes.length - Math.max(at, to));
          System.arraycopy(bytes, at, bytes, to, count);
        }
      }
    }
    return bytes;
  }

  private void take(Checkpoint record, Mode mode) throws CheckpointException {
    dispatcher.dispatch(state, record, mode);
  }

  private void refused(Dispatcher by, Kind kind, ProcessUpdate step, Mode mode) {
    assertThatThrownBy(() -> by.dispatch(state, Checkpoint.of(step), mode))
        .isInstanceOfSatisfying(
            CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
