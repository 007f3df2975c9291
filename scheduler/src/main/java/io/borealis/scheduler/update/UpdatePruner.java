package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Lists;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.BackgroundWrites;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets updates that ended long ago, in the journal too (W-3). Started and closed on the writer's
 * loop; looks at State on another thread, since that takes time where there are many.
 */
public final class UpdatePruner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UpdatePruner.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** Keys in one transaction; the writer is not to be held up by more. */
  static final int BATCH = 1000;

  private final UpdatePolicy policy;
  private final Supplier<State> state;
  private final EventLoop loop;
  private final Executor looking;
  private final Clock clock;
  private final BackgroundWrites background;
  private final Counter pruned;
  private EventLoop.@Nullable Timer timer;

  /**
   * @param state the durable State
   * @param loop the writer's
   * @param looking where State is looked at
   */
  public UpdatePruner(
      UpdatePolicy policy,
      Supplier<State> state,
      Writes writes,
      EventLoop loop,
      Executor looking,
      Clock clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.state = state;
    this.loop = loop;
    this.looking = looking;
    this.clock = clock;
    this.background = new BackgroundWrites(writes, loop, clock, RETRY);
    this.pruned = meters.counter("job_updates_pruned");
  }

  /** Looks for the first time when an interval has passed, and then again and again. */
  public void start() {
    if (!background.isClosed()) {
      timer = loop.schedule(policy.pruningInterval(), () -> looking.execute(this::look));
    }
  }

  private void look() {
    try {
      State now = state.get();
      long nowMs = Math.max(clock.wallMillis(), now.stampMs());
      for (List<JobUpdateKey> keys :
          Lists.partition(UpdateHistory.forgettable(now, policy, nowMs), BATCH)) {
        background.submit("the pruning of updates", tx -> remove(tx, keys));
      }
    } finally {
      loop.execute(this::start);
    }
  }

  /** What has ended stays ended; only whether it is still there can have changed since. */
  private void remove(WriteTransaction tx, List<JobUpdateKey> keys) {
    ImmutableSet<JobUpdateKey> there =
        keys.stream()
            .filter(key -> tx.state().updates().get(key) != null)
            .collect(ImmutableSet.toImmutableSet());
    if (there.isEmpty()) {
      return;
    }
    tx.change(new Op.RemoveJobUpdate(new RemoveJobUpdates(there)));
    tx.afterCommit(
        () -> {
          pruned.increment(there.size());
          LOG.atInfo().addKeyValue("updates", there.size()).log("Updates that ended are forgotten");
        });
  }

  /** Nothing is looked for from now on. To be called on the writer's loop. */
  @Override
  public void close() {
    background.close();
    if (timer != null) {
      timer.cancel();
    }
  }
}
