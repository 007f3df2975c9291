package io.borealis.thrift;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Response;
import io.borealis.api.ServerInfo;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The usual interceptors in the order in which they make sense. Pure functions. */
public final class Interceptors {
  private Interceptors() {}

  /**
   * The outermost first: answers of all kinds are stamped, measured and noted, failures are answers
   * by then, and time only runs where an answer is waited for.
   *
   * @param info who gives the answers
   * @param metrics where calls are measured
   * @param audit where changes are noted
   * @param refusal what to answer when this process cannot; empty when it can
   * @param timer runs a task after a delay, unless what it returns is run before
   * @param nanos the monotonic clock
   */
  public static ImmutableList<Interceptor> standard(
      ServerInfo info,
      MeterRegistry metrics,
      AuditLog audit,
      Supplier<Optional<Response>> refusal,
      BiFunction<Duration, Runnable, Runnable> timer,
      LongSupplier nanos) {
    return ImmutableList.of(
        new ServerInfoStamp(info),
        new CallMetrics(metrics, nanos),
        audit,
        new ErrorMapping(),
        new LeaderCheck(refusal),
        new Deadline(timer, nanos));
  }
}
