package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.IntMath;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.rpc.CallContext;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Table;
import io.borealis.scheduler.store.UpdateRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries for updates page by page. The order of the first page is kept for those that
 * follow, so that a client meets every update once although they change places meanwhile.
 * Thread-safe; no reader waits for another.
 */
final class UpdateWalks {
  private static final int REMEMBERED = 64;
  private static final long FORGOTTEN_NANOS = Duration.ofSeconds(60).toNanos();

  private final Clock clock;

  /** In the order of their last use. */
  private final AtomicReference<ImmutableMap<Question, Walk>> walks =
      new AtomicReference<>(ImmutableMap.of());

  UpdateWalks(Clock clock) {
    this.clock = clock;
  }

  /**
   * Who asks, and for what.
   *
   * @param query without offset and limit
   */
  private record Question(String user, String remoteAddress, JobUpdateQuery query) {
    static Question of(CallContext call, JobUpdateQuery query) {
      return new Question(
          call.user(), call.remoteAddress(), query.toBuilder().offset(0).limit(0).build());
    }
  }

  /**
   * The answer to a question that is read page by page.
   *
   * @param keys all of it, in the order of the first page
   * @param ends the places in it by the offsets at which pages ended
   */
  private record Walk(
      ImmutableList<JobUpdateKey> keys, Table<Integer, Integer> ends, long usedNanos) {

    /** This walk after a page that ended at an offset. */
    Walk endedAt(int offset, int place) {
      // More ends than updates are nobody's who pages through them.
      return ends.size() > keys.size() ? this : new Walk(keys, ends.with(offset, place), usedNanos);
    }

    Walk usedAt(long nanos) {
      return new Walk(keys, ends, nanos);
    }
  }

  /** The updates of a page. One that is not full is the last, so nothing follows it. */
  ImmutableList<UpdateRecord> page(CallContext call, JobUpdateQuery query, State state) {
    if (query.offset() < 0) {
      throw Refusal.invalid("offset must be non-negative, not " + query.offset() + ".");
    }
    Question question = Question.of(call, query);
    Walk walk = query.offset() == 0 ? null : known(question);
    Integer place = walk == null ? null : walk.ends().get(query.offset());
    if (walk != null && place != null) {
      return next(question, walk, place, query, state);
    }
    ImmutableList<UpdateRecord> all = UpdateQueries.find(state, query);
    ImmutableList<UpdateRecord> page = cut(all, query);
    if (query.offset() == 0 && query.limit() > 0 && page.size() == query.limit()) {
      ImmutableList<JobUpdateKey> keys =
          all.stream().map(UpdateRecord::key).collect(ImmutableList.toImmutableList());
      remember(question, new Walk(keys, Table.empty(), 0), query, page.size(), page.size());
    }
    return page;
  }

  private static ImmutableList<UpdateRecord> cut(
      ImmutableList<UpdateRecord> all, JobUpdateQuery query) {
    int from = Math.min(query.offset(), all.size());
    int to = query.limit() > 0 ? Math.min(all.size() - from, query.limit()) + from : all.size();
    return all.subList(from, to);
  }

  private @Nullable Walk known(Question question) {
    Walk walk = walks.get().get(question);
    return walk == null || isOld(walk, clock.nanoTime()) ? null : walk;
  }

  private static boolean isOld(Walk walk, long nowNanos) {
    return nowNanos - walk.usedNanos() > FORGOTTEN_NANOS;
  }

  private ImmutableList<UpdateRecord> next(
      Question question, Walk walk, int from, JobUpdateQuery query, State state) {
    ImmutableList.Builder<UpdateRecord> page = ImmutableList.builder();
    List<JobUpdateKey> keys = walk.keys();
    int most = query.limit() > 0 ? query.limit() : Integer.MAX_VALUE;
    int place = from;
    int size = 0;
    while (place < keys.size() && size < most) {
      // What was deleted meanwhile makes room for what follows: a short page means the end.
      UpdateRecord update = state.updates().get(keys.get(place++));
      if (update != null) {
        page.add(update);
        size++;
      }
    }
    remember(question, walk, query, size, place);
    return page.build();
  }

  /** Clients go on after as many updates as they got, or as they asked for. */
  private void remember(Question question, Walk walk, JobUpdateQuery query, int size, int place) {
    long now = clock.nanoTime();
    Walk ended = walk.usedAt(now).endedAt(IntMath.saturatedAdd(query.offset(), size), place);
    Walk next =
        size < query.limit()
            ? ended.endedAt(IntMath.saturatedAdd(query.offset(), query.limit()), place)
            : ended;
    walks.updateAndGet(known -> with(known, question, next, now));
  }

  private static ImmutableMap<Question, Walk> with(
      ImmutableMap<Question, Walk> known, Question question, Walk walk, long now) {
    List<Map.Entry<Question, Walk>> kept =
        known.entrySet().stream()
            .filter(each -> !each.getKey().equals(question) && !isOld(each.getValue(), now))
            .toList();
    int surplus = Math.max(0, kept.size() + 1 - REMEMBERED);
    return ImmutableMap.<Question, Walk>builder()
        .putAll(kept.subList(surplus, kept.size()))
        .put(question, walk)
        .buildOrThrow();
  }
}
