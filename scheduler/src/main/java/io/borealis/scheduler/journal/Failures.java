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

  /** What is wrong, for people; a defect of ours is named by its kind too. */
  static String reason(Throwable failure) {
    return failure instanceof CorruptJournalException ? failure.getMessage() : failure.toString();
  }

  static boolean is(Throwable failure, Code code) {
    return unwrapped(failure) instanceof KeeperException keeper && keeper.code() == code;
  }

  /**
   * Whether it is unknown what became of the request, which is found out when the connection is
   * there again.
   */
  static boolean isConnectionLoss(Throwable failure) {
    return unwrapped(failure) instanceof KeeperException keeper
        && (keeper.code() == Code.CONNECTIONLOSS
            || keeper.code() == Code.OPERATIONTIMEOUT
            || keeper.code() == Code.SESSIONEXPIRED
            || keeper.code() == Code.SESSIONMOVED);
  }

  /** Whether the server has refused this one request for reasons of its own. */
  static boolean isBusy(Throwable failure) {
    return is(failure, Code.THROTTLEDOP) || is(failure, Code.SYSTEMERROR);
  }
}
