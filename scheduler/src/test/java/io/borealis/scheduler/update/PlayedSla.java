package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.codec.Bytes;
import io.borealis.scheduler.sla.CoordinatorHttp;
import io.borealis.scheduler.sla.Coordinators;
import io.borealis.scheduler.sla.Sla;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.store.TestStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What stands behind SLA policies in a scenario: every job is protected, checks are repeated after
 * 1.5, 2.25, … minutes, and the test plays the coordinators. For one thread.
 */
final class PlayedSla implements CoordinatorHttp {
  private static final SlaSettings SETTINGS =
      new SlaSettings(
          0, true, Duration.ofMinutes(1), 10, Duration.ofMinutes(1), Duration.ofMinutes(5), 300);

  private final List<CompletableFuture<Reply>> open = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private CoordinatorHttp coordinators = this;
  private SlaSettings settings = SETTINGS;
  private double random = 0.5;

  Sla of(TestStore store, MeterRegistry meters) {
    open.clear();
    return new Sla(
        settings,
        config -> true,
        new Coordinators(coordinators, store.loop(), "west", settings, meters),
        () -> random);
  }

  /** Checks are repeated after so long; takes effect with the next leader. */
  void retries(Duration least, Duration most, int batchSize, double fraction) {
    settings =
        new SlaSettings(
            0,
            true,
            settings.coordinatorTimeout(),
            settings.maxCoordinated(),
            least,
            most,
            batchSize);
    random = fraction;
  }

  /** Others play the coordinators, and time runs faster; takes effect with the next leader. */
  void playedBy(CoordinatorHttp others, Duration timeout, int batchSize) {
    coordinators = others;
    settings =
        new SlaSettings(
            0, true, timeout, 10, Duration.ofSeconds(1), Duration.ofSeconds(5), batchSize);
  }

  @Override
  public CompletableFuture<Reply> post(URI uri, byte[] body) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    open.add(reply);
    asked.add(uri.getQuery().substring(uri.getQuery().lastIndexOf('/') + 1));
    return reply;
  }

  /** The instances that coordinators were asked about, in this order. */
  List<String> asked() {
    return asked;
  }

  /** The coordinator that was asked first answers. */
  void says(String body) {
    assertThat(open).as("open questions").isNotEmpty();
    CompletableFuture<Reply> reply = open.remove(0);
    reply.complete(new Reply(200, Bytes.copyOf(body.getBytes(StandardCharsets.UTF_8)), true));
  }
}
