package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Saves what offers say of their hosts, many in one transaction. Confined to one loop. */
final class HostSaver {
  private static final Logger LOG = LoggerFactory.getLogger(HostSaver.class);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final EventLoop loop;
  private final Clock clock;
  private final Supplier<State> durable;
  private final Writes writes;
  private final Map<String, Offer> waiting = new LinkedHashMap<>();
  private boolean isSaving;

  HostSaver(EventLoop loop, Clock clock, Supplier<State> durable, Writes writes) {
    this.loop = loop;
    this.clock = clock;
    this.durable = durable;
    this.writes = writes;
  }

  /** Saves the host of the offer, unless State has it like that. */
  void save(Offer offer) {
    if (!Placements.hasAttributesOf(durable.get(), offer)) {
      waiting.put(offer.host(), offer);
    }
    submit();
  }

  private void submit() {
    if (isSaving || waiting.isEmpty()) {
      return;
    }
    isSaving = true;
    ImmutableList<Offer> batch = ImmutableList.copyOf(waiting.values());
    waiting.clear();
    var unused =
        writes
            .submit(
                WriteClass.BACKGROUND,
                clock.nanoTime() + DEADLINE.toNanos(),
                transaction -> {
                  batch.forEach(offer -> Placements.saveHost(transaction, offer));
                  return batch.size();
                })
            .whenComplete(
                (count, failure) ->
                    loop.execute(
                        () -> {
                          isSaving = false;
                          if (failure != null) {
                            // Tried again when the next offer comes.
                            LOG.warn("Hosts were not saved: {}", failure.toString());
                            batch.forEach(offer -> waiting.putIfAbsent(offer.host(), offer));
                          } else {
                            submit();
                          }
                        }));
  }
}
