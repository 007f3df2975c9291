package io.borealis.scheduler.simulation;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.Runtimes;
import io.borealis.runtime.VirtualRuntimes;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What one process of several on the same virtual time runs on. It can die between any two actions,
 * and nothing of it happens after that. Each of its loops keeps its order, and among each other
 * they run as threads do: now this one is ahead, now that. For one thread.
 */
public final class MortalRuntimes implements Runtimes {
  private static final int LONGEST_WAIT_NANOS = 50_000;

  private final VirtualRuntimes world;
  private final EventLoop base;
  private final Random random;
  private final Runnable onDeath;
  private final Clock clock = new SteppingClock();
  private long actionsLeft = Long.MAX_VALUE;
  private long wallStepMs;
  private boolean dead;

  /**
   * @param onDeath what the world notices of it
   */
  public MortalRuntimes(VirtualRuntimes world, Random random, Runnable onDeath) {
    this.world = world;
    this.base = world.newLoop("process");
    this.random = random;
    this.onDeath = onDeath;
  }

  /** Dies at once. */
  public void die() {
    if (!dead) {
      dead = true;
      onDeath.run();
    }
  }

  /** Lets it die by itself after so many more actions. */
  public void dieAfter(long actions) {
    actionsLeft = actions;
  }

  public boolean isDead() {
    return dead;
  }

  /** Counts one more thing it does, seen from outside or not; false when it is dead. */
  public boolean acts() {
    if (!dead && actionsLeft-- <= 0) {
      die();
    }
    return !dead;
  }

  /** Makes this process' wall clock step. */
  public void stepWallClock(Duration step) {
    wallStepMs += step.toMillis();
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public EventLoop newLoop(String name) {
    return new Loop();
  }

  /** What actions throw is thrown all the same, so that a test notices. */
  @Override
  public EventLoop newLoop(String name, Consumer<Throwable> onError) {
    return newLoop(name);
  }

  /** Its work may take long, and overtake each other. */
  @Override
  public Executor newPool(String name, int threads) {
    return action -> {
      int longest = random.nextInt(10) == 0 ? 200_000_000 : LONGEST_WAIT_NANOS;
      var unused = base.schedule(Duration.ofNanos(random.nextInt(longest)), () -> run(action));
    };
  }

  @Override
  public void close() {
    die();
  }

  private void run(Runnable action) {
    if (acts()) {
      action.run();
    }
  }

  private final class SteppingClock implements Clock {
    @Override
    public long wallMillis() {
      return world.clock().wallMillis() + wallStepMs;
    }

    @Override
    public long nanoTime() {
      return world.clock().nanoTime();
    }
  }

  private final class Loop implements EventLoop {
    private long busyUntilNanos;

    @Override
    public void execute(Runnable action) {
      long now = world.clock().nanoTime();
      busyUntilNanos = Math.max(busyUntilNanos, now + random.nextInt(LONGEST_WAIT_NANOS));
      var unused =
          base.schedule(
              Duration.ofNanos(busyUntilNanos - now), () -> MortalRuntimes.this.run(action));
    }

    @Override
    public Timer schedule(Duration delay, Runnable action) {
      return base.schedule(delay, () -> MortalRuntimes.this.run(action));
    }
  }
}
