package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.link.CommandHandler;
import io.borealis.agent.link.Reports;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTask;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.AgentUpdate;
import io.borealis.api.agent.LaunchTask;
import io.borealis.api.codec.Bytes;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What is behind an agent's end of the line in stories: tasks that live by the clock, and their
 * updates, each sent until it is acknowledged and before the next. For one thread.
 */
final class LineAgent implements CommandHandler {
  private static final Duration RESEND = Duration.ofSeconds(10);

  private final EventLoop loop;
  private final Clock clock;
  private final Random random;
  private final Consumer<LaunchTask> onLaunch;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private boolean connected;
  Reports reports = update -> {};

  /** All commands in short, in the order in which they came. */
  final List<String> commands = new ArrayList<>();

  final Map<String, Integer> launches = new HashMap<>();

  /** All updates in the order in which they were made, by task. */
  final Map<String, List<UUID>> made = new LinkedHashMap<>();

  /** One task. */
  private static final class Task {
    final String id;
    final AgentResources used;
    AgentTaskState state = AgentTaskState.TASK_STAGING;
    final Deque<AgentUpdate> unacknowledged = new ArrayDeque<>();
    int sendings;

    Task(String id, AgentResources used) {
      this.id = id;
      this.used = used;
    }

    boolean ended() {
      return switch (state) {
        case TASK_FINISHED, TASK_KILLED -> true;
        default -> false;
      };
    }
  }

  /**
   * @param onLaunch looks at each launch
   */
  LineAgent(EventLoop loop, Clock clock, Random random, Consumer<LaunchTask> onLaunch) {
    this.loop = loop;
    this.clock = clock;
    this.random = random;
    this.onLaunch = onLaunch;
  }

  /** What the tasks that live use together. */
  ImmutableList<AgentResources> used() {
    return tasks.values().stream()
        .filter(task -> !task.ended())
        .map(task -> task.used)
        .collect(ImmutableList.toImmutableList());
  }

  boolean lives(String taskId) {
    Task task = tasks.get(taskId);
    return task != null && !task.ended();
  }

  boolean isIdle() {
    return tasks.values().stream().allMatch(task -> task.unacknowledged.isEmpty());
  }

  @Override
  public ImmutableList<AgentTask> tasks() {
    return tasks.values().stream()
        .map(task -> new AgentTask(task.id, task.state, task.used, !task.unacknowledged.isEmpty()))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public void connected(String frameworkId) {
    assertThat(connected).isFalse();
    connected = true;
    tasks.values().forEach(this::begin);
  }

  @Override
  public void disconnected() {
    assertThat(connected).isTrue();
    connected = false;
  }

  /** The process was killed and started again: tasks and updates are as they were. */
  void restarted() {
    connected = false;
  }

  @Override
  public void launch(LaunchTask launch) {
    String id = launch.task().taskId();
    commands.add("launch " + id);
    launches.merge(id, 1, Integer::sum);
    onLaunch.accept(launch);
    Task task = new Task(id, launch.used());
    assertThat(tasks.putIfAbsent(id, task)).isNull();
    after(50, () -> enter(task, AgentTaskState.TASK_STARTING));
    after(150 + random.nextInt(100), () -> enter(task, AgentTaskState.TASK_RUNNING));
    if (random.nextInt(3) == 0) {
      after(1000 + random.nextInt(60_000), () -> enter(task, AgentTaskState.TASK_FINISHED));
    }
  }

  @Override
  public void kill(String taskId) {
    commands.add("kill " + taskId);
    Task task = tasks.get(taskId);
    if (task == null) {
      tell(taskId, AgentTaskState.TASK_LOST);
    } else {
      after(50, () -> enter(task, AgentTaskState.TASK_KILLED));
    }
  }

  @Override
  public void acknowledge(String taskId, UUID uuid) {
    commands.add("acknowledge " + taskId);
    Task task = tasks.get(taskId);
    AgentUpdate head = task == null ? null : task.unacknowledged.peek();
    if (task == null || head == null || !uuidOf(head).equals(uuid)) {
      return;
    }
    task.unacknowledged.remove();
    if (task.ended() && task.unacknowledged.isEmpty()) {
      tasks.remove(taskId);
    } else {
      begin(task);
    }
  }

  @Override
  public void reconcile(ImmutableList<String> ids) {
    commands.add("reconcile " + ids);
    for (String id : ids.isEmpty() ? ImmutableList.copyOf(tasks.keySet()) : ids) {
      Task task = tasks.get(id);
      tell(id, task == null ? AgentTaskState.TASK_GONE : task.state);
    }
  }

  private void tell(String taskId, AgentTaskState state) {
    reports.send(
        AgentUpdate.builder()
            .taskId(taskId)
            .state(state)
            .reason("REASON_RECONCILIATION")
            .timestampMs(clock.wallMillis())
            .build());
  }

  private void after(long ms, Runnable action) {
    var unused = loop.schedule(Duration.ofMillis(ms), action);
  }

  private void enter(Task task, AgentTaskState state) {
    if (task.ended()) {
      return;
    }
    task.state = state;
    UUID uuid = new UUID(random.nextLong(), random.nextLong());
    made.computeIfAbsent(task.id, id -> new ArrayList<>()).add(uuid);
    task.unacknowledged.add(
        AgentUpdate.builder()
            .taskId(task.id)
            .state(state)
            .uuid(
                Bytes.copyOf(
                    ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .flip()))
            .timestampMs(clock.wallMillis())
            .build());
    if (task.unacknowledged.size() == 1) {
      begin(task);
    }
  }

  private void begin(Task task) {
    AgentUpdate head = task.unacknowledged.peek();
    if (head == null || !connected) {
      return;
    }
    reports.send(head.toBuilder().latest(task.state).build());
    int sending = ++task.sendings;
    var unused =
        loop.schedule(
            RESEND,
            () -> {
              if (head.equals(task.unacknowledged.peek()) && task.sendings == sending) {
                begin(task);
              }
            });
  }

  private static UUID uuidOf(AgentUpdate update) {
    ByteBuffer bytes = update.uuid().toByteBuffer();
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
