package io.borealis.agent.executor;

import static io.borealis.api.agent.AgentTaskState.TASK_RUNNING;
import static io.borealis.api.agent.AgentTaskState.TASK_STARTING;

import io.borealis.api.agent.AgentTaskState;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What all who watch a task say together: the first who says that it ends is right for ever; else
 * it is starting if anybody says so; else it runs. Confined to the loop of the task.
 */
final class StatusChain {
  /** Who may say something, in the order in which they are asked. */
  enum Member {
    RUNNER,
    KILL,
    HEALTH,
    RESOURCES,
    ANNOUNCER
  }

  private final Map<Member, TaskStatus> said = new EnumMap<>(Member.class);
  private Optional<TaskStatus> end = Optional.empty();

  /** Takes what one of them says, in place of what it said before, and tells what follows. */
  Optional<TaskStatus> set(Member member, TaskStatus status) {
    said.put(member, status);
    if (end.isEmpty()) {
      Optional<TaskStatus> now = combine(said.values().stream());
      if (now.isPresent() && now.get().isTerminal()) {
        end = now;
      }
      return now;
    }
    return end;
  }

  /** What statuses, in the order of those who say them, amount to; empty for nothing. */
  static Optional<TaskStatus> combine(Stream<TaskStatus> statuses) {
    TaskStatus[] all = statuses.toArray(TaskStatus[]::new);
    return Stream.of(all)
        .filter(TaskStatus::isTerminal)
        .findFirst()
        .or(() -> Stream.of(all).filter(is(TASK_STARTING)).reduce((first, last) -> last))
        .or(() -> Stream.of(all).filter(is(TASK_RUNNING)).findFirst());
  }

  private static Predicate<TaskStatus> is(AgentTaskState state) {
    return status -> status.state() == state;
  }
}
