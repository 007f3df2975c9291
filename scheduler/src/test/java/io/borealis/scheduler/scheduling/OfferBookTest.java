package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import org.junit.Test;

public class OfferBookTest {
  private final OfferBook book = new OfferBook();

  @Test
  public void holdsOffersInTheOrderOfHosts() {
    add("c");
    add("a");
    add("b");

    assertThat(book.held()).extracting(held -> held.offer().host()).containsExactly("a", "b", "c");
  }

  @Test
  public void aSecondOfferForAnAgentSendsBothAway() {
    add("a");
    Offer first = Tasks.offer("a", 1);
    Offer second =
        new Offer(
            "more",
            first.agentId(),
            first.host(),
            first.resources(),
            first.ports(),
            first.attributes(),
            null);

    assertThat(book.add(second, 1)).containsExactly("offer-a", "more");
    assertThat(book.held()).isEmpty();
  }

  @Test
  public void aReservedOfferIsNobodyElses() {
    add("a");

    assertThat(book.take("offer-a")).isTrue();
    assertThat(book.take("offer-a")).isFalse();
    assertThat(book.held()).isEmpty();
  }

  @Test
  public void anOfferGivenBackIsHeldAgain() {
    add("a");
    long before = book.arrivals();
    assertThat(book.take("offer-a")).isTrue();

    book.putBack("offer-a");

    assertThat(book.held()).hasSize(1);
    assertThat(book.arrivals()).isGreaterThan(before);
  }

  @Test
  public void anOfferRescindedWhileReservedDoesNotComeBack() {
    add("a");
    assertThat(book.take("offer-a")).isTrue();

    book.remove("offer-a");
    book.putBack("offer-a");

    assertThat(book.held()).isEmpty();
    assertThat(book.known()).isEmpty();
  }

  @Test
  public void anOfferGivenBackAfterAnotherOfItsAgentCameSendsBothAway() {
    add("a");
    assertThat(book.take("offer-a")).isTrue();
    Offer other = Tasks.offer("a", 1);
    assertThat(
            book.add(
                new Offer(
                    "other",
                    other.agentId(),
                    other.host(),
                    other.resources(),
                    other.ports(),
                    other.attributes(),
                    null),
                Long.MAX_VALUE))
        .isEmpty();

    book.putBack("offer-a");

    assertThat(book.held()).isEmpty();
    assertThat(book.takeUnwanted()).containsExactlyInAnyOrder("other", "offer-a");
    assertThat(book.takeUnwanted()).isEmpty();
  }

  @Test
  public void remembersWhatAUsedOfferLeft() {
    add("a");
    assertThat(book.take("offer-a")).isTrue();

    book.used("offer-a", Capacity.ZERO);

    assertThat(book.known()).extracting(Offer::resources).containsExactly(ResourceVector.ZERO);
  }

  @Test
  public void anAgentThatLeftHasNoOffers() {
    add("a");
    add("b");

    book.removeAgent("agent-a");

    assertThat(book.held()).extracting(held -> held.offer().host()).containsExactly("b");
    assertThat(book.known()).hasSize(1);
  }

  @Test
  public void offersExpireAtTheirTime() {
    book.add(Tasks.offer("a", 1), 10);
    book.add(Tasks.offer("b", 1), 20);

    assertThat(book.expire(9)).isEmpty();
    assertThat(book.expire(10)).containsExactly("offer-a");
    assertThat(book.held()).hasSize(1);
  }

  private void add(String host) {
    assertThat(book.add(Tasks.offer(host, 1), Long.MAX_VALUE)).isEmpty();
  }
}
