package io.borealis.agent.runner;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a runner from going on, such as a full disk: said once, tried again ever more seldom.
 * Confined to the loop of the runner.
 */
final class Troubles {
  private static final Logger log = LoggerFactory.getLogger(Troubles.class);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(16);

  private final String taskId;
  private Duration pause = Duration.ZERO;

  Troubles(String taskId) {
    this.taskId = taskId;
  }

  /** Takes note of one more failure, and says how long to wait before the next attempt. */
  Duration met(IOException failure) {
    if (pause.isZero()) {
      log.error("{}: cannot write down what happens, and waits until it can", taskId, failure);
      pause = FIRST;
    } else if (pause.compareTo(LONGEST) < 0) {
      pause = pause.multipliedBy(2);
    }
    return pause;
  }

  /** Everything could be written. */
  void over() {
    if (!pause.isZero()) {
      log.info("{}: goes on", taskId);
      pause = Duration.ZERO;
    }
  }
}
