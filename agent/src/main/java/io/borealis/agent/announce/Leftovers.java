package io.borealis.agent.announce;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.api.CuratorEvent;

/**
 * Members that say what ours says. Immutable.
 *
 * @param own one of this session, made without our having heard of it
 * @param stale all others: of a former agent process, whose session has not ended yet
 */
record Leftovers(Optional<String> own, ImmutableList<String> stale) {
  static final Leftovers NONE = new Leftovers(Optional.empty(), ImmutableList.of());

  private record Found(String path, long owner) {}

  /** Reads all members of a place. */
  static CompletionStage<Leftovers> search(Nodes nodes, String place, byte[] bytes) {
    return nodes
        .children(place)
        .thenCompose(
            children ->
                all(
                    children
                        .map(event -> ImmutableList.copyOf(event.getChildren()))
                        .orElse(ImmutableList.of())
                        .stream()
                        .map(child -> look(nodes, place + "/" + child, bytes))
                        .collect(ImmutableList.toImmutableList())))
        .thenCompose(found -> sort(nodes, found));
  }

  private static CompletionStage<Optional<Found>> look(Nodes nodes, String path, byte[] bytes) {
    return nodes
        .read(path)
        .thenApply(
            read ->
                read.filter(event -> isOurs(event, bytes))
                    .map(event -> new Found(path, event.getStat().getEphemeralOwner())));
  }

  private static boolean isOurs(CuratorEvent event, byte[] bytes) {
    return event.getStat().getEphemeralOwner() != 0 && Arrays.equals(event.getData(), bytes);
  }

  private static CompletionStage<ImmutableList<Found>> all(
      ImmutableList<CompletionStage<Optional<Found>>> looks) {
    CompletionStage<ImmutableList<Found>> all =
        CompletableFuture.completedStage(ImmutableList.of());
    for (CompletionStage<Optional<Found>> look : looks) {
      all =
          all.thenCombine(
              look,
              (sofar, one) ->
                  one.isEmpty()
                      ? sofar
                      : ImmutableList.<Found>builder().addAll(sofar).add(one.get()).build());
    }
    return all;
  }

  private static CompletionStage<Leftovers> sort(Nodes nodes, ImmutableList<Found> found) {
    if (found.isEmpty()) {
      return CompletableFuture.completedStage(NONE);
    }
    long session;
    try {
      session = nodes.session();
    } catch (Exception failure) {
      return CompletableFuture.failedStage(failure);
    }
    Optional<String> own =
        found.stream().filter(one -> one.owner() == session).map(Found::path).findFirst();
    return CompletableFuture.completedStage(
        new Leftovers(
            own,
            found.stream()
                .map(Found::path)
                .filter(path -> own.isEmpty() || !path.equals(own.get()))
                .collect(ImmutableList.toImmutableList())));
  }
}
