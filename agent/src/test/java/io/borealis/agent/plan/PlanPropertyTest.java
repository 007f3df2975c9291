package io.borealis.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.Test;

/** Plays random plans to their end, and looks after each event at what has to hold always. */
public final class PlanPropertyTest {
  private static final int PLANS = 2000;
  private static final int LIMIT = 6;

  @Test
  public void whatAPlanPromisesHoldsAfterEveryEvent() {
    int complete = 0;
    int deadlocked = 0;
    int invalid = 0;
    for (int seed = 0; seed < PLANS; seed++) {
      Random random = new Random(seed);
      Story story = new Story(random);
      try {
        if (story.play(random)) {
          complete++;
        } else {
          deadlocked++;
        }
      } catch (InvalidPlanException refused) {
        invalid++;
      } catch (AssertionError | RuntimeException broken) {
        throw new AssertionError("seed " + seed + ": " + story, broken);
      }
    }
    // Every kind of end is told often enough to mean something.
    assertThat(List.of(complete, deadlocked, invalid)).allMatch(count -> count > PLANS / 20);
  }

  /** One plan and what has happened. Confined to its test. */
  private static final class Story {
    private final Map<String, PlannedProcess> processes = new TreeMap<>();
    private final List<List<String>> orders = new ArrayList<>();
    private final Map<String, Set<String>> before = new HashMap<>();
    private final Map<String, Integer> runs = new HashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final Map<String, Long> ends = new HashMap<>();
    private final List<String> events = new ArrayList<>();
    private long now;

    Story(Random random) {
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        String name = "p" + i;
        processes.put(
            name,
            new PlannedProcess(
                name,
                random.nextInt(6) == 0,
                random.nextInt(6) == 0,
                random.nextInt(4),
                Duration.ofNanos(random.nextInt(5))));
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        List<String> order = new ArrayList<>();
        for (int k = random.nextInt(3); k >= 0; k--) {
          order.add("p" + random.nextInt(count + (random.nextInt(20) == 0 ? 1 : 0)));
        }
        if (random.nextInt(8) > 0) {
          order = new ArrayList<>(new TreeSet<>(order));
        }
        orders.add(order);
        for (int k = 1; k < order.size(); k++) {
          before.computeIfAbsent(order.get(k), name -> Sets.newHashSet()).add(order.get(k - 1));
        }
      }
      now = random.nextLong();
    }

    /** Whether it was complete in the end; else it was deadlocked. */
    boolean play(Random random) throws InvalidPlanException {
      Plan plan = Plan.of(processes.values(), orders, LIMIT);
      check(plan);
      while (true) {
        Optional<Duration> wait = plan.untilRunnable(now);
        if (plan.running().isEmpty() && wait.isEmpty()) {
          assertThat(plan.isComplete()).isNotEqualTo(plan.isDeadlocked());
          return plan.isComplete();
        }
        if (wait.isPresent() && (plan.running().isEmpty() || random.nextBoolean())) {
          now += wait.get().toNanos();
          String next = plan.runnable(now).get(0);
          events.add("start " + next);
          mayStart(plan, next);
          plan = plan.started(next);
          assertThat(plan.started(next)).isSameAs(plan);
        } else {
          List<String> running = plan.running().asList();
          if (running.isEmpty()) {
            continue;
          }
          plan = end(plan, running.get(random.nextInt(running.size())), random.nextInt(3));
          now += random.nextInt(4);
        }
        check(plan);
      }
    }

    private void mayStart(Plan plan, String name) {
      assertThat(plan.finished()).containsAll(before.getOrDefault(name, Set.of()));
      assertThat(Sets.intersection(plan.failed(), before.getOrDefault(name, Set.of()))).isEmpty();
      assertThat(runs.getOrDefault(name, 0)).isLessThan(LIMIT);
      if (ends.containsKey(name)) {
        assertThat(now - ends.get(name))
            .isGreaterThanOrEqualTo(processes.get(name).minDuration().toNanos());
      }
    }

    private Plan end(Plan plan, String name, int how) {
      events.add(List.of("success ", "failure ", "loss ").get(how) + name);
      int ended = runs.merge(name, 1, Integer::sum);
      ends.put(name, now);
      PlannedProcess its = processes.get(name);
      Plan next =
          switch (how) {
            case 0 -> plan.succeeded(name, now);
            case 1 -> plan.failed(name, now);
            default -> plan.lost(name, now);
          };
      int failed = how == 1 ? failures.merge(name, 1, Integer::sum) : 0;
      boolean forGood = how == 1 && its.maxFailures() > 0 && failed >= its.maxFailures();
      boolean atLimit = ended >= LIMIT;
      assertThat(next.failed().contains(name)).isEqualTo(atLimit || (forGood && !its.ephemeral()));
      assertThat(next.finished().contains(name))
          .isEqualTo(!atLimit && ((how == 0 && !its.daemon()) || (forGood && its.ephemeral())));
      return next;
    }

    private void check(Plan plan) {
      Set<String> runnable = ImmutableSet.copyOf(plan.runnable(now));
      Set<String> throttled = plan.throttled(now).keySet();
      List<Set<String>> states =
          List.of(plan.running(), plan.finished(), plan.failed(), runnable, throttled);
      for (int i = 0; i < states.size(); i++) {
        for (int k = 0; k < i; k++) {
          assertThat(Sets.intersection(states.get(i), states.get(k))).isEmpty();
        }
      }
      assertThat(plan.isComplete() && plan.isDeadlocked()).isFalse();
      boolean goesOn = !plan.running().isEmpty() || !runnable.isEmpty() || !throttled.isEmpty();
      assertThat(plan.isDeadlocked()).isEqualTo(!goesOn && !plan.isComplete());
      assertThat(plan.untilRunnable(now).isPresent())
          .isEqualTo(!runnable.isEmpty() || !throttled.isEmpty());
      assertThat(plan.isHealthy(0)).isEqualTo(!plan.isDeadlocked());
      int failed = plan.failed().size();
      assertThat(plan.isHealthy(failed + 1)).isEqualTo(!plan.isDeadlocked());
      assertThat(failed > 0 && plan.isHealthy(failed)).isFalse();
    }

    @Override
    public String toString() {
      return processes.values() + " " + orders + " " + events;
    }
  }
}
