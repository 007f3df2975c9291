package io.borealis.agent.announce;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one ephemeral member in ZooKeeper: makes it again when it was deleted or its session
 * expired, and finds it when it is not known whether it was made. Confined to its loop.
 */
final class ZooKeeperAnnouncer implements Announcer {
  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperAnnouncer.class);
  private static final Duration RETRY = Duration.ofSeconds(15);

  private final CuratorFramework client;
  private final Nodes nodes;
  private final String place;
  private final byte[] bytes;
  private final EventLoop loop;
  private final Listener listener;
  private final ConnectionStateListener connection = (same, state) -> connection(state);
  private final CompletableFuture<Void> left = new CompletableFuture<>();

  /** Whether members may lie there that say what this one says. */
  private boolean sweep;

  private Optional<String> member = Optional.empty();

  /** Whether an answer is awaited that decides what comes next. */
  private boolean busy;

  /** Whether something happened meanwhile. */
  private boolean lookAgain;

  private boolean leaving;
  private EventLoop.@Nullable Timer retry;
  private EventLoop.@Nullable Timer limit;

  ZooKeeperAnnouncer(
      CuratorFramework client,
      String place,
      Announcement announcement,
      EventLoop loop,
      Listener listener) {
    this.client = client;
    this.nodes = new Nodes(client);
    this.place = place;
    this.bytes = announcement.toBytes();
    this.loop = loop;
    this.listener = listener;
  }

  @Override
  public void start(Optional<Duration> patience) {
    sweep = patience.isEmpty();
    patience.ifPresent(time -> limit = loop.schedule(time, this::outOfPatience));
    client.getConnectionStateListenable().addListener(connection, loop);
    look();
  }

  private void outOfPatience() {
    if (!leaving) {
      listener.timedOut("Creating Announcer Serverset timed out.");
    }
  }

  private void connection(ConnectionState state) {
    if (state.isConnected()) {
      look();
    }
  }

  /** Sees to it that the member is there. */
  private void look() {
    if (leaving) {
      return;
    }
    if (busy) {
      lookAgain = true;
      return;
    }
    cancelRetry();
    if (member.isPresent()) {
      check(member.get());
    } else if (sweep) {
      ask("looking for members of " + place, Leftovers.search(nodes, place, bytes), this::swept);
    } else {
      create(Leftovers.NONE);
    }
  }

  private void check(String node) {
    ask(
        "looking after " + node,
        nodes.exists(node, () -> loop.execute(this::look)),
        there -> {
          if (!there) {
            LOG.info("{} is gone", node);
            member = Optional.empty();
            look();
          }
        });
  }

  private void swept(Leftovers found) {
    if (found.own().isPresent()) {
      joined(found.own().get(), found);
    } else if (!leaving) {
      create(found);
    }
  }

  private void create(Leftovers found) {
    // Unless it is known to be made it may have been made all the same.
    sweep = true;
    ask("joining " + place, nodes.create(place + "/member_", bytes), node -> joined(node, found));
  }

  private void joined(String node, Leftovers found) {
    LOG.info("Announced as {}", node);
    sweep = false;
    member = Optional.of(node);
    if (limit != null) {
      limit.cancel();
    }
    found.stale().forEach(stale -> delete(stale));
    look();
  }

  /** Waits for an answer; without one everything is tried again a little later. */
  private <T> void ask(String what, CompletionStage<T> asked, Consumer<T> then) {
    busy = true;
    BiConsumer<T, Throwable> answered =
        (answer, failure) -> {
          busy = false;
          if (failure == null) {
            then.accept(answer);
          } else if (!leaving) {
            LOG.warn("{} failed, again in {} s: {}", what, RETRY.toSeconds(), text(failure));
            cancelRetry();
            retry = loop.schedule(RETRY, this::look);
          }
          if (leaving && !busy) {
            farewell();
          } else if (lookAgain) {
            lookAgain = false;
            look();
          }
        };
    var unused = asked.whenCompleteAsync(answered, loop);
  }

  private static String text(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null
        ? cause.toString()
        : failure.toString();
  }

  @Override
  public CompletionStage<Void> withdraw() {
    if (!leaving) {
      leave();
      if (!busy) {
        farewell();
      }
    }
    return left;
  }

  private void farewell() {
    CompletionStage<Void> gone =
        member.isPresent() ? delete(member.get()) : CompletableFuture.completedStage(null);
    member = Optional.empty();
    var unused = gone.whenComplete((nothing, failure) -> left.complete(null));
  }

  @Override
  public void detach() {
    if (!leaving) {
      member = Optional.empty();
      leave();
    }
  }

  private void leave() {
    leaving = true;
    client.getConnectionStateListenable().removeListener(connection);
    cancelRetry();
    if (limit != null) {
      limit.cancel();
    }
  }

  private CompletionStage<Void> delete(String node) {
    return nodes
        .delete(node)
        .whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                LOG.info("{} is deleted", node);
              } else {
                LOG.warn("{} cannot be deleted: {}", node, text(failure));
              }
            });
  }

  private void cancelRetry() {
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }
}
