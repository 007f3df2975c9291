package io.borealis.scheduler.journal;

import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.jspecify.annotations.Nullable;

/**
 * A client of {@link SimulatedZooKeeper}: reads may be old, though never older than what this
 * session has seen; watches run late, and are gone with the session. For one thread.
 */
final class SimulatedZnodes implements Znodes {
  static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final SimulatedZooKeeper server;
  private final EventLoop loop;
  private final Random random;
  private final SimulatedWire wire;
  private final List<Watch> watches = new ArrayList<>();
  private @Nullable Events events;
  private boolean expired;
  private boolean closed;
  private int seen;

  /**
   * @param network where requests travel; goes on when the client's process has died
   * @param loop the client's
   */
  SimulatedZnodes(SimulatedZooKeeper server, EventLoop network, EventLoop loop, Random random) {
    this.server = server;
    this.loop = loop;
    this.random = random;
    this.wire = new SimulatedWire(network, loop, random);
  }

  private record Watch(
      CompletableFuture<?> answer,
      Function<ImmutableMap<String, Node>, ?> look,
      @Nullable Object then,
      Runnable action) {}

  // ---- What the world does -------------------------------------------------------------------

  /** Breaks the connection. */
  void disconnect() {
    if (wire.up()) {
      drop();
      tell(Events::onDisconnected);
    }
  }

  /** A watch is set once the client has the answer. */
  private void drop() {
    List<CompletableFuture<?>> lost = wire.cut();
    watches.removeIf(watch -> lost.stream().anyMatch(watch.answer()::equals));
  }

  /** Connects again, unless connected; tells the client if its session is gone. */
  void reconnect() {
    if (wire.up() || closed || events == null) {
      return;
    } else if (expired) {
      expired = false;
      tell(Events::onExpired);
      return;
    }
    wire.connect();
    tell(Events::onConnected);
    look();
  }

  /** The ensemble gives the session up; the client learns of it when it connects. */
  void expire() {
    disconnect();
    expired = true;
  }

  /** From now on the server does all that it is asked for. */
  void calm() {
    wire.calm();
  }

  /** Its server catches up, not always wholly, and watches that were waiting for it run. */
  void look() {
    if (wire.up()) {
      catchUp();
    }
  }

  private void catchUp() {
    seen = seen + random.nextInt(server.now() - seen + 1);
    for (Iterator<Watch> each = watches.iterator(); each.hasNext(); ) {
      Watch watch = each.next();
      if (!Objects.equals(watch.look().apply(server.at(seen)), watch.then())) {
        each.remove();
        loop.execute(watch.action());
      }
    }
  }

  /** Whether its server has seen everything. */
  boolean isUpToDate() {
    return seen == server.now();
  }

  boolean isConnected() {
    return wire.up();
  }

  /** Watches that are set. */
  int watches() {
    return watches.size();
  }

  private void tell(Consumer<Events> event) {
    Events receiver = Objects.requireNonNull(events);
    loop.execute(() -> event.accept(receiver));
  }

  // ---- What the journal asks -----------------------------------------------------------------

  @Override
  public void open(Events receiver) {
    events = receiver;
    reopen();
  }

  @Override
  public void reopen() {
    drop();
    expired = false;
    watches.clear();
    seen = random.nextInt(server.now() + 1);
    wire.connect();
    tell(Events::onConnected);
  }

  private <T> CompletableFuture<T> send(SimulatedWire.Work<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    wire.send(work, answer);
    return answer;
  }

  private CompletableFuture<Integer> write(List<Op> operations) {
    return send(
        () -> {
          try {
            return server.apply(this, operations);
          } finally {
            seen = server.now();
          }
        });
  }

  /** Reads what there is, null for nothing, and waits for it to be different. */
  private <T> CompletableFuture<@Nullable T> read(
      Function<ImmutableMap<String, Node>, @Nullable T> look, @Nullable Runnable changed) {
    CompletableFuture<@Nullable T> answer = new CompletableFuture<>();
    wire.send(
        () -> {
          catchUp();
          T result = look.apply(server.at(seen));
          if (changed != null) {
            watches.add(new Watch(answer, look, result, changed));
          }
          return result;
        },
        answer);
    return answer;
  }

  private static <T> CompletionStage<T> present(
      CompletableFuture<@Nullable T> answer, String path) {
    return answer.thenCompose(
        result ->
            result == null
                ? CompletableFuture.failedFuture(KeeperException.create(Code.NONODE, path))
                : CompletableFuture.completedFuture(result));
  }

  @Override
  public CompletionStage<Node> get(String path) {
    return present(read(tree -> tree.get(path), null), path);
  }

  @Override
  public CompletionStage<Boolean> exists(String path, @Nullable Runnable watch) {
    return read(tree -> tree.get(path), watch).thenApply(node -> node != null);
  }

  @Override
  public CompletionStage<List<String>> children(String path, @Nullable Runnable watch) {
    return present(
        read(
            tree ->
                tree.containsKey(path) ? SimulatedZooKeeper.children(tree, path).asList() : null,
            watch),
        path);
  }

  @Override
  public CompletionStage<Integer> childCount(String path) {
    return children(path, null).thenApply(List::size);
  }

  @Override
  public CompletionStage<Void> create(String path, byte[] data) {
    return multi(List.of(createOp(path, data)));
  }

  @Override
  public CompletionStage<Integer> set(String path, byte[] data, int version) {
    return write(List.of(Op.setData(path, data, version)));
  }

  @Override
  public CompletionStage<Void> multi(List<Op> operations) {
    return write(operations).thenAccept(version -> {});
  }

  @Override
  public CompletionStage<Void> sync(String path) {
    return send(
        () -> {
          seen = server.now();
          return null;
        });
  }

  @Override
  public Op createOp(String path, byte[] data) {
    return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
  }

  @Override
  public Duration sessionTimeout() {
    return TIMEOUT;
  }

  @Override
  public void close() {
    closed = true;
    drop();
  }
}
