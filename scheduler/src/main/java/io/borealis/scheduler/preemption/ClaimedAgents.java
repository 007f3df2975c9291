package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.metrics.Gauges;
import io.borealis.scheduler.scheduling.Claims;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The agents on which tasks were told to leave, each kept for the group that needs the room until a
 * task of it is placed there, none of it is pending any more, the agent is gone or the time is over
 * (scheduling rules, section 7.3). Any thread may claim and read; all else is for the scheduling
 * loop.
 */
public final class ClaimedAgents implements Claims {
  private record Held(Claim claim, long untilNanos) {}

  private final Duration hold;
  private final EventLoop loop;
  private final Clock clock;
  private final Counter removals;
  private final Counter expirations;
  private final Counter releases;

  /** Changed on the loop only; read by any thread. */
  private final Map<String, Held> byAgent = new ConcurrentHashMap<>();

  private Consumer<String> opened = agentId -> {};
  private Runnable released = () -> {};
  private EventLoop.@Nullable Timer timer;
  private boolean closed;

  /**
   * @param hold how long an agent is kept
   * @param loop the scheduling loop
   */
  public ClaimedAgents(Duration hold, EventLoop loop, Clock clock, MeterRegistry meters) {
    this.hold = hold;
    this.loop = loop;
    this.clock = clock;
    this.removals = meters.counter("reservation_cache_removals");
    this.expirations = meters.counter("reservation_cache_expiration_removals");
    this.releases = meters.counter("reservation_cache_explicit_removals");
    Gauges.replace(meters, "reservation_cache_size", byAgent, Map::size);
  }

  /** Keeps the agent for a group; for any thread. */
  void claim(String agentId, Claim claim) {
    claim(agentId, claim, hold);
  }

  /** Keeps the agent for a group for so long, at most as long as any; for any thread. */
  void claim(String agentId, Claim claim, Duration left) {
    long until = clock.nanoTime() + (left.compareTo(hold) < 0 ? left : hold).toNanos();
    loop.execute(
        () -> {
          if (!closed) {
            byAgent.put(agentId, new Held(claim, until));
            arm();
          }
        });
  }

  /** Names who wants to know that agents are not kept any longer. */
  void whenReleased(Runnable listener) {
    this.released = listener;
  }

  /** How long agents are kept. */
  Duration hold() {
    return hold;
  }

  /** How many agents are kept for the group. */
  int count(TaskConfig config) {
    int count = 0;
    for (Held held : byAgent.values()) {
      if (held.claim().config().equals(config)) {
        count++;
      }
    }
    return count;
  }

  /** What is kept for whom, by agent; for any thread. */
  ImmutableMap<String, Claim> all() {
    ImmutableMap.Builder<String, Claim> all = ImmutableMap.builder();
    byAgent.forEach((agentId, held) -> all.put(agentId, held.claim()));
    return all.buildOrThrow();
  }

  /** The ids of the agents that are kept; for any thread. */
  public ImmutableSet<String> agents() {
    return ImmutableSet.copyOf(byAgent.keySet());
  }

  /**
   * What tasks of the configuration wait for if room is being made for them, as the end of "because
   * …"; null when none is. For any thread.
   */
  public @Nullable String hindrance(TaskConfig config) {
    String hosts =
        byAgent.values().stream()
            .map(Held::claim)
            .filter(claim -> claim.config().equals(config))
            .map(Claim::host)
            .sorted()
            .collect(Collectors.joining(" and "));
    return hosts.isEmpty() ? null : "other tasks are leaving " + hosts + " in its favor";
  }

  @Override
  public boolean isClosedTo(String agentId, TaskConfig config) {
    Held held = byAgent.get(agentId);
    return held != null && !held.claim().config().equals(config);
  }

  @Override
  public void placed(String agentId, TaskConfig config) {
    Held held = byAgent.get(agentId);
    if (held != null && held.claim().config().equals(config)) {
      remove(agent -> agent.equals(agentId), releases);
    }
  }

  @Override
  public void ended(TaskConfig config) {
    remove(
        agent -> {
          Held held = byAgent.get(agent);
          return held != null && held.claim().config().equals(config);
        },
        releases);
  }

  @Override
  public void lost(String agentId) {
    remove(agent -> agent.equals(agentId), releases);
  }

  @Override
  public void whenOpened(Consumer<String> listener) {
    this.opened = listener;
  }

  private void remove(Predicate<String> which, Counter cause) {
    ImmutableList<String> ended =
        byAgent.keySet().stream().filter(which).sorted().collect(ImmutableList.toImmutableList());
    if (ended.isEmpty()) {
      return;
    }
    for (String agentId : ended) {
      byAgent.remove(agentId);
      removals.increment();
      cause.increment();
    }
    arm();
    ended.forEach(opened);
    released.run();
  }

  private void arm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    long now = clock.nanoTime();
    long least = Long.MAX_VALUE;
    for (Held held : byAgent.values()) {
      least = Math.min(least, held.untilNanos() - now);
    }
    if (least < Long.MAX_VALUE) {
      timer = loop.schedule(Duration.ofNanos(Math.max(0, least)), this::expire);
    }
  }

  private void expire() {
    timer = null;
    long now = clock.nanoTime();
    remove(
        agent -> {
          Held held = byAgent.get(agent);
          return held != null && now - held.untilNanos() >= 0;
        },
        expirations);
    if (timer == null) {
      arm();
    }
  }

  /** Forgets everything; for any thread. */
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          byAgent.clear();
          arm();
        });
  }
}
