package io.borealis.scheduler.rpc;

import com.google.common.base.CharMatcher;
import io.borealis.api.JobKey;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Checks that arguments are there at all; what is missing is answered with ERROR. Stateless. */
final class Arguments {
  private static final String BLANK = "Argument cannot be blank";

  private Arguments() {}

  static <T> T required(@Nullable T value, String name) {
    if (value == null) {
      throw Refusal.error(name + " must be set");
    }
    return value;
  }

  static JobKey requiredJob(@Nullable JobKey job, String name) {
    JobKey key = required(job, name);
    if (!Identifiers.isValid(key)) {
      throw Refusal.error(name + " " + Identifiers.path(key) + " is not a valid job key");
    }
    return key;
  }

  static String notBlank(@Nullable String value) {
    if (isBlank(value)) {
      throw Refusal.error(BLANK);
    }
    return String.valueOf(value);
  }

  static <C extends Collection<?>> C notEmpty(C values) {
    if (values.isEmpty()) {
      throw Refusal.error(BLANK);
    }
    return values;
  }

  static boolean isBlank(@Nullable String value) {
    return value == null || CharMatcher.whitespace().matchesAllOf(value);
  }
}
