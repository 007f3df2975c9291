package io.borealis.scheduler.journal;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * The epoch node, whose version is the fencing token. Keeps the rules of fencing: taking over
 * writes a fresh nonce and keeps the returned version, a write in doubt is settled by reading the
 * nonce, and whoever finds a foreign one leads no more. Confined to the journal's loop.
 */
final class Fence {
  private final Znodes znodes;
  private final Layout layout;
  private final Session session;

  private String leaderId = "";
  private String nonce = "";
  private long epoch = -1;
  private @Nullable CompletableFuture<Void> taking;

  Fence(Znodes znodes, Layout layout, Session session) {
    this.znodes = znodes;
    this.layout = layout;
    this.session = session;
  }

  /** The version our nonce has, or last had; −1 before the first. */
  long epoch() {
    return epoch;
  }

  /** Makes a multi fail whole once the epoch is another's. */
  Op check() {
    return Op.check(layout.epoch(), (int) epoch);
  }

  // ---- Taking --------------------------------------------------------------------------------

  /** Fences everybody else off; completes once that is certain. */
  CompletionStage<Void> take(String id) {
    leaderId = id;
    nonce = UUID.randomUUID().toString();
    CompletableFuture<Void> result = new CompletableFuture<>();
    taking = result;
    if (session.connected()) {
      write(result);
    }
    return result;
  }

  /** The connection is there again: finds out what became of the attempt. */
  void resumeTaking() {
    CompletableFuture<Void> result = taking;
    if (result == null) {
      return;
    }
    znodes
        .get(layout.epoch())
        .whenComplete(
            (node, failure) -> {
              if (taking != result || failure != null) {
                return;
              }
              if (isOurs(node.data())) {
                taken(result, node.version());
              } else {
                write(result);
              }
            });
  }

  /** Whether {@link #take} has not come to an end. */
  boolean taking() {
    return taking != null;
  }

  /** Gives the attempt up; its future never completes. */
  void abandon() {
    taking = null;
  }

  private void write(CompletableFuture<Void> result) {
    znodes
        .set(layout.epoch(), data(), -1)
        .whenComplete(
            (version, failure) -> {
              if (taking != result) {
                return;
              }
              if (failure == null) {
                taken(result, version);
              } else if (!Failures.isConnectionLoss(failure)) {
                taking = null;
                result.completeExceptionally(
                    new NotAppendedException("Cannot fence: " + failure.getMessage()));
              } // Otherwise: settled when connected.
            });
  }

  private void taken(CompletableFuture<Void> result, int version) {
    taking = null;
    epoch = version;
    result.complete(null);
  }

  // ---- Keeping -------------------------------------------------------------------------------

  /**
   * Fences anew, which orders behind everything sent under the old epoch. Completes with whether it
   * is still ours; fails when that could not be found out.
   */
  CompletionStage<Boolean> renew() {
    return znodes
        .set(layout.epoch(), data(), (int) epoch)
        .handle(
            (version, failure) -> {
              if (failure == null) {
                epoch = version;
                return CompletableFuture.completedStage(true);
              } else if (Failures.is(failure, Code.BADVERSION)) {
                return stands();
              }
              return CompletableFuture.<Boolean>failedStage(Failures.unwrapped(failure));
            })
        .thenCompose(Function.identity());
  }

  /**
   * Looks whose the epoch is now: it may have moved by our own attempt that was in doubt, or by
   * another leader. Completes with whether it is ours.
   */
  CompletionStage<Boolean> stands() {
    return znodes
        .sync(layout.epoch())
        .thenCompose(done -> znodes.get(layout.epoch()))
        .thenApply(
            node -> {
              boolean ours = isOurs(node.data());
              if (ours) {
                epoch = node.version();
              }
              return ours;
            });
  }

  // ---- Giving up -----------------------------------------------------------------------------

  /**
   * Makes the epoch another one unless it is already. Once that has completed, nothing sent under
   * ours can be applied any more, and what is read is all there will be.
   */
  CompletionStage<Void> bar() {
    // Another nonce: what was sent under the old one must not be taken for still possible.
    nonce = UUID.randomUUID().toString();
    return znodes
        .set(layout.epoch(), data(), (int) epoch)
        .handle(
            (version, failure) ->
                failure == null || Failures.is(failure, Code.BADVERSION)
                    // A follower may lag behind the server that told us of the new epoch.
                    ? znodes.sync(layout.entries())
                    : CompletableFuture.<Void>failedStage(Failures.unwrapped(failure)))
        .thenCompose(Function.identity());
  }

  private byte[] data() {
    return Layout.text(leaderId + "\n" + nonce + "\n");
  }

  /** Whether the epoch is newer than ours and another's. */
  boolean isForeign(Znodes.Node node) {
    return node.version() > epoch && !isOurs(node.data());
  }

  private boolean isOurs(byte[] data) {
    return Layout.text(data).lines().skip(1).findFirst().orElse("").equals(nonce);
  }
}
