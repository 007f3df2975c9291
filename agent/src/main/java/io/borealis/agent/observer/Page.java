package io.borealis.agent.observer;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.observer.TaskIndex.Which;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A part of the list of tasks. Immutable.
 *
 * @param offset of the first; a negative one counts from the end
 * @param num how many at most
 */
record Page(Which which, int offset, int num) {
  private static final int DEFAULT_NUM = 20;
  private static final int MAX_NUM = 1000;

  /** Reads what a path asks for; empty if it makes no sense. */
  static Optional<Page> parse(
      @Nullable String which, @Nullable String offset, @Nullable String num) {
    try {
      Page page =
          new Page(
              which == null ? Which.ALL : Which.valueOf(which.toUpperCase(Locale.ROOT)),
              offset == null ? 0 : Integer.parseInt(offset),
              num == null ? DEFAULT_NUM : Integer.parseInt(num));
      return page.num < 0 || page.num > MAX_NUM ? Optional.empty() : Optional.of(page);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** How it is written. */
  String word() {
    return which.name().toLowerCase(Locale.ROOT);
  }

  /** All that it is a part of. */
  ImmutableList<ObservedTask> all(List<ObservedTask> tasks) {
    return tasks.stream().filter(which::has).collect(ImmutableList.toImmutableList());
  }

  /** The part. */
  ImmutableList<ObservedTask> of(ImmutableList<ObservedTask> all) {
    long first = offset < 0 ? Math.max(0, (long) all.size() + offset) : offset;
    int from = (int) Math.min(first, all.size());
    return all.subList(
        from, Math.min(all.size() - num < from ? all.size() : from + num, all.size()));
  }
}
