package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;

/** A loop that does nothing any more once its process is dead. For one thread. */
final class MortalLoop implements EventLoop {
  private final EventLoop loop;
  private boolean dead;

  MortalLoop(EventLoop loop) {
    this.loop = loop;
  }

  void die() {
    dead = true;
  }

  @Override
  public void execute(Runnable action) {
    loop.execute(() -> runIfAlive(action));
  }

  @Override
  public Timer schedule(Duration delay, Runnable action) {
    return loop.schedule(delay, () -> runIfAlive(action));
  }

  private void runIfAlive(Runnable action) {
    if (!dead) {
      action.run();
    }
  }
}
