package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.scheduling.Reservations;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.TaskLifecycle;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has places searched for tasks that wait for long, and room made in them, for the time of one
 * leader. Works on the scheduling loop; the search itself runs in the background and the rest in
 * transactions, one of either at a time.
 */
public final class Preemptor {
  private static final Logger LOG = LoggerFactory.getLogger(Preemptor.class);
  private static final Duration WRITE_DEADLINE = Duration.ofSeconds(30);
  private static final int SLOTS_PER_TRANSACTION = 100;

  private final PreemptionSettings settings;
  private final EventLoop loop;
  private final Executor background;
  private final Clock clock;
  private final Supplier<State> durable;
  private final Writes writes;
  private final SlotSearch search;
  private final Displacements displacements;
  private final ClaimedAgents claims;
  private final SlotCache slots;
  private final OfferBook offers;
  private final Reservations kept;
  private final PreemptionMeters meters;

  // Confined to the loop.
  private SlotSearch.@Nullable Question last;
  private long nextSinceMs;
  private boolean searching;
  private boolean displacing;
  private boolean isDue;
  private boolean closed;
  private EventLoop.@Nullable Timer timer;

  private Preemptor(
      PreemptionSettings settings,
      EventLoop loop,
      Executor background,
      Clock clock,
      Supplier<State> durable,
      Writes writes,
      SlotSearch search,
      Displacements displacements,
      ClaimedAgents claims,
      SlotCache slots,
      OfferBook offers,
      Reservations kept,
      PreemptionMeters meters) {
    this.settings = settings;
    this.loop = loop;
    this.background = background;
    this.clock = clock;
    this.durable = durable;
    this.writes = writes;
    this.search = search;
    this.displacements = displacements;
    this.claims = claims;
    this.slots = slots;
    this.offers = offers;
    this.kept = kept;
    this.meters = meters;
    claims.whenReleased(this::displace);
  }

  /**
   * Puts the parts together.
   *
   * @param loop the scheduling loop
   * @param background where searches run
   * @param durable the newest durable State
   * @param demands what a task takes with its executor
   */
  public static Preemptor create(
      PreemptionSettings settings,
      EventLoop loop,
      Executor background,
      Clock clock,
      Supplier<State> durable,
      Writes writes,
      TaskLifecycle lifecycle,
      Matcher matcher,
      TierRegistry tiers,
      Function<TaskConfig, Demand> demands,
      OfferBook offers,
      Reservations kept,
      ClaimedAgents claims,
      MeterRegistry meters) {
    PreemptionMeters counts = new PreemptionMeters(meters, tiers);
    return new Preemptor(
        settings,
        loop,
        background,
        clock,
        durable,
        writes,
        new SlotSearch(tiers, demands, matcher, settings.delay(), settings.batch()),
        new Displacements(
            matcher, tiers, demands, lifecycle, offers, kept, claims, loop, clock, counts),
        claims,
        new SlotCache(settings.slotHold(), clock, meters),
        offers,
        kept,
        counts);
  }

  /** Begins; goes on keeping what the last leader kept. For any thread. */
  public void start(State state) {
    Takeover.claims(state, claims.hold())
        .forEach((agentId, rest) -> claims.claim(agentId, rest.claim(), rest.left()));
    if (settings.enabled()) {
      loop.execute(() -> lookAfter(settings.initialDelay()));
    }
  }

  /** Ends; what is in flight ends by itself. For any thread. */
  public void close() {
    claims.close();
    loop.execute(
        () -> {
          closed = true;
          if (timer != null) {
            timer.cancel();
          }
        });
  }

  private void lookAfter(Duration delay) {
    if (!closed) {
      timer = loop.schedule(delay, this::look);
    }
  }

  private void look() {
    if (displacing) {
      isDue = true; // Its claims are to be known to the search.
      return;
    }
    SlotSearch.Question question =
        new SlotSearch.Question(
            durable.get(), offers.held(), offers.known(), kept.kept(), claims.all(), now());
    if (isAnswered(question)) {
      lookAfter(settings.interval());
      return;
    }
    last = question;
    searching = true;
    background.execute(
        () -> {
          try {
            SlotSearch.Answer answer = search.find(question);
            loop.execute(() -> searched(answer));
          } catch (RuntimeException failure) {
            LOG.error("No places can be sought for tasks that wait", failure);
            loop.execute(this::notSearched);
          }
        });
  }

  /**
   * Whether nothing has changed since the last search, and time alone changes nothing. Tables and
   * views are immutable, so the same ones have the same content.
   */
  @SuppressWarnings("ReferenceEquality")
  private boolean isAnswered(SlotSearch.Question question) {
    if (question.state().tasks().pending().isEmpty()) {
      last = null;
      return true;
    }
    SlotSearch.Question asked = last;
    return asked != null
        && asked.state().tasks() == question.state().tasks()
        && asked.state().hosts() == question.state().hosts()
        && asked.offers() == question.offers()
        && asked.kept().equals(question.kept())
        && asked.claimed().equals(question.claimed())
        && !slots.hasExpired()
        && question.nowMs() < untilOldEnough();
  }

  private long now() {
    return clock.wallMillis();
  }

  private long untilOldEnough() {
    return nextSinceMs == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : nextSinceMs + settings.delay().toMillis();
  }

  private void notSearched() {
    searching = false;
    last = null;
    lookAfter(settings.interval());
  }

  private void searched(SlotSearch.Answer answer) {
    searching = false;
    if (closed) {
      return;
    }
    nextSinceMs = answer.nextSinceMs();
    meters.searched(answer);
    slots.replace(answer.slots());
    Duration pause = settings.interval();
    if (answer.isIdle() && nextSinceMs < Long.MAX_VALUE) {
      // Nobody was old enough, so that there was nothing to search; the next one need not wait.
      Duration young = Duration.ofMillis(Math.max(1, untilOldEnough() - now()));
      pause = young.compareTo(pause) < 0 ? young : pause;
    }
    lookAfter(pause);
    displace();
  }

  /** Makes room in as many slots as groups may have at a time. */
  private void displace() {
    if (closed || searching || displacing || slots.isEmpty()) {
      return;
    }
    Map<TaskConfig, Integer> used = new HashMap<>();
    int[] room = {SLOTS_PER_TRANSACTION};
    ImmutableList<Slot> chosen =
        slots.take(
            slot -> {
              int before = used.computeIfAbsent(slot.config(), claims::count);
              if (before >= settings.batch() || room[0] == 0) {
                return false;
              }
              room[0]--;
              used.put(slot.config(), before + 1);
              return true;
            });
    if (chosen.isEmpty()) {
      return;
    }
    displacing = true;
    ImmutableMap<String, Claim> claimed = claims.all();
    var unused =
        writes
            .submit(
                WriteClass.SCHEDULING,
                clock.nanoTime() + WRITE_DEADLINE.toNanos(),
                transaction -> displacements.make(transaction, chosen, claimed))
            .whenComplete((made, failure) -> loop.execute(() -> displaced(chosen, made, failure)));
  }

  private void displaced(
      ImmutableList<Slot> chosen, @Nullable Integer made, @Nullable Throwable failure) {
    displacing = false;
    if (closed) {
      return;
    }
    if (made == null) {
      LOG.warn("Room was not made on {} agents: {}", chosen.size(), String.valueOf(failure));
      last = null;
    } else {
      LOG.atInfo()
          .addKeyValue("agents", made)
          .addKeyValue("found", chosen.size())
          .log("Tasks have to leave in favor of tasks that wait");
    }
    if (isDue) {
      isDue = false;
      look();
    } else {
      displace();
    }
  }
}
