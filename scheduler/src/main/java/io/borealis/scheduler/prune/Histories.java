package io.borealis.scheduler.prune;

import com.google.common.math.LongMath;
import io.borealis.api.JobKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of each job that have ended, in the order of their ends, and which of all is to be
 * forgotten next. Each step costs the logarithm of the number of jobs. For one thread.
 */
final class Histories {
  private final PrunePolicy policy;
  private final Map<JobKey, History> byJob = new HashMap<>();
  private final TreeSet<History> byDue =
      new TreeSet<>(
          Comparator.<History>comparingLong(history -> history.dueMs)
              .thenComparingLong(history -> history.number));
  private long count;

  /** The tasks of one job. */
  private static final class History {
    final JobKey job;
    final long number;
    final Map<String, Long> ended;
    long dueMs;

    History(JobKey job, long number, Map<String, Long> ended) {
      this.job = job;
      this.number = number;
      this.ended = ended;
    }
  }

  Histories(PrunePolicy policy) {
    this.policy = policy;
  }

  /**
   * Replaces what is known of a job.
   *
   * @param ended when each of its tasks ended, by task id, oldest first; it is not to be used by
   *     others any more
   */
  void put(JobKey job, Map<String, Long> ended) {
    History old = byJob.remove(job);
    if (old != null) {
      byDue.remove(old);
    }
    if (!ended.isEmpty()) {
      History history = new History(job, ++count, ended);
      byJob.put(job, history);
      enter(history);
    }
  }

  /** A task has ended, after all others of its job. */
  void add(JobKey job, String id, long endedMs) {
    History history = byJob.get(job);
    if (history == null) {
      Map<String, Long> ended = new LinkedHashMap<>();
      ended.put(id, endedMs);
      put(job, ended);
    } else {
      byDue.remove(history);
      history.ended.put(id, endedMs);
      enter(history);
    }
  }

  /** A task is gone. */
  void remove(JobKey job, String id) {
    History history = byJob.get(job);
    if (history != null && history.ended.containsKey(id)) {
      byDue.remove(history);
      history.ended.remove(id);
      keep(history);
    }
  }

  /** When the next task is to be forgotten; null when there is none. */
  @Nullable Long nextDueMs() {
    return byDue.isEmpty() ? null : byDue.first().dueMs;
  }

  /** Takes out what is to be forgotten by now, but no more than so many. */
  List<String> takeDue(long nowMs, int most) {
    List<String> due = new ArrayList<>();
    while (due.size() < most && !byDue.isEmpty() && byDue.first().dueMs <= nowMs) {
      History history = byDue.pollFirst();
      Iterator<String> oldest = history.ended.keySet().iterator();
      do {
        due.add(oldest.next());
        oldest.remove();
      } while (due.size() < most && oldest.hasNext() && dueOf(history) <= nowMs);
      keep(history);
    }
    return due;
  }

  private void keep(History history) {
    if (history.ended.isEmpty()) {
      byJob.remove(history.job);
    } else {
      enter(history);
    }
  }

  private void enter(History history) {
    history.dueMs = dueOf(history);
    byDue.add(history);
  }

  /** The oldest of a job is always its next. */
  private long dueOf(History history) {
    long oldest = history.ended.values().iterator().next();
    long minRetention = policy.minRetention().toMillis();
    return LongMath.saturatedAdd(
        oldest,
        history.ended.size() > policy.keptPerJob()
            ? minRetention
            : Math.max(minRetention, policy.threshold().toMillis()));
  }
}
