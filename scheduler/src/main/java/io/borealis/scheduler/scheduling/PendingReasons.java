package io.borealis.scheduler.scheduling;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Explains why tasks are pending, from what is free now. Thread-safe; the work grows with the
 * number of different configurations, not of tasks.
 */
public final class PendingReasons {
  private final OfferBook offers;
  private final Matcher matcher;
  private final Clock clock;

  public PendingReasons(OfferBook offers, Matcher matcher, Clock clock) {
    this.offers = offers;
    this.matcher = matcher;
    this.clock = clock;
  }

  /**
   * The objections of the most suitable host, by task id; empty text for a task that nothing is
   * known to hinder.
   */
  public ImmutableMap<String, String> of(State state, Iterable<ScheduledTask> pending) {
    ImmutableList<Offer> known = offers.known();
    Map<TaskConfig, String> reasons = new HashMap<>();
    ImmutableMap.Builder<String, String> answer = ImmutableMap.builder();
    for (ScheduledTask task : pending) {
      answer.put(
          task.assignedTask().taskId(),
          reasons.computeIfAbsent(
              task.assignedTask().task(), config -> reason(state, config, known)));
    }
    return answer.buildKeepingLast();
  }

  /** What keeps a task of the configuration from being placed, as the end of "because …". */
  public String hindrance(State state, TaskConfig config) {
    return hindrance(state, config, ImmutableSet.of());
  }

  /**
   * The same when some agents are kept for other tasks.
   *
   * @param kept the ids of those agents
   */
  public String hindrance(State state, TaskConfig config, ImmutableSet<String> kept) {
    ImmutableList.Builder<Offer> forOthers = ImmutableList.builder();
    ImmutableList.Builder<Offer> forAll = ImmutableList.builder();
    ImmutableList<Offer> known = offers.known();
    for (Offer offer : known) {
      (kept.contains(offer.agentId()) ? forOthers : forAll).add(offer);
    }
    if (known.isEmpty()) {
      return "no agent has made an offer";
    }
    ImmutableList<Offer> open = forAll.build();
    ImmutableList<Veto> vetoes = best(state, config, open);
    boolean fits = !open.isEmpty() && vetoes.isEmpty();
    ImmutableList<Offer> closed = forOthers.build();
    if (!fits && !closed.isEmpty()) {
      ImmutableList<Veto> there = best(state, config, closed);
      if (there.isEmpty()) {
        return "hosts with room are kept for other tasks";
      }
      vetoes = open.isEmpty() ? there : vetoes;
    }
    return Hindrances.of(vetoes, matcher.request(config).demand());
  }

  private String reason(State state, TaskConfig config, List<Offer> known) {
    return best(state, config, known).stream().map(Veto::reason).collect(joining(","));
  }

  /** The objections of the most suitable host. */
  private ImmutableList<Veto> best(State state, TaskConfig config, List<Offer> known) {
    Matcher.Request request = matcher.request(config);
    Supplier<JobSpread> spread = Suppliers.memoize(() -> JobSpread.of(state, config.job()));
    long now = clock.wallMillis();
    ImmutableList<Veto> best = ImmutableList.of();
    long bestScore = Long.MAX_VALUE;
    for (Offer offer : known) {
      HostView host = HostView.of(offer, state.hosts().get(offer.host()));
      ImmutableList<Veto> vetoes =
          matcher.vetoes(request, offer.capacity().view(request.need()), host, spread, now);
      long score = vetoes.stream().mapToLong(Veto::score).sum();
      if (vetoes.isEmpty()) {
        return vetoes;
      }
      if (score < bestScore) {
        bestScore = score;
        best = vetoes;
      }
    }
    return best;
  }
}
