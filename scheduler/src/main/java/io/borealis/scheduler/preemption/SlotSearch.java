package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.InstanceKey;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Prospects;
import io.borealis.scheduler.scheduling.Prospects.Prospect;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.tier.TierRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds places for tasks that wait for long, where tasks of lower rank would have to leave
 * (scheduling rules, section 7.2). Pure and immutable; meant for a thread that may take its time.
 *
 * <p>The work is one pass over the active tasks, and one over the agents for each kind of pending
 * task, whatever the number of tasks of that kind.
 */
public final class SlotSearch {
  private final TierRegistry tiers;
  private final Function<TaskConfig, Demand> demands;
  private final Matcher matcher;
  private final Duration delay;
  private final int batch;

  /**
   * @param demands what a task takes with its executor
   * @param delay how long a task must have been pending
   * @param batch how many places are sought for a group before it is the turn of the next
   */
  public SlotSearch(
      TierRegistry tiers,
      Function<TaskConfig, Demand> demands,
      Matcher matcher,
      Duration delay,
      int batch) {
    this.tiers = tiers;
    this.demands = demands;
    this.matcher = matcher;
    this.delay = delay;
    this.batch = batch;
  }

  /**
   * What a search looks at. Immutable.
   *
   * @param offers those that are held
   * @param known the last offer of each agent, held or not
   * @param kept agents that are kept for an instance
   * @param claimed what room is being made for, by agent
   * @param nowMs wall time
   */
  public record Question(
      State state,
      ImmutableList<OfferBook.Held> offers,
      ImmutableList<Offer> known,
      ImmutableMap<InstanceKey, String> kept,
      ImmutableMap<String, Claim> claimed,
      long nowMs) {}

  /**
   * How a group fared. Immutable.
   *
   * @param found how many places
   * @param failed whether there was none for the next task, and so none was sought for the rest
   */
  public record Outcome(TaskConfig config, int found, boolean failed) {}

  /**
   * What a search found. Immutable.
   *
   * @param slots in the order in which they are to be used
   * @param outcomes of the groups that needed more than is free
   * @param withoutAttributes agents that were left out because their hosts are not known
   * @param nextSinceMs when the task came that will be the next to have waited for long enough
   * @param isIdle whether nobody had waited for long enough, so that nothing was searched
   */
  public record Answer(
      ImmutableList<Slot> slots,
      ImmutableList<Outcome> outcomes,
      int withoutAttributes,
      long nextSinceMs,
      boolean isIdle) {}

  /** Searches. */
  public Answer find(Question question) {
    return new Run(question).find();
  }

  /** What decides which agents will do. Groups that agree in it go along the agents together. */
  private record Kind(
      Rank rank, Demand demand, ImmutableSet<Constraint> constraints, @Nullable TaskConfig own) {}

  /** A group and what it still needs. For one thread. */
  private static final class Turn {
    final PendingGroup group;
    int needed;
    int found;
    boolean failed;
    boolean sought;
    @Nullable Walk walk;

    Turn(PendingGroup group, int needed) {
      this.group = group;
      this.needed = needed;
    }
  }

  /** One search. For one thread. */
  private final class Run {
    private final Question question;
    private final Profiles profiles = new Profiles(tiers, demands);
    private final Prospects prospects;
    private final Map<Kind, Walk> walks = new HashMap<>();
    private final ImmutableList.Builder<Slot> slots = ImmutableList.builder();

    Run(Question question) {
      this.question = question;
      this.prospects = new Prospects(matcher, question.state(), question.nowMs());
      question.claimed().values().forEach(claim -> claim.expectIn(prospects));
    }

    Answer find() {
      PendingGroup.All pending =
          PendingGroup.of(
              question.state(),
              profiles,
              question.kept()::containsKey,
              question.nowMs() - delay.toMillis());
      List<Turn> turns = turns(pending.groups());
      if (turns.isEmpty()) {
        return new Answer(
            ImmutableList.of(),
            ImmutableList.of(),
            0,
            pending.nextSinceMs(),
            pending.groups().isEmpty());
      }
      Agents agents = agents(turns);
      Deque<Turn> waiting = new ArrayDeque<>(turns);
      for (Turn turn = waiting.poll(); turn != null; turn = waiting.poll()) {
        for (int i = 0; i < batch && turn.needed > 0; i++) {
          serve(turn, agents);
        }
        if (turn.needed > 0) {
          waiting.add(turn);
        }
      }
      ImmutableList<Outcome> outcomes =
          turns.stream()
              .filter(turn -> turn.sought)
              .map(turn -> new Outcome(turn.group.profile().config(), turn.found, turn.failed))
              .collect(ImmutableList.toImmutableList());
      return new Answer(
          slots.build(), outcomes, agents.withoutAttributes(), pending.nextSinceMs(), false);
    }

    /** Those for whom less room is being made than they need. */
    private List<Turn> turns(Iterable<PendingGroup> groups) {
      Map<TaskConfig, Integer> claims = new HashMap<>();
      for (Claim claim : question.claimed().values()) {
        claims.merge(claim.config(), 1, Integer::sum);
      }
      List<Turn> turns = new ArrayList<>();
      for (PendingGroup group : groups) {
        int claimed = claims.isEmpty() ? 0 : claims.getOrDefault(group.profile().config(), 0);
        if (group.taskIds().size() > claimed) {
          turns.add(new Turn(group, group.taskIds().size() - claimed));
        }
      }
      return turns;
    }

    private Agents agents(List<Turn> turns) {
      ImmutableSet<String> roles =
          turns.stream()
              .map(turn -> turn.group.profile().rank().role())
              .collect(ImmutableSet.toImmutableSet());
      ImmutableSet<String> closed =
          ImmutableSet.<String>builder()
              .addAll(question.claimed().keySet())
              .addAll(question.kept().values())
              .build();
      return new Agents(
          question.state(),
          prospects,
          profiles,
          question.offers(),
          question.known(),
          closed,
          roles);
    }

    private void serve(Turn turn, Agents agents) {
      PendingGroup group = turn.group;
      Walk walk = turn.walk;
      if (walk == null) {
        walk = walk(group.profile(), agents);
        turn.walk = walk;
      }
      if (walk.findsRoom()) {
        turn.needed--;
        return;
      }
      turn.sought = true;
      Walk.Found found = walk.findVictims();
      if (found == null) {
        turn.failed = true;
        turn.needed = 0;
        return;
      }
      turn.needed--;
      turn.found++;
      slots.add(
          new Slot(
              group.profile().config(),
              group.taskIds(),
              found.agent().id,
              found.victims().stream()
                  .map(Candidate::taskId)
                  .collect(ImmutableList.toImmutableList())));
    }

    private Walk walk(Profile profile, Agents agents) {
      Prospect prospect = prospects.of(profile.config());
      return walks.computeIfAbsent(
          kind(profile, prospect, agents), kind -> new Walk(profile, prospect, agents));
    }

    private Kind kind(Profile profile, Prospect prospect, Agents agents) {
      Rank rank = profile.rank();
      // Without relatives to displace it does not matter who asks.
      boolean isAnybody = !rank.preemptible() && agents.kin(rank) == null;
      return new Kind(
          isAnybody ? new Rank(false, "", 0) : rank,
          profile.demand(),
          profile.config().constraints(),
          prospect.isLimited() ? profile.config() : null);
    }
  }
}
