package io.borealis.scheduler.update;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What updates wait for, in words. Pure. */
public final class Sentences {
  /** More instances than these are counted only. */
  private static final int NAMED = 5;

  private Sentences() {}

  /** All of it as one sentence. */
  static String of(
      List<Wait> waits, List<Explanation.Failure> failures, int budget, int working, long nowMs) {
    List<String> parts = new ArrayList<>();
    waits.forEach(wait -> parts.add(of(wait, nowMs)));
    if (waits.isEmpty()) {
      parts.add(working == 0 ? "nothing is under way" : "moving");
    }
    String trouble = trouble(failures, budget);
    if (!trouble.isEmpty()) {
      parts.add(trouble);
    }
    return String.join("; ", parts);
  }

  /** One wait as a clause. */
  public static String of(Wait wait, long nowMs) {
    if (wait instanceof Wait.FirstPulse first) {
      return "awaiting first pulse since " + time(first.sinceMs());
    } else if (wait instanceof Wait.Pulse pulse) {
      return "pulse expired " + duration(pulse.expiredForMs()) + " ago";
    } else if (wait instanceof Wait.Resume pause) {
      return "paused"
          + (pause.user() == null ? "" : " by " + pause.user())
          + (pause.message() == null ? "" : " \"" + pause.message() + "\"")
          + " "
          + ago(pause.sinceMs(), nowMs);
    } else if (wait instanceof Wait.ResumeAfterBatch pause) {
      return "auto-paused after batch %d of %d %s"
          .formatted(pause.batch(), pause.batches(), ago(pause.sinceMs(), nowMs));
    } else if (wait instanceof Wait.Place place) {
      return "waiting for %s to be RUNNING (%s since %s because %s)"
          .formatted(
              instances(place.instances()), place.status(), time(place.sinceMs()), place.because());
    } else if (wait instanceof Wait.Running running) {
      return "waiting for %s to be RUNNING (%s since %s)"
          .formatted(instances(running.instances()), running.status(), time(running.sinceMs()));
    } else if (wait instanceof Wait.End end) {
      return "waiting for the old %s of %s to end (%s since %s)"
          .formatted(
              end.instances().size() == 1 ? "task" : "tasks",
              instances(end.instances()),
              end.status(),
              time(end.sinceMs()));
    } else if (wait instanceof Wait.Sla sla) {
      return "SLA: %s (%s to go since %s)"
          .formatted(
              sla.denial() == null ? "checking" : sla.denial().text(),
              instances(sla.instances()),
              time(sla.sinceMs()));
    } else if (wait instanceof Wait.Watch watch) {
      // What is left is never told as nothing.
      return "watching %s for %s more"
          .formatted(instances(watch.instances()), duration(watch.leftMs() + 999));
    }
    throw new AssertionError(wait);
  }

  private static String trouble(List<Explanation.Failure> failures, int budget) {
    List<Explanation.Failure> failed =
        failures.stream().filter(Explanation.Failure::failed).toList();
    List<String> parts = new ArrayList<>();
    if (!failed.isEmpty()) {
      parts.add(
          "failure budget %d of %d used by %s".formatted(failed.size(), budget, failures(failed)));
    }
    List<Explanation.Failure> shaky =
        failures.stream().filter(failure -> !failure.failed()).toList();
    if (!shaky.isEmpty()) {
      parts.add("retrying " + failures(shaky));
    }
    return String.join("; ", parts);
  }

  private static String failures(List<Explanation.Failure> failures) {
    return instances(
        failures.stream()
            .map(
                failure ->
                    failure.exits() == 0
                        ? String.valueOf(failure.instance())
                        : failure.instance() + " (exited " + times(failure.exits()) + ")"),
        failures.size());
  }

  private static String instances(ImmutableList<Integer> instances) {
    return instances(instances.stream().map(String::valueOf), instances.size());
  }

  private static String instances(Stream<String> names, int size) {
    String noun = size == 1 ? "instance " : "instances ";
    String others = size > NAMED ? " and " + (size - NAMED) + " more" : "";
    return noun + names.limit(NAMED).collect(joining(", ")) + others;
  }

  private static String times(int count) {
    return switch (count) {
      case 1 -> "once";
      case 2 -> "twice";
      default -> count + " times";
    };
  }

  private static String ago(long atMs, long nowMs) {
    return duration(Math.max(0, nowMs - atMs)) + " ago";
  }

  private static String time(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String duration(long ms) {
    long seconds = ms / 1000;
    if (seconds < 120) {
      return seconds + " s";
    } else if (seconds < 7200) {
      return seconds / 60 + " min";
    } else if (seconds < 172_800) {
      return seconds / 3600 + " h";
    }
    return seconds / 86_400 + " days";
  }
}
