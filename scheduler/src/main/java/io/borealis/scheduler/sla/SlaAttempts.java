package io.borealis.scheduler.sla;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.WriteTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attempts to take tasks down as their policies allow, each now and again until it succeeds or is
 * ended. Those that are due together are checked in one transaction, one after the other, so that
 * no two of them count on the same task to stay. Coordinators are asked outside of it, and what
 * they allow is done in a transaction that looks again. Confined to the writer's loop.
 *
 * @param <V> what is known of a task that shall go
 */
public final class SlaAttempts<V> {
  private static final Logger LOG = LoggerFactory.getLogger(SlaAttempts.class);

  /** Whatever a policy says; the usual pauses are shorter anyway. */
  private static final long LONGEST_WAIT_SECS = TimeUnit.DAYS.toSeconds(1);

  /** The stamps of transactions stand still after the clock was set back; waits do not end then. */
  private static final long SHORTEST_WAIT_MS = 200;

  private static final long JUST_LONGER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final SlaOutcome STALE =
      new SlaOutcome.Denied(
          new SlaDenial.Coordinator("said yes too long before the kill could be stored"));

  private final Sla sla;
  private final Rules<V> rules;
  private final BackgroundWrites background;
  private final EventLoop loop;
  private final Clock clock;
  private final long origin;
  private final TreeSet<Attempt<V>> due;
  private EventLoop.@Nullable Timer timer;
  private long armedFor;
  private long begun;

  /** Whose tasks they are. */
  public interface Rules<V> {
    /** Takes the task down if it still shall go and its policy allows it. */
    SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, V victim);

    /** Takes the task down, which a coordinator allowed, if it still shall go. */
    SlaOutcome now(WriteTransaction tx, V victim);

    /**
     * How long to wait after a denial.
     *
     * @param lastMs how long it was last time, 0 at first
     */
    long delayMs(V victim, long lastMs);

    /** The task must stay; another attempt is planned. */
    void onDenied(Attempt<V> attempt);

    /** The next attempt comes earlier than it was planned. */
    void onSooner(Attempt<V> attempt);

    /** There is nothing more to attempt. */
    void onEnded(Attempt<V> attempt);

    /** Whether those who find a coordinator busy ask as soon as it is free. */
    boolean asksNext();

    /** Names the task in the log. */
    String name(V victim);
  }

  /** The attempts to take one task down. Confined to the writer's loop. */
  public static final class Attempt<V> {
    private final V victim;
    private final long order;
    private final long sinceMs;
    private int made;
    private long lastDelayMs;
    private long dueNanos;
    private @Nullable SlaDenial denial;
    private boolean ended;
    private Coordinators.@Nullable NextAsker next;

    private Attempt(V victim, long order, long sinceMs) {
      this.victim = victim;
      this.order = order;
      this.sinceMs = sinceMs;
    }

    public V victim() {
      return victim;
    }

    /** Since when, as wall time. */
    public long sinceMs() {
      return sinceMs;
    }

    /** How often it was tried. */
    public int made() {
      return made;
    }

    /** When it is tried again, on the monotonic clock. */
    public long dueNanos() {
      return dueNanos;
    }

    /** Why the last try failed; null before its end. */
    public @Nullable SlaDenial denial() {
      return denial;
    }

    /** Whether nothing more comes of it. */
    public boolean isEnded() {
      return ended;
    }
  }

  /**
   * @param loop the writer's
   */
  public SlaAttempts(
      Sla sla, Rules<V> rules, BackgroundWrites background, EventLoop loop, Clock clock) {
    this.sla = sla;
    this.rules = rules;
    this.background = background;
    this.loop = loop;
    this.clock = clock;
    this.origin = clock.nanoTime();
    this.due =
        new TreeSet<>(
            Comparator.comparingLong((Attempt<V> attempt) -> attempt.dueNanos - origin)
                .thenComparingLong(attempt -> attempt.order));
  }

  /** Tries at once, and then again and again. */
  public Attempt<V> begin(V victim) {
    Attempt<V> attempt = new Attempt<>(victim, begun++, clock.wallMillis());
    enqueue(attempt, 0);
    return attempt;
  }

  /** Tries no more. */
  public void end(Attempt<V> attempt) {
    if (!attempt.ended) {
      attempt.ended = true;
      due.remove(attempt);
      rules.onEnded(attempt);
    }
  }

  /** Tries at once, even while a coordinator is being asked. */
  public void tryNow(Attempt<V> attempt) {
    if (!attempt.ended) {
      enqueue(attempt, 0);
    }
  }

  /** Another task of their job runs: once it has done so for long enough one more may go. */
  public void oneMoreRuns(Iterable<Attempt<V>> ofJob) {
    for (Attempt<V> attempt : ofJob) {
      if (attempt.denial instanceof SlaDenial.NotEnoughRunning few && due.contains(attempt)) {
        long wait = TimeUnit.SECONDS.toNanos(Math.min(few.durationSecs(), LONGEST_WAIT_SECS));
        long soon = clock.nanoTime() + wait + JUST_LONGER_NANOS;
        if (attempt.dueNanos - soon > 0) {
          due.remove(attempt);
          attempt.dueNanos = soon;
          due.add(attempt);
          rules.onSooner(attempt);
          arm();
          return;
        }
      }
    }
  }

  private void enqueue(Attempt<V> attempt, long delayMs) {
    // A batch that was given up, but became durable after all, settles twice.
    due.remove(attempt);
    attempt.dueNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
    due.add(attempt);
    arm();
  }

  private void arm() {
    Attempt<V> first = due.isEmpty() ? null : due.first();
    if (timer != null) {
      if (first != null && first.dueNanos == armedFor) {
        return;
      }
      timer.cancel();
      timer = null;
    }
    if (first != null) {
      armedFor = first.dueNanos;
      long left = Math.max(0, armedFor - clock.nanoTime());
      timer = loop.schedule(Duration.ofNanos(left), this::attemptDue);
    }
  }

  private void attemptDue() {
    timer = null;
    long now = clock.nanoTime();
    List<Attempt<V>> batch = new ArrayList<>();
    while (!due.isEmpty()
        && due.first().dueNanos - now <= 0
        && batch.size() < sla.settings().batchSize()) {
      batch.add(Objects.requireNonNull(due.pollFirst()));
    }
    arm();
    if (!batch.isEmpty()) {
      background.submit("checks of SLA policies", tx -> attempt(tx, batch));
    }
  }

  private void attempt(WriteTransaction tx, List<Attempt<V>> batch) {
    SlaCheck check = sla.check(tx.nowMs());
    for (Attempt<V> attempt : batch) {
      SlaOutcome outcome = outcome(tx, attempt, () -> rules.ifAllowed(tx, check, attempt.victim));
      tx.afterCommit(() -> settle(attempt, outcome));
    }
  }

  /** What comes of one task; where that cannot be found out, the others of the batch go on. */
  private SlaOutcome outcome(
      WriteTransaction tx, Attempt<V> attempt, Supplier<SlaOutcome> whileItLasts) {
    if (attempt.ended) {
      return new SlaOutcome.Ended();
    }
    WriteTransaction.Savepoint before = tx.savepoint();
    try {
      return whileItLasts.get();
    } catch (RuntimeException failure) {
      tx.rollback(before);
      LOG.atError()
          .setCause(failure)
          .addKeyValue("task", rules.name(attempt.victim))
          .log("Whether a task may be taken down cannot be checked");
      return new SlaOutcome.Denied(new SlaDenial.Failed(String.valueOf(failure.getMessage())));
    }
  }

  private void settle(Attempt<V> attempt, SlaOutcome outcome) {
    if (attempt.ended || background.isClosed()) {
      return;
    } else if (outcome instanceof SlaOutcome.Denied denied) {
      attempt.made++;
      tryLater(attempt, denied.denial());
    } else if (outcome instanceof SlaOutcome.Ask ask) {
      attempt.made++;
      ask(attempt, ask);
    } else {
      end(attempt);
    }
  }

  private void tryLater(Attempt<V> attempt, SlaDenial denial) {
    if (!attempt.ended) {
      attempt.denial = denial;
      attempt.lastDelayMs = rules.delayMs(attempt.victim, attempt.lastDelayMs);
      enqueue(attempt, Math.min(attempt.lastDelayMs, promisedInMs(denial)));
      rules.onDenied(attempt);
    }
  }

  /** When more may be allowed if all tasks go on as they are. */
  private static long promisedInMs(SlaDenial denial) {
    return denial instanceof SlaDenial.NotEnoughRunning few && few.enoughInMs() >= 0
        ? Math.max(few.enoughInMs(), SHORTEST_WAIT_MS)
        : Long.MAX_VALUE;
  }

  private void ask(Attempt<V> attempt, SlaOutcome.Ask ask) {
    boolean asked =
        sla.coordinators()
            .ask(
                ask.policy(),
                ask.task(),
                ask.parameters(),
                new Coordinators.Asker() {
                  @Override
                  public void allowed(Runnable done) {
                    long saidAt = clock.nanoTime();
                    background.submit(
                        "the kill of " + rules.name(attempt.victim),
                        tx -> {
                          tx.afterCommit(done);
                          // Much may have happened since the question (W-14).
                          SlaOutcome outcome =
                              outcome(
                                  tx,
                                  attempt,
                                  () -> isStale(saidAt) ? STALE : rules.now(tx, attempt.victim));
                          tx.afterCommit(() -> settle(attempt, outcome));
                        });
                  }

                  @Override
                  public void denied(SlaDenial.Coordinator denial) {
                    tryLater(attempt, denial);
                  }
                });
    if (!asked && rules.asksNext()) {
      if (attempt.next == null) {
        attempt.next = () -> isTriedNow(attempt);
      }
      sla.coordinators().whenFree(ask.policy(), attempt.next);
    }
  }

  private boolean isTriedNow(Attempt<V> attempt) {
    if (attempt.ended || !due.contains(attempt)) {
      return false;
    }
    enqueue(attempt, 0);
    rules.onSooner(attempt);
    return true;
  }

  /** While the journal takes nothing a yes waits, and what it was said about may change. */
  private boolean isStale(long saidAt) {
    return clock.nanoTime() - saidAt > sla.settings().coordinatorTimeout().toNanos();
  }

  /** Stops all attempts; their end is not told. */
  public void close() {
    due.clear();
    arm();
  }
}
