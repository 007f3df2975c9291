package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.MaintenanceMode;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.scheduling.OfferOrder.Key;
import org.junit.Test;

public class OfferOrderTest {
  private static final long LONG = Long.MAX_VALUE;

  @Test
  public void offersThatAreEqualByAllKeysAreAllHeld() {
    for (Key key : Key.values()) {
      OfferBook book = book(key);
      for (int host = 0; host < 50; host++) {
        hold(book, Tasks.offer("h" + host, 4), MaintenanceMode.NONE);
      }
      assertThat(book.held()).as(key.name()).hasSize(50);
    }
  }

  @Test
  public void hostsNearestToMaintenanceComeLast() {
    OfferBook book = book(Key.CPU);
    hold(book, Tasks.offer("drained", 1), MaintenanceMode.DRAINED);
    hold(book, Tasks.offer("draining", 2), MaintenanceMode.DRAINING);
    hold(book, Tasks.offer("scheduled", 3), MaintenanceMode.SCHEDULED);
    hold(book, unavailable("soon", 4, 1000), MaintenanceMode.NONE);
    hold(book, unavailable("later", 5, 2000), MaintenanceMode.NONE);
    hold(book, Tasks.offer("large", 7), MaintenanceMode.NONE);
    hold(book, Tasks.offer("small", 6), MaintenanceMode.NONE);

    assertThat(hosts(book))
        .containsExactly("small", "large", "later", "soon", "scheduled", "draining", "drained");
  }

  @Test
  public void theKeysCountInTheirOrder() {
    OfferBook book = book(Key.MEMORY, Key.CPU);
    hold(book, sized("a", 4, 100, 0), MaintenanceMode.NONE);
    hold(book, sized("b", 2, 100, 0), MaintenanceMode.NONE);
    hold(book, sized("c", 8, 50, 0), MaintenanceMode.NONE);

    assertThat(hosts(book)).containsExactly("c", "b", "a");
  }

  @Test
  public void offersWithoutRevocableCpusComeAfterThoseWithAny() {
    OfferBook book = book(Key.REVOCABLE_CPU);
    hold(book, sized("none", 4, 100, 0), MaintenanceMode.NONE);
    hold(book, sized("much", 4, 100, 8), MaintenanceMode.NONE);
    hold(book, sized("little", 4, 100, 1), MaintenanceMode.NONE);

    assertThat(hosts(book)).containsExactly("little", "much", "none");
  }

  @Test
  public void theRandomOrderStaysAsLongAsTheOffers() {
    OfferBook book = book(Key.RANDOM);
    for (int host = 0; host < 20; host++) {
      hold(book, Tasks.offer("h" + (10 + host), 4), MaintenanceMode.NONE);
    }
    ImmutableList<String> before = hosts(book);
    assertThat(before).isNotEqualTo(ImmutableList.sortedCopyOf(before));
    book.arriveAgain("agent-h17");
    assertThat(hosts(book)).isEqualTo(before);
  }

  @Test
  public void aChangeOfModeMovesTheOfferAtOnceAndIsNews() {
    OfferBook book = book();
    hold(book, Tasks.offer("a", 4), MaintenanceMode.NONE);
    hold(book, Tasks.offer("b", 4), MaintenanceMode.NONE);
    long seen = book.arrivals();

    book.onHost("a", MaintenanceMode.SCHEDULED);

    assertThat(hosts(book)).containsExactly("b", "a");
    assertThat(book.since(seen)).extracting(held -> held.offer().host()).containsExactly("a");
    assertThat(book.since(0)).hasSize(2);
  }

  @Test
  public void theModeOfAReservedOfferIsKnownWhenItComesBack() {
    OfferBook book = book();
    hold(book, Tasks.offer("a", 4), MaintenanceMode.NONE);
    hold(book, Tasks.offer("b", 4), MaintenanceMode.NONE);
    assertThat(book.take("offer-a")).isTrue();

    book.onHost("a", MaintenanceMode.DRAINING);
    book.putBack("offer-a");

    assertThat(hosts(book)).containsExactly("b", "a");
  }

  private static OfferBook book(Key... keys) {
    return new OfferBook(new OfferOrder(ImmutableList.copyOf(keys)));
  }

  private static void hold(OfferBook book, Offer offer, MaintenanceMode mode) {
    assertThat(book.add(offer, LONG, mode)).isEmpty();
  }

  private static ImmutableList<String> hosts(OfferBook book) {
    return book.held().stream()
        .map(held -> held.offer().host())
        .collect(ImmutableList.toImmutableList());
  }

  private static Offer sized(String host, double cpus, long ramMb, double revocableCpus) {
    return Tasks.offer(host, 1)
        .with(
            new Capacity(
                ResourceVector.of(cpus, ramMb, 1, 0), ResourceVector.of(revocableCpus, 0, 0, 0)));
  }

  private static Offer unavailable(String host, double cpus, long fromMs) {
    Offer offer = Tasks.offer(host, cpus);
    return new Offer(
        offer.id(),
        offer.agentId(),
        host,
        offer.resources(),
        offer.ports(),
        offer.attributes(),
        fromMs);
  }
}
