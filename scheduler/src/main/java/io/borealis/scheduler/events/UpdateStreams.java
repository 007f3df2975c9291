package io.borealis.scheduler.events;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ListMultimap;
import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.EventLoop;
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

  /** A follower is behind by less, so it knows by then what the leader told a client. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Replica replica;
  private final EventLoop loop;
  private final int limit;
  private final Duration look;
  private final Duration patience;
  private final Counter slow;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final UpdateStream.Owner owner = new StreamOwner();
  private volatile boolean serving;

  private final Map<JobUpdateKey, Watched> watched = new HashMap<>();

  /** Who waits for an update that is not known yet. Confined to the loop. */
  private final ListMultimap<JobUpdateKey, CompletableFuture<UpdateRecord>> awaited =
      ArrayListMultimap.create();

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
    this(replica, loop, meters, limit, LOOK, PATIENCE);
  }

  /**
   * The same with a choice of how often clients are looked after.
   *
   * @param patience how long somebody waits for an update that is not known yet
   */
  UpdateStreams(
      Replica replica,
      EventLoop loop,
      MeterRegistry meters,
      int limit,
      Duration look,
      Duration patience) {
    this.replica = replica;
    this.loop = loop;
    this.limit = limit;
    this.look = look;
    this.patience = patience;
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
          awaited.values().forEach(known -> known.cancel(false));
          awaited.clear();
        });
  }

  // ---- Requests --------------------------------------------------------------------------------

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    if (!call.method().equals("GET")) {
      return CompletableFuture.completedFuture(
          HttpReply.text(405, "Method not allowed: " + call.method()).with("Allow", "GET"));
    }
    StreamRequest request;
    try {
      request = StreamRequest.of(call);
    } catch (StreamRequest.UnfitException unfit) {
      return CompletableFuture.completedFuture(HttpReply.text(unfit.status(), unfit.getMessage()));
    }
    if (!serving) {
      return CompletableFuture.completedFuture(
          later("The stored state has not been read yet, or the scheduler stops"));
    } else if (!reserve()) {
      return CompletableFuture.completedFuture(
          later("There are %d streams already, which is --max-event-streams".formatted(limit)));
    }
    UpdateRecord record = replica.durable().updates().get(request.key());
    return record == null
        ? await(request)
        : CompletableFuture.completedFuture(begin(request, record));
  }

  /** The update may be so new that this process has not read of it. */
  private CompletionStage<HttpReply> await(StreamRequest request) {
    CompletableFuture<UpdateRecord> known = new CompletableFuture<>();
    loop.execute(
        () -> {
          awaited.put(request.key(), known);
          var unused = loop.schedule(patience, () -> giveUp(request.key(), known));
          findAwaited();
        });
    return known.handle(
        (record, failure) -> {
          if (record != null) {
            return begin(request, record);
          }
          open.decrementAndGet();
          return HttpReply.text(404, "There is no update " + StreamRequest.nameOf(request.key()));
        });
  }

  /** Begins the stream for which there is room. */
  private HttpReply begin(StreamRequest request, UpdateRecord record) {
    if (request.position().isBeyond(record)) {
      open.decrementAndGet();
      return HttpReply.text(400, "Last-Event-ID: the update has ended and has no such events");
    } else if (request.position().isEnd(record)) {
      open.decrementAndGet();
      return HttpReply.empty(204);
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

  private void giveUp(JobUpdateKey key, CompletableFuture<UpdateRecord> known) {
    if (awaited.remove(key, known)) {
      known.cancel(false);
    }
  }

  private void findAwaited() {
    State state = replica.durable();
    for (JobUpdateKey key : ImmutableSet.copyOf(awaited.keySet())) {
      UpdateRecord record = state.updates().get(key);
      if (record != null) {
        awaited.removeAll(key).forEach(known -> known.complete(record));
      }
    }
  }

  private void pass() {
    findAwaited();
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
