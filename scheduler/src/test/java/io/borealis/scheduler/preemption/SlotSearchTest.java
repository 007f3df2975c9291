package io.borealis.scheduler.preemption;

import static io.borealis.scheduler.preemption.PreemptionStory.config;
import static io.borealis.scheduler.preemption.PreemptionStory.preemptible;
import static io.borealis.scheduler.preemption.PreemptionStory.preferred;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.Constraint;
import io.borealis.api.HostAttributes;
import io.borealis.api.InstanceKey;
import io.borealis.api.LimitConstraint;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.TaskEvent;
import io.borealis.api.ValueConstraint;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.scheduling.OfferBook;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.tier.TierRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

/** The search for places, on States made by hand (scheduling rules, section 7.2). */
public class SlotSearchTest {
  private static final long NOW = 10_000_000;
  private static final Duration DELAY = Duration.ofMinutes(3);
  private static final long OLD = NOW - DELAY.toMillis();

  private final OfferBook offers = new OfferBook();
  private final ImmutableMap.Builder<String, Claim> claimed = ImmutableMap.builder();
  private final ImmutableMap.Builder<InstanceKey, String> kept = ImmutableMap.builder();
  private State state = State.EMPTY;
  private int ids;

  @Test
  public void groupsTakeTurnsInRunsOfABatch() {
    for (int i = 1; i <= 12; i++) {
      host(i);
      running(i, preemptible("guest", 4));
    }
    pending(preferred("a", 4), 7, OLD);
    pending(preferred("b", 4), 2, OLD);
    assertThat(jobs()).containsExactly("a", "a", "a", "a", "a", "b", "b", "a", "a");
  }

  @Test
  public void eachAgentServesOneTask() {
    host(1);
    for (int i = 0; i < 4; i++) {
      running(1, preemptible("guest", 4));
    }
    pending(preferred("a", 4), 4, OLD);
    assertThat(slots()).containsExactly("a on agent-01 for guest");
    assertThat(find().outcomes())
        .containsExactly(new SlotSearch.Outcome(preferred("a", 4), 1, true));
  }

  @Test
  public void aGroupThatFindsNothingIsDroppedAndOthersAreNot() {
    host(1);
    running(1, preemptible("guest", 4));
    pending(preferred("giant", 5), 1000, OLD - 1);
    pending(preferred("small", 4), 1, OLD);
    assertThat(jobs()).containsExactly("small");
    assertThat(find().outcomes().get(0).failed()).isTrue();
    assertThat(find().outcomes().get(0).found()).isZero();
  }

  @Test
  public void onlyTasksThatWaitedForLongEnoughTakePart() {
    host(1);
    running(1, preemptible("guest", 4));
    pending(preferred("a", 4), 1, OLD + 1);
    assertThat(find().isIdle()).isTrue();
    assertThat(find().nextSinceMs()).isEqualTo(OLD + 1);
    pending(preferred("b", 4), 1, OLD);
    assertThat(jobs()).containsExactly("b");
    assertThat(find().isIdle()).isFalse();
  }

  @Test
  public void thoseWhoAreNotPreemptibleGoFirstThenTheOldest() {
    for (int i = 1; i <= 4; i++) {
      host(i);
      running(i, config("a", "guest", "preemptible", 0, 4));
    }
    pending(config("a", "guest-high", "preemptible", 9, 4), 1, OLD - 50);
    pending(config("a", "late", "preferred", 0, 4), 1, OLD - 1);
    pending(config("a", "early", "preferred", 0, 4), 1, OLD - 2);
    assertThat(jobs()).containsExactly("early", "late", "guest-high");
  }

  @Test
  public void roomThatIsFreeOrAboutToBeIsPromisedFirst() {
    host(1);
    offer(1, 4);
    host(2);
    leaving(2, preemptible("going", 4));
    host(3);
    running(3, preemptible("guest", 4));
    pending(preferred("a", 4), 2, OLD);
    assertThat(slots()).as("two places come without doing anything").isEmpty();
    pending(preferred("a", 4), 1, OLD);
    assertThat(slots()).containsExactly("a on agent-03 for guest");
  }

  @Test
  public void whereRoomIsPromisedNobodyElseHasToLeave() {
    host(1);
    leaving(1, preemptible("going", 4));
    running(1, preemptible("guest", 8));
    pending(preferred("a", 4), 2, OLD);
    assertThat(slots()).isEmpty();
  }

  @Test
  public void claimsCountForTheirGroupAndCloseTheirAgents() {
    host(1);
    running(1, preemptible("guest", 4));
    host(2);
    running(2, preemptible("guest", 4));
    pending(preferred("a", 4), 2, OLD);
    claimed.put("agent-01", new Claim(preferred("a", 4), "any", "host-01"));
    assertThat(slots()).containsExactly("a on agent-02 for guest");
    pending(preferred("b", 4), 1, OLD - 1);
    assertThat(jobs()).containsExactly("b");
  }

  @Test
  public void keptAgentsAndKeptInstancesAreLeftOut() {
    host(1);
    running(1, preemptible("guest", 4));
    pending(preferred("a", 4), 1, OLD);
    kept.put(new InstanceKey(preferred("other", 1).job(), 3), "agent-01");
    assertThat(slots()).isEmpty();
    host(2);
    running(2, preemptible("guest", 4));
    assertThat(jobs()).containsExactly("a");
    kept.put(new InstanceKey(preferred("a", 4).job(), 0), "agent-09");
    assertThat(find().isIdle()).isTrue();
  }

  @Test
  public void hostsThatAreNotKnownAreCounted() {
    running(1, preemptible("guest", 4));
    pending(preferred("a", 4), 1, OLD);
    assertThat(slots()).isEmpty();
    assertThat(find().withoutAttributes()).isEqualTo(1);
  }

  @Test
  public void theFilterIsTheUsualOne() {
    host(1, MaintenanceMode.DRAINING);
    host(2, MaintenanceMode.DRAINED);
    host(3, MaintenanceMode.NONE, "dedicated", "x/y");
    host(4, MaintenanceMode.NONE, "zone", "north");
    host(5, MaintenanceMode.SCHEDULED, "zone", "south");
    for (int i = 1; i <= 5; i++) {
      running(i, preemptible("guest", 4));
    }
    pending(constrained(preferred("a", 4), value("zone", "south")), 2, OLD);
    assertThat(slots()).containsExactly("a on agent-05 for guest");
    pending(preferred("b", 4), 9, OLD);
    assertThat(slots()).containsExactly("a on agent-05 for guest", "b on agent-04 for guest");
  }

  @Test
  public void limitsCountWhatIsPlannedAndClaimed() {
    for (int i = 1; i <= 6; i++) {
      host(i, MaintenanceMode.NONE, "rack", i <= 3 ? "r1" : "r2");
      running(i, preemptible("guest", 4));
    }
    TaskConfig limited = constrained(preferred("a", 4), limit("rack", 2));
    pending(limited, 9, OLD);
    assertThat(slots())
        .containsExactly(
            "a on agent-01 for guest",
            "a on agent-02 for guest",
            "a on agent-04 for guest",
            "a on agent-05 for guest");
    claimed.put("agent-06", new Claim(limited, "any", "host-06"));
    assertThat(slots())
        .containsExactly(
            "a on agent-01 for guest", "a on agent-02 for guest", "a on agent-04 for guest");
  }

  @Test
  public void limitsAreJudgedAsIfTheVictimsWereGone() {
    host(1, MaintenanceMode.NONE, "rack", "r1");
    TaskConfig old = config("a", "same", "preferred", 1, 4);
    running(1, old);
    TaskConfig better = constrained(config("a", "same", "preferred", 2, 4), limit("rack", 1));
    pending(better, 1, OLD);
    assertThat(slots()).containsExactly("same on agent-01 for same");
  }

  @Test
  public void theOrderOfAgentsIsThatOfTheirHosts() {
    for (int i : new int[] {3, 1, 2}) {
      host(i);
      running(i, preemptible("guest", 4));
    }
    pending(preferred("a", 4), 3, OLD);
    assertThat(slots())
        .containsExactly(
            "a on agent-01 for guest", "a on agent-02 for guest", "a on agent-03 for guest");
    assertThat(find()).isEqualTo(find());
  }

  @Test
  public void anAgentThatIsAboutToGoIntoMaintenanceIsAvoided() {
    host(1);
    running(1, preemptible("guest", 4));
    offers.add(
        new Offer(
            "o1",
            "agent-01",
            "host-01",
            ResourceVector.of(1, 1, 1, 0),
            ImmutableList.of(),
            ImmutableList.of(),
            NOW),
        1);
    pending(preferred("a", 4), 1, OLD);
    assertThat(slots()).isEmpty();
  }

  private SlotSearch.Answer find() {
    return new SlotSearch(
            TierRegistry.stock(),
            config -> Demand.firm(ResourceVector.of(config)),
            Matcher.create(),
            DELAY,
            5)
        .find(
            new SlotSearch.Question(
                state,
                offers.held(),
                offers.known(),
                kept.buildKeepingLast(),
                claimed.buildKeepingLast(),
                NOW));
  }

  private List<String> jobs() {
    return find().slots().stream().map(slot -> slot.config().job().name()).toList();
  }

  private List<String> slots() {
    return find().slots().stream()
        .map(
            slot ->
                slot.config().job().name()
                    + " on "
                    + slot.agentId()
                    + " for "
                    + String.join(
                        ",",
                        slot.victims().stream()
                            .map(id -> state.tasks().get(id).assignedTask().task().job().name())
                            .toList()))
        .toList();
  }

  private void host(int number) {
    host(number, MaintenanceMode.NONE);
  }

  private void host(int number, MaintenanceMode mode, String... attributes) {
    ImmutableSet.Builder<Attribute> all = ImmutableSet.builder();
    for (int i = 0; i < attributes.length; i += 2) {
      all.add(new Attribute(attributes[i], ImmutableSet.of(attributes[i + 1])));
    }
    state =
        state.apply(
            new Op.SaveHostAttributes(
                new SaveHostAttributes(
                    new HostAttributes(
                        name("host", number), all.build(), mode, name("agent", number)))));
  }

  private void offer(int number, double cpus) {
    offers.add(
        new Offer(
            "o" + number,
            name("agent", number),
            name("host", number),
            ResourceVector.of(cpus, 10_000, 10_000, 10),
            ImmutableList.of(),
            ImmutableList.of(),
            null),
        1);
  }

  private void running(int host, TaskConfig config) {
    placed(host, config, ScheduleStatus.RUNNING);
  }

  private void leaving(int host, TaskConfig config) {
    placed(host, config, ScheduleStatus.PREEMPTING);
  }

  private void placed(int host, TaskConfig config, ScheduleStatus status) {
    ScheduledTask task = Fixtures.task("t" + ++ids, config, 1000 + ids, status);
    save(
        task.toBuilder()
            .assignedTask(
                task.assignedTask().toBuilder()
                    .slaveHost(name("host", host))
                    .slaveId(name("agent", host))
                    .build())
            .build());
  }

  private void pending(TaskConfig config, int count, long sinceMs) {
    for (int i = 0; i < count; i++) {
      int instance = state.tasks().ofJob(config.job()).active().size();
      ScheduledTask task =
          Fixtures.task(
              config.job().name() + "-" + instance, config, instance, ScheduleStatus.PENDING);
      save(
          task.toBuilder()
              .taskEvents(
                  ImmutableList.of(
                      TaskEvent.builder()
                          .timestamp(sinceMs)
                          .status(ScheduleStatus.PENDING)
                          .build()))
              .build());
    }
  }

  private void save(ScheduledTask task) {
    state = state.apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }

  private static String name(String what, int number) {
    return "%s-%02d".formatted(what, number);
  }

  private static TaskConfig constrained(TaskConfig config, Constraint constraint) {
    return config.toBuilder().constraints(ImmutableSet.of(constraint)).build();
  }

  private static Constraint value(String name, String value) {
    return new Constraint(
        name, new TaskConstraint.Value(new ValueConstraint(false, ImmutableSet.of(value))));
  }

  private static Constraint limit(String name, int limit) {
    return new Constraint(name, new TaskConstraint.Limit(new LimitConstraint(limit)));
  }
}
