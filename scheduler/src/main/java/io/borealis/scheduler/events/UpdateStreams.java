package io.borealis.scheduler.events;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.runtime.EventLoop;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.HttpStream;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of this process. Requests may come from any thread; the streams themselves live on
 * the loop. Whoever publishes a State only sets a flag and wakes the loop, and not even that while
 * nobody watches.
 */
public final class UpdateStreams implements HttpHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateStreams.class);

  private static final Duration LOOK = Duration.ofSeconds(15);

  private final Replica replica;
  private final EventLoop loop;
  private final int limit;
  private final Duration look;
  private final Counter slow;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final UpdateStream.Owner owner = new StreamOwner();
  private volatile boolean serving;

  private final Map<JobUpdateKey, Watched> watched = new HashMap<>();
  private boolean looking;
  private boolean closed;

  /** The streams of one update. Confined to the loop. */
  private static final class Watched {
    final Set<UpdateStream> streams = new LinkedHashSet<>();
    @Nullable UpdateRecord newest;

    /** The update was there at this transaction. */
    long knownAt;
  }

  /**
   * @param limit how many streams may be open at a time
   */
  public UpdateStreams(Replica replica, EventLoop loop, MeterRegistry meters, int limit) {
    this(replica, loop, meters, limit, LOOK);
  }

  /** The same with a choice of how often clients are looked after. */
  UpdateStreams(Replica replica, EventLoop loop, MeterRegistry meters, int limit, Duration look) {
    this.replica = replica;
    this.loop = loop;
    this.limit = limit;
    this.look = look;
    this.slow = meters.counter("update_event_streams_slow_closed");
    Gauge.builder("update_event_streams", open, AtomicInteger::get)
        .strongReference(true)
        .register(meters);
    replica.observe(
        new Replica.Observer() {
          @Override
          public void onState(State state) {
            wake();
          }
        });
  }

  /** Begins to serve: the first State was read. Runs on any thread. */
  public void start() {
    serving = true;
  }

  /** Ends all streams and takes no more. Runs on any thread. */
  @Override
  public void close() {
    serving = false;
    loop.execute(
        () -> {
          closed = true;
          all().forEach(UpdateStream::close);
        });
  }

  // ---- Requests --------------------------------------------------------------------------------

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    return CompletableFuture.completedFuture(answer(call));
  }

  private HttpReply answer(HttpCall call) {
    if (!call.method().equals("GET")) {
      return HttpReply.text(405, "Method not allowed: " + call.method()).with("Allow", "GET");
    }
    StreamRequest request;
    try {
      request = StreamRequest.of(call);
    } catch (StreamRequest.UnfitException unfit) {
      return HttpReply.text(unfit.status(), unfit.getMessage());
    }
    if (!serving) {
      return later("The stored state has not been read yet, or the scheduler stops");
    }
    UpdateRecord record = replica.durable().updates().get(request.key());
    if (record == null) {
      return HttpReply.text(404, "There is no update " + StreamRequest.nameOf(request.key()));
    } else if (request.position().isEnd(record)) {
      return HttpReply.empty(204);
    } else if (!reserve()) {
      return later("There are %d streams already, which is --max-event-streams".formatted(limit));
    }
    return HttpReply.streaming(
            200,
            "text/event-stream",
            http -> loop.execute(() -> open(request.key(), request.position(), http)))
        .with("Cache-Control", "no-store");
  }

  private static HttpReply later(String why) {
    return HttpReply.text(503, why).with("Retry-After", "5");
  }

  private boolean reserve() {
    if (open.incrementAndGet() <= limit) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  // ---- On the loop -----------------------------------------------------------------------------

  private void open(JobUpdateKey key, Position position, HttpStream http) {
    UpdateStream stream = new UpdateStream(key, position, http, loop, owner);
    if (closed) {
      stream.close();
      return;
    }
    Watched update = watched.computeIfAbsent(key, unused -> new Watched());
    update.streams.add(stream);
    armLook();
    refresh(key, update);
    advance(update, stream);
  }

  /** Called with every State; work is done only for those who watch. */
  private void wake() {
    if (open.get() > 0 && woken.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            woken.set(false);
            pass();
          });
    }
  }

  private void pass() {
    for (Map.Entry<JobUpdateKey, Watched> each : ImmutableList.copyOf(watched.entrySet())) {
      Watched update = each.getValue();
      refresh(each.getKey(), update);
      ImmutableList.copyOf(update.streams).forEach(stream -> advance(update, stream));
    }
  }

  /** Looks the update up in the newest State. */
  private void refresh(JobUpdateKey key, Watched update) {
    State state = replica.durable();
    UpdateRecord record = state.updates().get(key);
    // A follower may fall back to a snapshot, perhaps one from before the update.
    if (record != null || state.transaction() >= update.knownAt) {
      update.newest = record;
      update.knownAt = state.transaction();
    }
  }

  /** A defect met by one stream is not for the others to suffer. */
  private static void advance(Watched update, UpdateStream stream) {
    try {
      if (update.newest == null) {
        stream.prune();
      } else {
        stream.advance(update.newest);
      }
    } catch (RuntimeException defect) {
      LOG.error("A stream of {} cannot go on", StreamRequest.nameOf(stream.key()), defect);
      stream.close();
    }
  }

  private void armLook() {
    if (!looking && !watched.isEmpty()) {
      looking = true;
      var unused =
          loop.schedule(
              look,
              () -> {
                looking = false;
                all().forEach(UpdateStream::look);
                armLook();
              });
    }
  }

  private ImmutableList<UpdateStream> all() {
    return watched.values().stream()
        .flatMap(update -> update.streams.stream())
        .collect(ImmutableList.toImmutableList());
  }

  private final class StreamOwner implements UpdateStream.Owner {
    @Override
    public void onTaken(UpdateStream stream) {
      Watched update = watched.get(stream.key());
      if (update != null) {
        advance(update, stream);
      }
    }

    @Override
    public void onOver(UpdateStream stream, boolean tooSlow) {
      open.decrementAndGet();
      if (tooSlow) {
        slow.increment();
      }
      Watched update = watched.get(stream.key());
      if (update != null && update.streams.remove(stream) && update.streams.isEmpty()) {
        watched.remove(stream.key());
      }
    }
  }
}
