package io.borealis.scheduler.rpc;

import com.google.common.base.CharMatcher;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.store.JobPath;
import org.jspecify.annotations.Nullable;

/** The rules for names of roles, environments, jobs, tiers and users. Stateless. */
final class Identifiers {
  private static final int MAX_LENGTH = 255;
  private static final CharMatcher ALLOWED =
      CharMatcher.inRange('A', 'Z')
          .or(CharMatcher.inRange('a', 'z'))
          .or(CharMatcher.inRange('0', '9'))
          .or(CharMatcher.anyOf("_-."))
          .precomputed();

  private Identifiers() {}

  static boolean isGood(@Nullable String name) {
    return name != null
        && !name.isEmpty()
        && name.length() <= MAX_LENGTH
        && ALLOWED.matchesAllOf(name);
  }

  static boolean isValid(@Nullable JobKey key) {
    return key != null && isGood(key.role()) && isGood(key.environment()) && isGood(key.name());
  }

  /** The key as texts show it: role/environment/name. */
  static String path(@Nullable JobKey key) {
    return JobPath.of(key);
  }

  /** The key as texts show it: role/environment/name, a blank, and the id. */
  static String path(JobUpdateKey key) {
    return path(key.job()) + " " + key.id();
  }
}
