package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.InstanceKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.HostView;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Prospects;
import io.borealis.scheduler.scheduling.Prospects.Prospect;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes room where a search has found that it can be made, after a second look at everything: the
 * pending task, the victims, the host and what is free there now (scheduling rules, section 7.3).
 * For the writer's thread.
 *
 * <p>The agent's offer is held back until the agent is claimed, so that what is free there is not
 * given to others meanwhile.
 */
final class Displacements {
  /** How the victim's event begins; the id of the pending task follows. */
  static final String MESSAGE = "Preempting in favor of ";

  private final Matcher matcher;
  private final TierRegistry tiers;
  private final Function<TaskConfig, Demand> demands;
  private final TaskLifecycle lifecycle;
  private final OfferBook offers;
  private final Reservations kept;
  private final ClaimedAgents claims;
  private final Executor loop;
  private final Clock clock;
  private final PreemptionMeters meters;

  /**
   * @param loop the scheduling loop
   */
  Displacements(
      Matcher matcher,
      TierRegistry tiers,
      Function<TaskConfig, Demand> demands,
      TaskLifecycle lifecycle,
      OfferBook offers,
      Reservations kept,
      ClaimedAgents claims,
      Executor loop,
      Clock clock,
      PreemptionMeters meters) {
    this.matcher = matcher;
    this.tiers = tiers;
    this.demands = demands;
    this.lifecycle = lifecycle;
    this.offers = offers;
    this.kept = kept;
    this.claims = claims;
    this.loop = loop;
    this.clock = clock;
    this.meters = meters;
  }

  /**
   * Makes room in each of the slots that are still good.
   *
   * @param claimed the agents on which room is being made already
   * @return for how many there is going to be room
   */
  int make(
      WriteTransaction transaction,
      ImmutableList<Slot> slots,
      ImmutableMap<String, Claim> claimed) {
    Prospects prospects = new Prospects(matcher, transaction.state(), clock.wallMillis());
    Set<String> favored = new HashSet<>();
    for (Claim claim : claimed.values()) {
      claim.expectIn(prospects);
      favored.add(claim.taskId());
    }
    Profiles profiles = new Profiles(tiers, demands);
    int made = 0;
    for (Slot slot : slots) {
      String taskId = firstPending(transaction, slot, favored);
      boolean successful = taskId != null && make(transaction, slot, taskId, prospects, profiles);
      if (successful) {
        favored.add(Objects.requireNonNull(taskId));
        made++;
      }
      transaction.afterCommit(() -> meters.validated(slot.config(), successful));
    }
    return made;
  }

  private @Nullable String firstPending(
      WriteTransaction transaction, Slot slot, Set<String> favored) {
    for (String id : slot.pending()) {
      ScheduledTask task = transaction.state().tasks().get(id);
      if (task != null
          && task.status() == ScheduleStatus.PENDING
          && !favored.contains(id)
          && kept.keptFor(new InstanceKey(slot.config().job(), task.assignedTask().instanceId()))
              == null) {
        return id;
      }
    }
    return null;
  }

  private boolean make(
      WriteTransaction transaction,
      Slot slot,
      String taskId,
      Prospects prospects,
      Profiles profiles) {
    Profile pending = profiles.of(slot.config());
    Prospect prospect = prospects.of(slot.config());
    List<Candidate> candidates = candidates(transaction, slot, profiles);
    Offer known = offers.known(slot.agentId());
    HostView host =
        candidates.isEmpty()
            ? null
            : prospects.host(
                hostOf(transaction, candidates.get(0)),
                known == null ? null : known.unavailableFromMs());
    if (host == null) {
      return false;
    }
    OfferBook.Held held = offers.ofAgent(slot.agentId());
    Offer offer = held == null ? null : held.offer();
    Capacity slack = offer == null ? Capacity.ZERO : offer.capacity();
    VictimChoice.Admission admission =
        (available, gone) ->
            prospect.fits(available.view(pending.demand()), host, ofJob(slot.config(), gone));
    if (slack.fits(pending.demand()) && admission.admits(slack, ImmutableList.of())) {
      return false; // Room came by itself.
    }
    ImmutableList<Candidate> victims = VictimChoice.choose(pending, candidates, slack, admission);
    if (victims.isEmpty() || (offer != null && !offers.take(offer.id()))) {
      return false;
    }
    if (offer != null) {
      transaction.onDiscard(() -> offers.putBack(offer.id()));
    }
    prospect.place(host, ofJob(slot.config(), victims));
    // Before the effects of the victims' end, which bring the offers that are to be kept.
    transaction.afterCommit(
        () -> {
          claims.claim(slot.agentId(), new Claim(slot.config(), taskId, host.name()));
          if (offer != null) {
            loop.execute(() -> offers.putBack(offer.id()));
          }
        });
    for (Candidate victim : victims) {
      var unused =
          lifecycle.changeState(
              transaction, victim.taskId(), null, ScheduleStatus.PREEMPTING, MESSAGE + taskId);
      transaction.afterCommit(() -> meters.displaced(slot.config(), victim.profile().config()));
    }
    return true;
  }

  /** The victims that are still there and may still be displaced, largest first. */
  private static List<Candidate> candidates(
      WriteTransaction transaction, Slot slot, Profiles profiles) {
    List<Candidate> candidates = new ArrayList<>();
    for (String id : slot.victims()) {
      ScheduledTask task = transaction.state().tasks().get(id);
      if (task != null
          && Agents.DISPLACEABLE.contains(task.status())
          && slot.agentId().equals(task.assignedTask().slaveId())) {
        candidates.add(Candidate.of(task, profiles.of(task.assignedTask().task())));
      }
    }
    candidates.sort(Candidate.LARGEST_FIRST);
    return candidates;
  }

  private static String hostOf(WriteTransaction transaction, Candidate candidate) {
    ScheduledTask task = transaction.state().tasks().get(candidate.taskId());
    String host = task == null ? null : task.assignedTask().slaveHost();
    return host == null ? "" : host;
  }

  private static int ofJob(TaskConfig config, List<Candidate> gone) {
    int count = 0;
    for (Candidate candidate : gone) {
      if (candidate.profile().config().job().equals(config.job())) {
        count++;
      }
    }
    return count;
  }
}
