package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * The connection between a client and its server: requests arrive late but in the order they were
 * sent, and are answered in that order. When it is cut, those under way arrive or do not, perhaps
 * after the client has connected again, and none of them is answered. Now and then the server is
 * too busy for a single request and refuses it. For one thread.
 */
final class SimulatedWire {
  /** What a request does when it arrives. */
  interface Work<T> {
    T run() throws KeeperException;
  }

  private final EventLoop network;
  private final EventLoop client;
  private final Random random;
  private final Deque<Request<?>> underWay = new ArrayDeque<>();
  private boolean up;
  private int throttled = 2;

  /**
   * @param network where requests travel; goes on when the client has died
   * @param client the loop that answers are brought to
   */
  SimulatedWire(EventLoop network, EventLoop client, Random random) {
    this.network = network;
    this.client = client;
    this.random = random;
  }

  boolean up() {
    return up;
  }

  void connect() {
    up = true;
  }

  /** From now on the server does all that it is asked for. */
  void calm() {
    throttled = 0;
  }

  /** Breaks it; gives the requests that are not going to be answered. */
  List<CompletableFuture<?>> cut() {
    up = false;
    List<CompletableFuture<?>> lost = new ArrayList<>();
    int arriving = random.nextInt(underWay.size() + 1);
    for (Request<?> request : underWay) {
      if (!request.arrived && arriving-- > 0) {
        // It is in the hands of a server already, which may take its time.
        Duration late = random.nextInt(4) == 0 ? latency().multipliedBy(20) : latency();
        var unused = network.schedule(late, request::arrive);
      }
      request.lose();
      lost.add(request.answer);
    }
    underWay.clear();
    return lost;
  }

  /** Has something done at the other end; the future is made beforehand by the caller. */
  <T> void send(Work<T> work, CompletableFuture<T> answer) {
    Request<T> request = new Request<>(work, answer);
    if (!up) {
      request.lose();
      return;
    }
    underWay.add(request);
    var unused = network.schedule(latency(), () -> arriveUpTo(request));
  }

  /** In order: all that was sent before arrives before. */
  private void arriveUpTo(Request<?> last) {
    if (underWay.contains(last)) {
      for (Request<?> each : List.copyOf(underWay)) {
        if (!each.arrived) {
          each.arrive();
          each.answer();
        }
        if (each.equals(last)) {
          return;
        }
      }
    }
  }

  private Duration latency() {
    return Duration.ofMillis(1 + random.nextInt(random.nextInt(10) == 0 ? 50 : 3));
  }

  /** A request that has been sent and not answered. */
  private final class Request<T> {
    private final Work<T> work;
    private final CompletableFuture<T> answer;
    private boolean arrived;
    private @Nullable T result;
    private @Nullable KeeperException refusal;

    Request(Work<T> work, CompletableFuture<T> answer) {
      this.work = work;
      this.answer = answer;
    }

    void arrive() {
      arrived = true;
      try {
        if (random.nextInt(1000) < throttled) {
          throw KeeperException.create(Code.THROTTLEDOP);
        }
        result = work.run();
      } catch (KeeperException refused) {
        refusal = refused;
      }
    }

    void answer() {
      client.execute(
          () -> {
            if (!underWay.remove(this)) {
              return; // Cut off meanwhile.
            } else if (refusal == null) {
              answer.complete(result);
            } else {
              answer.completeExceptionally(refusal);
            }
          });
    }

    void lose() {
      client.execute(
          () -> answer.completeExceptionally(KeeperException.create(Code.CONNECTIONLOSS)));
    }
  }
}
