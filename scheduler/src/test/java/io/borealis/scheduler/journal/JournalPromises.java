package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What a journal promises all processes that share it, held against what they see: one order for
 * everybody, nothing twice, nothing there that was refused, nothing gone that was acknowledged.
 * Appends are known by numbers. For one thread.
 */
final class JournalPromises {
  /** How an append ended. */
  private enum Outcome {
    DURABLE,
    NOT_APPENDED,
    UNKNOWN
  }

  /** Everything any process has seen as durable, in order. */
  private final List<Integer> truth = new ArrayList<>();

  private final Set<Integer> known = new HashSet<>();
  private final Map<Integer, Outcome> outcomes = new HashMap<>();
  private int lastId;
  private @Nullable Throwable broken;

  /** A number for an append that is about to be tried. */
  int begin() {
    return ++lastId;
  }

  int last() {
    return lastId;
  }

  /** An append has ended, well or with this failure. */
  void ended(int id, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    Outcome outcome =
        cause == null
            ? Outcome.DURABLE
            : cause instanceof OutcomeUnknownException ? Outcome.UNKNOWN : Outcome.NOT_APPENDED;
    assertThat(outcomes.put(id, outcome)).as("append %s ended before", id).isNull();
    if (outcome == Outcome.NOT_APPENDED) {
      assertThat(known).as("append %s is there although refused", id).doesNotContain(id);
    }
  }

  /** Who waited for these has died. */
  void abandoned(Collection<Integer> ids) {
    ids.forEach(id -> outcomes.put(id, Outcome.UNKNOWN));
  }

  boolean isDurable(int id) {
    return outcomes.get(id) == Outcome.DURABLE;
  }

  boolean isPending(int id) {
    return id > 0 && !outcomes.containsKey(id);
  }

  /** A process has all of this, in this order. */
  void seen(List<Integer> log) {
    int common = Math.min(log.size(), truth.size());
    assertThat(log.subList(0, common)).as("two logs").isEqualTo(truth.subList(0, common));
    for (int id : log.subList(common, log.size())) {
      assertThat(known.add(id)).as("append %s is there twice", id).isTrue();
      assertThat(outcomes.get(id)).as("append %s", id).isNotEqualTo(Outcome.NOT_APPENDED);
      truth.add(id);
    }
  }

  /** Somebody says there was a time at which this was all. */
  boolean isPast(List<Integer> log) {
    return log.size() <= truth.size() && log.equals(truth.subList(0, log.size()));
  }

  /** At the end a process has this. */
  void seenAtTheEnd(String process, List<Integer> log) {
    assertThat(log).as("the end of %s", process).isEqualTo(truth);
    for (int id = 1; id <= lastId; id++) {
      assertThat(isPending(id)).as("append %s has no end", id).isFalse();
      assertThat(!isDurable(id) || known.contains(id)).as("append %s is kept", id).isTrue();
    }
  }

  /** Remembers what goes wrong in a place where it would be swallowed. */
  void watch(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | AssertionError failure) {
      if (broken == null) {
        broken = failure;
      }
    }
  }

  /** Fails if anything has gone wrong. */
  void check() {
    if (broken != null) {
      throw new AssertionError(broken.getMessage(), broken);
    }
  }
}
