package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.TaskConfig;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.store.State;
import java.util.List;
import org.junit.Test;

public class PendingReasonsTest {
  private final OfferBook book = new OfferBook();
  private final PendingReasons reasons =
      new PendingReasons(book, Matcher.create(), new VirtualRuntimes().clock());

  @Test
  public void theMostSuitableHostGivesTheReason() {
    offer("a", 1, "dedicated", "other/db");
    offer("b", 1, "rack", "x");
    offer("c", 4, "rack", "y");
    TaskConfig config = Tasks.config("j", 8, 1, Tasks.value("rack", "x", "y"));

    assertThat(reason(config)).isEqualTo("Insufficient: CPU");
    assertThat(reason(Tasks.config("j", 8, 1, Tasks.value("rack", "z"))))
        .isEqualTo("Constraint not satisfied: rack");
  }

  @Test
  public void severalReasonsAreJoinedWithCommasAlone() {
    offer("a", 1);

    assertThat(reason(Tasks.config("j", 2, 4096))).isEqualTo("Insufficient: RAM,Insufficient: CPU");
  }

  @Test
  public void withoutOffersThereIsNoReason() {
    assertThat(reason(Tasks.config("j", 2, 4096))).isEmpty();
  }

  @Test
  public void aTaskThatFitsHasNoReason() {
    offer("a", 1);
    offer("b", 4);

    assertThat(reason(Tasks.config("j", 2, 16))).isEmpty();
  }

  @Test
  public void whatIsLeftOfAUsedOfferStillExplains() {
    offer("a", 1);
    assertThat(book.take("offer-a")).isTrue();
    book.used("offer-a", new Capacity(ResourceVector.of(0, 1024, 1024, 0), ResourceVector.ZERO));

    assertThat(reason(Tasks.config("j", 1, 16))).isEqualTo("Insufficient: CPU");
  }

  @Test
  public void eachTaskIsAnswered() {
    offer("a", 1);
    TaskConfig config = Tasks.config("j", 2, 1);

    assertThat(
            reasons.of(
                State.EMPTY,
                List.of(Tasks.pending("one", config, 0), Tasks.pending("two", config, 1))))
        .isEqualTo(ImmutableMap.of("one", "Insufficient: CPU", "two", "Insufficient: CPU"));
  }

  @Test
  public void hostsThatAreKeptForOthersHaveNoRoom() {
    offer("a", 1);
    offer("b", 4);
    TaskConfig config = Tasks.config("j", 2, 16);
    ImmutableSet<String> both = ImmutableSet.of("agent-a", "agent-b");

    assertThat(reasons.hindrance(State.EMPTY, config, ImmutableSet.of("agent-a")))
        .isEqualTo("its turn has not come");
    assertThat(reasons.hindrance(State.EMPTY, config, ImmutableSet.of("agent-b")))
        .isEqualTo("hosts with room are kept for other tasks");
    assertThat(reasons.hindrance(State.EMPTY, config, both))
        .isEqualTo("hosts with room are kept for other tasks");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 8, 16), both))
        .isEqualTo("no offer has 8 cpus");
  }

  @Test
  public void hindrancesAreWords() {
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1, 16)))
        .isEqualTo("no agent has made an offer");
    offer("a", 1, "dedicated", "other/db");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1, 16)))
        .isEqualTo("hosts with room are dedicated");
    offer("b", 1, "rack", "x");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1, 16)))
        .isEqualTo("its turn has not come");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 4, 16)))
        .isEqualTo("no offer has 4 cpus");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1.5, 4096)))
        .isEqualTo("no offer has 4096 MB of RAM and 1.5 cpus");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1, 16, Tasks.value("rack", "y"))))
        .isEqualTo("no offer satisfies the constraint rack");
    assertThat(reasons.hindrance(State.EMPTY, Tasks.config("j", 1, 16, Tasks.limit("rack", 0))))
        .isEqualTo("as many tasks of the job as its limit allows share each rack");
  }

  private void offer(String host, double cpus, String... attributes) {
    assertThat(book.add(Tasks.offer(host, cpus, attributes), Long.MAX_VALUE)).isEmpty();
  }

  private String reason(TaskConfig config) {
    return reasons.of(State.EMPTY, List.of(Tasks.pending("t", config, 0))).get("t");
  }
}
