package io.borealis.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for something to become true in another process. */
final class Await {
  private Await() {}

  /** Sleeps. */
  static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** Asks again until the answer is neither null nor false; an IOException means not yet. */
  static <T> T until(String what, Duration limit, Callable<T> question) {
    long end = System.nanoTime() + limit.toNanos();
    Object last = "nothing";
    while (System.nanoTime() - end < 0) {
      try {
        T answer = question.call();
        if (answer != null && !Boolean.FALSE.equals(answer)) {
          return answer;
        }
        last = answer;
      } catch (IOException notYet) {
        last = notYet;
      } catch (Exception failure) {
        throw new AssertionError(what, failure);
      }
      pause(Duration.ofMillis(50));
    }
    throw new AssertionError("not within " + limit + ": " + what + "; last: " + last);
  }
}
