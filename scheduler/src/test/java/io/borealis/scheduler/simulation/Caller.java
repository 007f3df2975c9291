package io.borealis.scheduler.simulation;

import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How somebody calls the API of whoever leads or seems to: one call after the other, over a network
 * that loses answers. For one thread.
 */
final class Caller {
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  /** One method of the API with its arguments. */
  interface Call extends BiFunction<AuroraAdmin, CallContext, CompletionStage<Response>> {}

  private final World world;
  private final Answers answers;
  private final List<SimulatedScheduler> schedulers;
  private final Random random;
  private final String name;
  private boolean busy;

  Caller(World world, Answers answers, List<SimulatedScheduler> schedulers, String name) {
    this.world = world;
    this.answers = answers;
    this.schedulers = schedulers;
    this.random = world.random();
    this.name = name;
  }

  /** Whether it waits for an answer, after which it may go on with what it wanted. */
  boolean isBusy() {
    return busy;
  }

  void attempt(Attempt.Kind kind, @Nullable JobUpdateKey key, Call call, Consumer<Attempt> then) {
    attempt(answers.begin(kind, key), call, then);
  }

  /**
   * Changes something.
   *
   * @param then told how it came out as far as the caller can know
   */
  void attempt(Attempt attempt, Call call, Consumer<Attempt> then) {
    world.trace().say(name, attempt.toString());
    ask(
        random.nextInt(10) < 8 ? advertised() : anybody(),
        attempt.user,
        (api, context) ->
            call.apply(api, context).whenComplete((answer, failure) -> told(attempt, answer)),
        answer -> {
          if (attempt.outcome == Attempt.Outcome.UNKNOWN) {
            told(attempt, answer.orElse(null));
          }
          world
              .trace()
              .say(
                  name,
                  attempt.user
                      + answer
                          .map(given -> " " + given.responseCode() + " " + Answers.text(given))
                          .orElse(" has no answer"));
          then.accept(attempt);
        });
  }

  /** What was said counts even if it is lost on its way. */
  private void told(Attempt attempt, @Nullable Response answer) {
    if (answer != null) {
      world.truth().guard(() -> answers.told(attempt, answer));
    }
  }

  /** Does nothing else until there is an answer, or no hope of one. */
  void ask(SimulatedScheduler callee, String user, Call call, Consumer<Optional<Response>> then) {
    CompletableFuture<Response> answer = new CompletableFuture<>();
    busy = true;
    call(callee, user, call, answer::complete);
    var unused = world.network().schedule(PATIENCE, () -> answer.complete(null));
    var unusedEnd =
        answer.thenAccept(
            response -> {
              busy = false;
              then.accept(Optional.ofNullable(response));
            });
  }

  /** Calls beside what is waited for. */
  void call(SimulatedScheduler callee, String user, Call call, Consumer<Response> answer) {
    world
        .network()
        .schedule(
            latency(),
            () ->
                callee.call(
                    new CallContext(user, user, "10.0.0.1", deadline()),
                    call,
                    response -> {
                      if (!world.isRough() || random.nextInt(50) > 0) {
                        var unused =
                            world.network().schedule(latency(), () -> answer.accept(response));
                      }
                    }));
  }

  private long deadline() {
    long time = random.nextInt(20) == 0 ? 30 : 10_000;
    return world.runtimes().clock().nanoTime() + Duration.ofMillis(time).toNanos();
  }

  private Duration latency() {
    return Duration.ofMillis(1 + random.nextInt(4));
  }

  SimulatedScheduler anybody() {
    return schedulers.get(random.nextInt(schedulers.size()));
  }

  /** Who is said to lead, or anybody. */
  SimulatedScheduler advertised() {
    return world
        .election()
        .leader()
        .flatMap(
            endpoint ->
                schedulers.stream()
                    .filter(scheduler -> scheduler.endpoint().equals(endpoint))
                    .findFirst())
        .orElseGet(this::anybody);
  }
}
