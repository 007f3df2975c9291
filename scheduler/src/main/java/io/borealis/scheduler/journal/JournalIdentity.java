package io.borealis.scheduler.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * Whose journal it is: makes the fixed nodes where they are missing and compares those that were
 * there with the settings. Keeps the rule that a mismatch refuses to start and names both sides.
 * Stateless; called on the journal's loop.
 */
final class JournalIdentity {
  private final JournalSettings settings;
  private final Layout layout;
  private final Znodes znodes;

  JournalIdentity(JournalSettings settings, Layout layout, Znodes znodes) {
    this.settings = settings;
    this.layout = layout;
    this.znodes = znodes;
  }

  /**
   * Completes when the journal is there and ours; fails with {@link WrongJournalException} when it
   * is another's. May be repeated.
   */
  CompletionStage<Void> establish() {
    List<CompletableFuture<Void>> made = new ArrayList<>();
    layout.parents().forEach(path -> made.add(make(path, "")));
    made.add(
        make(layout.cluster(), settings.clusterName() + "\n" + settings.serversetPath() + "\n"));
    made.add(make(layout.format(), Frame.FORMAT + "\n"));
    made.add(make(layout.epoch(), "nobody\n"));
    made.add(make(layout.help(), ""));
    made.add(make(layout.entries(), ""));
    made.add(make(layout.snapshots(), ""));
    return CompletableFuture.allOf(made.toArray(CompletableFuture<?>[]::new))
        .thenCompose(
            done ->
                znodes
                    .get(layout.cluster())
                    .thenAcceptBoth(
                        znodes.get(layout.format()),
                        (cluster, format) -> {
                          checkCluster(cluster);
                          checkFormat(format);
                        }))
        .thenCompose(done -> checkWritable());
  }

  /** Tries a change that cannot come true, since its second part fails once the first may be. */
  private CompletionStage<Void> checkWritable() {
    CompletableFuture<Void> writable = new CompletableFuture<>();
    znodes
        .multi(
            List.of(
                znodes.createOp(layout.entries() + "/probe", new byte[0]),
                Op.check(layout.cluster(), Integer.MAX_VALUE)))
        .whenComplete(
            (done, failure) -> {
              if (failure == null || Failures.is(failure, Code.BADVERSION)) {
                writable.complete(null);
              } else if (Failures.is(failure, Code.NOAUTH)) {
                writable.completeExceptionally(
                    refusal(
                        "The journal at %s may not be written %s: check --zk-digest-credentials"
                            .formatted(
                                settings.root(),
                                settings.credentials().isPresent()
                                    ? "with these ZooKeeper credentials, it was made with others"
                                    : "without ZooKeeper credentials")));
              } else {
                writable.completeExceptionally(failure);
              }
            });
    return writable;
  }

  private void checkCluster(Znodes.Node cluster) {
    List<String> lines = Layout.text(cluster.data()).lines().toList();
    String name = lines.isEmpty() ? "" : lines.get(0);
    String path = lines.size() < 2 ? "" : lines.get(1);
    if (!name.equals(settings.clusterName()) || !path.equals(settings.serversetPath())) {
      throw refusal(
          "The journal at %s belongs to cluster '%s' with serverset path %s; this scheduler is of cluster '%s' with serverset path %s"
              .formatted(
                  settings.root(), name, path, settings.clusterName(), settings.serversetPath()));
    }
  }

  private void checkFormat(Znodes.Node format) {
    String found = Layout.text(format.data()).strip();
    if (!found.equals(Integer.toString(Frame.FORMAT))) {
      throw refusal(
          "The journal at %s has format %s; this release reads format %d"
              .formatted(settings.root(), found, Frame.FORMAT));
    }
  }

  private static CompletionException refusal(String reason) {
    return new CompletionException(new WrongJournalException(reason));
  }

  private CompletableFuture<Void> make(String path, String data) {
    CompletableFuture<Void> made = new CompletableFuture<>();
    znodes
        .create(path, Layout.text(data))
        .whenComplete(
            (done, failure) -> {
              if (failure == null || Failures.is(failure, Code.NODEEXISTS)) {
                made.complete(null);
              } else if (Failures.is(failure, Code.NOAUTH)) {
                // Somebody else's parent that exists may refuse; what matters is below it.
                completeIfExists(path, made, failure);
              } else {
                made.completeExceptionally(failure);
              }
            });
    return made;
  }

  private void completeIfExists(String path, CompletableFuture<Void> made, Throwable otherwise) {
    znodes
        .exists(path, null)
        .whenComplete(
            (exists, failure) -> {
              if (Boolean.TRUE.equals(exists)) {
                made.complete(null);
              } else {
                made.completeExceptionally(otherwise);
              }
            });
  }
}
