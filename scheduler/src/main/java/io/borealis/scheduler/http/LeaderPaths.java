package io.borealis.scheduler.http;

import com.google.common.collect.ImmutableList;
import java.util.regex.Pattern;

/**
 * The paths that only a leader answers, even those where there is nothing (yet): clients and
 * bookmarks are sent to it all the same. Stateless.
 */
public final class LeaderPaths {
  private static final ImmutableList<String> BEGINNINGS =
      ImmutableList.of(
          "/agents",
          "/api",
          "/cron",
          "/maintenance",
          "/mname",
          "/offers",
          "/pendingtasks",
          "/quotas",
          "/slaves",
          "/state",
          "/tiers",
          "/utilization");
  private static final Pattern VIEWS =
      Pattern.compile("/(scheduler|updates|assets/scheduler)(/.*)?", Pattern.DOTALL);

  private LeaderPaths() {}

  /** Whether the path is one of them. */
  public static boolean include(String path) {
    return BEGINNINGS.stream().anyMatch(path::startsWith) || VIEWS.matcher(path).matches();
  }
}
