package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceKey;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

public class SearchTest {
  private final Matcher matcher = Matcher.create();
  private final OfferBook book = new OfferBook();
  private State state = State.EMPTY;

  @Test
  public void fillsTheFirstHostBeforeTheNext() {
    offer(Tasks.offer("b", 2), Tasks.offer("a", 2));

    assertThat(places(pending(Tasks.config("j", 1, 1), 5)))
        .containsExactly("a:j-0", "a:j-1", "b:j-2", "b:j-3");
  }

  @Test
  public void aLimitHoldsWithinABatch() {
    offer(
        Tasks.offer("a", 9, "rack", "x"),
        Tasks.offer("b", 9, "rack", "x"),
        Tasks.offer("c", 9, "rack", "y"));

    assertThat(places(pending(Tasks.config("j", 1, 1, Tasks.limit("rack", 2)), 9)))
        .containsExactly("a:j-0", "a:j-1", "c:j-2", "c:j-3");
    assertThat(places(pending(Tasks.config("k", 1, 1, Tasks.limit("host", 1)), 9)))
        .containsExactly("a:k-0", "b:k-1", "c:k-2");
  }

  @Test
  public void aLimitCountsWhatRunsAlready() {
    offer(Tasks.offer("a", 9, "rack", "x"), Tasks.offer("b", 9, "rack", "y"));
    TaskConfig config = Tasks.config("j", 1, 1, Tasks.limit("rack", 1));
    ScheduledTask running = Fixtures.task("r", config, 100, ScheduleStatus.RUNNING);
    save(
        running.toBuilder()
            .assignedTask(running.assignedTask().toBuilder().slaveHost("a").build())
            .build());
    state =
        state.apply(
            new Op.SaveHostAttributes(
                new SaveHostAttributes(
                    new io.borealis.api.HostAttributes(
                        "a",
                        ImmutableSet.copyOf(Tasks.offer("a", 1, "rack", "x").attributes()),
                        null,
                        "agent-a"))));

    assertThat(places(pending(config, 3))).containsExactly("b:j-0");
  }

  @Test
  public void twoConfigurationsOfAJobShareItsLimit() {
    offer(Tasks.offer("a", 9));
    List<String> unlimited = pending(Tasks.config("j", 1, 1), 1);
    TaskConfig limited = Tasks.config("j", 2, 1, Tasks.limit("host", 1));
    save(Tasks.pending("limited", limited, 7));
    Search search = search(Affinity.NONE);

    place(search, Tasks.config("j", 1, 1), unlimited, 0);
    Search.Outcome outcome = place(search, limited, List.of("limited"), 0);

    assertThat(outcome.placed()).isEmpty();
  }

  @Test
  public void givesPortsFromTheRangesOfTheOffer() {
    offer(Tasks.offer("a", 9));
    TaskConfig config =
        Tasks.config("j", 1, 1).toBuilder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(1),
                    new Resource.NamedPort("x"),
                    new Resource.NamedPort("y"),
                    new Resource.NamedPort("z")))
            .build();
    Search search = search(Affinity.NONE, pending(config, 4), config);

    List<Integer> ports = new ArrayList<>();
    for (OfferUse.Assignment assignment : search.result().get(0).assignments()) {
      assertThat(assignment.ports().keySet()).containsExactlyInAnyOrder("x", "y", "z");
      ports.addAll(assignment.ports().values());
    }

    assertThat(ports)
        .containsExactly(31000, 31001, 31002, 31003, 31010, 31011, 31012, 31013, 31014);
  }

  @Test
  public void looksOnlyAtNewOffersWhenAsked() {
    offer(Tasks.offer("a", 1));
    long seen = book.arrivals();
    offer(Tasks.offer("b", 1));
    TaskConfig config = Tasks.config("j", 1, 1);
    List<String> ids = pending(config, 2);
    Search search = search(Affinity.NONE);

    assertThat(place(search, config, ids, seen).placed()).containsExactly("j-0");
    assertThat(search.result()).extracting(use -> use.offer().host()).containsExactly("b");
  }

  @Test
  public void anInstanceWithAPlaceOfItsOwnGoesThereOnly() {
    offer(Tasks.offer("a", 1), Tasks.offer("b", 9));
    TaskConfig config = Tasks.config("j", 1, 1);
    Affinity affinity =
        new Affinity() {
          @Override
          public Optional<String> agentFor(InstanceKey instance) {
            return switch (instance.instanceId()) {
              case 0 -> Optional.of("agent-gone");
              case 1 -> Optional.of("agent-b");
              default -> Optional.empty();
            };
          }

          @Override
          public boolean isReserved(String agentId) {
            return agentId.equals("agent-b");
          }
        };
    Search search = search(affinity, pending(config, 4), config);

    assertThat(describe(search)).containsExactlyInAnyOrder("a:j-2", "b:j-1");
  }

  /** The first in the row may find nothing because all there is is kept for those behind it. */
  @Test
  public void whoHasNoPlaceDoesNotStandInTheWayOfThoseForWhomOneIsKept() {
    offer(Tasks.offer("a", 9));
    TaskConfig config = Tasks.config("j", 1, 1);
    Affinity affinity =
        new Affinity() {
          @Override
          public Optional<String> agentFor(InstanceKey instance) {
            return instance.instanceId() < 2 ? Optional.empty() : Optional.of("agent-a");
          }

          @Override
          public boolean isReserved(String agentId) {
            return true;
          }

          @Override
          public boolean keepsAny() {
            return true;
          }
        };
    Search search = search(affinity, pending(config, 4), config);

    assertThat(describe(search)).containsExactly("a:j-2", "a:j-3");
  }

  @Test
  public void reportsTasksThatArePendingNoMore() {
    offer(Tasks.offer("a", 9));
    TaskConfig config = Tasks.config("j", 1, 1);
    save(Fixtures.task("old", config, 0, ScheduleStatus.KILLED));

    Search.Outcome outcome = place(search(Affinity.NONE), config, List.of("old", "gone"), 0);

    assertThat(outcome.stale()).containsExactly("old", "gone");
    assertThat(outcome.placed()).isEmpty();
  }

  @Test
  public void theWorkDoesNotGrowWithTheTasksThatWait() {
    offer(Tasks.offer("a", 1));
    TaskConfig config = Tasks.config("j", 99, 1);
    AtomicInteger asked = new AtomicInteger();
    Affinity counting =
        instance -> {
          asked.incrementAndGet();
          return Optional.empty();
        };

    List<String> ids = pending(config, 1000);
    place(search(counting), config, ids, 0);

    assertThat(asked).hasValue(1);
  }

  /** Where some have to look again, as at an agent that is claimed, others need not. */
  @Test
  public void whoSawAllButTheNewestOfferLooksAtThatAlone() {
    for (int i = 0; i < 100; i++) {
      offer(Tasks.offer("a" + i, 9));
    }
    Claims closed = (agentId, config) -> true;
    TaskGroups groups = new TaskGroups(matcher, SchedulingSettings.DEFAULT);
    for (int i = 0; i < 3; i++) {
      TaskConfig config = Tasks.config("j" + i, 1, 1);
      pending(config, 1).forEach(id -> groups.add(id, config, 0));
    }
    assertThat(looks(groups, closed)).isEqualTo(300);

    offer(Tasks.offer("b", 9));
    assertThat(looks(groups, closed)).isEqualTo(3);
  }

  private long looks(TaskGroups groups, Claims claims) {
    Search search =
        new Search(matcher, Affinity.NONE, claims, state, new SpreadCache(), book, vetoes -> {}, 0);
    SchedulingMeters meters = new SchedulingMeters(new SimpleMeterRegistry(), book);
    new Round(groups, search, meters, book.arrivals(), Duration.ofSeconds(1).toNanos(), 100)
        .run(new LinkedHashSet<>(), Affinity.NONE);
    return search.looks();
  }

  private void offer(Offer... offers) {
    for (Offer offer : offers) {
      assertThat(book.add(offer, Long.MAX_VALUE)).isEmpty();
    }
  }

  private List<String> pending(TaskConfig config, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = config.job().name() + "-" + i;
      save(Tasks.pending(id, config, i));
      ids.add(id);
    }
    return ids;
  }

  private void save(ScheduledTask task) {
    state = state.apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }

  private Search search(Affinity affinity) {
    return new Search(
        matcher, affinity, Claims.NONE, state, new SpreadCache(), book, vetoes -> {}, 0);
  }

  private Search.Outcome place(
      Search search, TaskConfig config, List<String> ids, long arrivedAfter) {
    return search.place(matcher.request(config), ids, search.cursor(arrivedAfter), 100);
  }

  private Search search(Affinity affinity, List<String> ids, TaskConfig config) {
    Search search = search(affinity);
    ids.forEach(id -> search.placeKept(matcher.request(config), id));
    place(search, config, ids, 0);
    return search;
  }

  private List<String> places(List<String> ids) {
    TaskConfig config = state.tasks().get(ids.get(0)).assignedTask().task();
    return describe(search(Affinity.NONE, ids, config));
  }

  private static List<String> describe(Search search) {
    List<String> places = new ArrayList<>();
    for (OfferUse use : search.result()) {
      use.assignments().forEach(task -> places.add(use.offer().host() + ":" + task.taskId()));
    }
    return places;
  }
}
