package io.borealis.scheduler.journal;

import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** Looks into what a future failed with. Stateless. */
final class Failures {
  private Failures() {}

  static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  static boolean is(Throwable failure, Code code) {
    return unwrapped(failure) instanceof KeeperException keeper && keeper.code() == code;
  }
}
