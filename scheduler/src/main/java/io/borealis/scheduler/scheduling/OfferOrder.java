package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.OfferBook.Held;
import java.util.Comparator;

/**
 * The order in which offers are tried (scheduling rules, section 2.3): hosts nearest to maintenance
 * last, then by the keys. No two offers are equal, so none is ever lost. Immutable.
 */
public final class OfferOrder {
  /** By what offers can be ordered, the least first. */
  public enum Key {
    /** Cpus that stay. */
    CPU,
    /** RAM that stays. */
    MEMORY,
    /** Disk that stays. */
    DISK,
    /** Revocable cpus; offers without any come last. */
    REVOCABLE_CPU,
    /** No order that anyone could foretell, but the same for as long as an offer is held. */
    RANDOM
  }

  /** By host alone, so that the first hosts are filled first. */
  public static final OfferOrder BY_HOST = new OfferOrder(ImmutableList.of());

  private final Comparator<Held> comparator;

  /** An order by the keys, the first one counting most. */
  public OfferOrder(ImmutableList<Key> keys) {
    Comparator<Held> order =
        Comparator.comparing(Held::mode)
            .thenComparing(Comparator.comparingLong(OfferOrder::unavailableFrom).reversed());
    for (Key key : keys) {
      order = order.thenComparing(Held::offer, by(key));
    }
    this.comparator =
        order
            .thenComparing(held -> held.offer().host())
            .thenComparing(held -> held.offer().agentId())
            .thenComparing(held -> held.offer().id());
  }

  private static Comparator<Offer> by(Key key) {
    return switch (key) {
      case CPU -> Comparator.comparingLong(offer -> offer.resources().milliCpus());
      case MEMORY -> Comparator.comparingLong(offer -> offer.resources().ramMb());
      case DISK -> Comparator.comparingLong(offer -> offer.resources().diskMb());
      case REVOCABLE_CPU -> Comparator.comparingLong(OfferOrder::revocableCpus);
      case RANDOM ->
          Comparator.comparingInt(
              offer -> Hashing.murmur3_32_fixed().hashUnencodedChars(offer.id()).asInt());
    };
  }

  private static long revocableCpus(Offer offer) {
    long cpus = offer.revocable().milliCpus();
    return cpus == 0 ? Long.MAX_VALUE : cpus;
  }

  private static long unavailableFrom(Held held) {
    Long from = held.offer().unavailableFromMs();
    return from == null ? Long.MAX_VALUE : from;
  }

  Comparator<Held> comparator() {
    return comparator;
  }
}
