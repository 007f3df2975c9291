package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableMap;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.metrics.Gauges;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks of usual sizes the held offers have room for (scheduling rules, sections 8 and
 * 11), counted from time to time. Confined to the scheduling loop; any thread may start and close.
 */
public final class SlotStatistics {
  private static final String PREFIX = "empty_slots_";
  private static final ImmutableMap<String, ResourceVector> SIZES =
      ImmutableMap.of(
          "small", ResourceVector.of(1, 1024, 4096, 0),
          "medium", ResourceVector.of(4, 8192, 16384, 0),
          "large", ResourceVector.of(8, 16384, 32768, 0),
          "xlarge", ResourceVector.of(16, 32768, 65536, 0));

  private final Duration interval;
  private final EventLoop loop;
  private final OfferBook offers;
  private final boolean revocableRam;
  private final ImmutableMap<String, AtomicLong> gauges;
  private EventLoop.@Nullable Timer timer;
  private boolean closed;

  /**
   * @param loop the scheduling loop
   * @param revocableRam whether RAM is given out as revocable too
   */
  public SlotStatistics(
      Duration interval,
      EventLoop loop,
      OfferBook offers,
      boolean revocableRam,
      MeterRegistry meters) {
    this.interval = interval;
    this.loop = loop;
    this.offers = offers;
    this.revocableRam = revocableRam;
    ImmutableMap.Builder<String, AtomicLong> all = ImmutableMap.builder();
    for (String name : count().keySet()) {
      AtomicLong value = new AtomicLong();
      Gauges.replace(meters, name, value, AtomicLong::doubleValue);
      all.put(name, value);
    }
    this.gauges = all.buildOrThrow();
  }

  /** Begins to count. */
  public void start() {
    loop.execute(this::arm);
  }

  /** Ends. */
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          if (timer != null) {
            timer.cancel();
          }
        });
  }

  private void arm() {
    if (!closed) {
      timer =
          loop.schedule(
              interval,
              () -> {
                count().forEach((name, slots) -> gauges.get(name).set(slots));
                arm();
              });
    }
  }

  /** The slots by the name of their gauge. */
  private Map<String, Long> count() {
    Map<String, Long> slots = new TreeMap<>();
    for (String dedicated : new String[] {"", "dedicated_"}) {
      for (String revocable : new String[] {"", "revocable_"}) {
        SIZES.keySet().forEach(size -> slots.put(PREFIX + dedicated + revocable + size, 0L));
      }
    }
    for (OfferBook.Held held : offers.held()) {
      String dedicated = held.attributes().containsKey(Matcher.DEDICATED) ? "dedicated_" : "";
      Capacity free = held.offer().capacity();
      SIZES.forEach(
          (size, amounts) -> {
            add(slots, PREFIX + dedicated + size, free.firm(), amounts);
            Demand revocable = new Demand(amounts, true, true, revocableRam);
            add(slots, PREFIX + dedicated + "revocable_" + size, free.view(revocable), amounts);
          });
    }
    return slots;
  }

  private static void add(
      Map<String, Long> slots, String name, ResourceVector free, ResourceVector size) {
    long fitting =
        Math.min(
            free.milliCpus() / size.milliCpus(),
            Math.min(free.ramMb() / size.ramMb(), free.diskMb() / size.diskMb()));
    slots.merge(name, Math.max(0, fitting), Long::sum);
  }
}
