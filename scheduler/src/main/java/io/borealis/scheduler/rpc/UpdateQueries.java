package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Finds updates. Pure. */
final class UpdateQueries {
  /** The update that changed last comes first; the key keeps pages apart when times are equal. */
  private static final Comparator<UpdateRecord> NEWEST_FIRST =
      Comparator.comparingLong(UpdateRecord::modifiedMs)
          .reversed()
          .thenComparing(update -> Identifiers.path(update.key()));

  private UpdateQueries() {}

  /** All updates a query asks for, whatever its offset and limit. */
  static ImmutableList<UpdateRecord> find(State state, JobUpdateQuery query) {
    return Streams.stream(candidates(state, query))
        .filter(update -> matches(update, query))
        .sorted(NEWEST_FIRST)
        .collect(ImmutableList.toImmutableList());
  }

  private static Iterable<UpdateRecord> candidates(State state, JobUpdateQuery query) {
    JobUpdateKey key = query.key();
    if (key != null) {
      UpdateRecord update = key.job() == null ? null : state.updates().get(key);
      return update == null ? ImmutableList.of() : ImmutableList.of(update);
    }
    if (query.jobKey() != null) {
      return state.updates().ofJob(query.jobKey());
    }
    return state.updates().all();
  }

  private static boolean matches(UpdateRecord update, JobUpdateQuery query) {
    return matches(query.role(), update.key().job().role())
        && matches(query.key(), update.key())
        && matches(query.jobKey(), update.key().job())
        && matches(query.user(), update.update().summary().user())
        && (query.updateStatuses().isEmpty() || query.updateStatuses().contains(update.status()));
  }

  private static boolean matches(@Nullable Object wanted, @Nullable Object actual) {
    return wanted == null || wanted.equals(actual);
  }
}
