package io.borealis.scheduler.preemption;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.borealis.scheduler.tier.TierRegistry;
import io.borealis.scheduler.tier.TierRegistry.Tier;
import org.junit.Test;

/** Scheduling rules, section 7.1. */
public class RankTest {
  private static final TierRegistry TIERS =
      new TierRegistry(
          "preemptible",
          ImmutableMap.of(
              "preferred", new Tier(false, false),
              "preemptible", new Tier(true, false),
              "revocable", new Tier(true, true),
              "odd", new Tier(false, true)));

  private record Row(
      String pending, String role, int priority, String victim, String of, int its, boolean may) {}

  private static final ImmutableList<Row> TABLE =
      ImmutableList.of(
          // Who is not preemptible displaces whoever is, whatever the role and the priority.
          new Row("preferred", "a", 0, "preemptible", "a", 0, true),
          new Row("preferred", "a", 0, "preemptible", "b", 0, true),
          new Row("preferred", "a", -5, "preemptible", "b", 99, true),
          new Row("preferred", "a", 0, "revocable", "b", 0, true),
          new Row("odd", "a", 0, "revocable", "b", 7, true),
          // Among those who count as much: in the same role, by priority.
          new Row("preferred", "a", 1, "preferred", "a", 0, true),
          new Row("preferred", "a", 0, "preferred", "a", 0, false),
          new Row("preferred", "a", 0, "preferred", "a", 1, false),
          new Row("preferred", "a", 9, "preferred", "b", 0, false),
          new Row("preferred", "a", 9, "odd", "a", 0, true),
          new Row("odd", "a", 9, "preferred", "a", 0, true),
          new Row("preemptible", "a", 1, "preemptible", "a", 0, true),
          new Row("preemptible", "a", 1, "preemptible", "b", 0, false),
          new Row("preemptible", "a", 0, "preemptible", "a", 0, false),
          new Row("preemptible", "a", 1, "revocable", "a", 0, true),
          new Row("revocable", "a", 1, "preemptible", "a", 0, true),
          new Row("revocable", "a", 0, "preemptible", "a", 1, false),
          // Never the other way.
          new Row("preemptible", "a", 9, "preferred", "a", 0, false),
          new Row("preemptible", "a", 9, "preferred", "b", 0, false),
          new Row("revocable", "a", 9, "preferred", "a", 0, false),
          // A tier that is gone: what the task was validated as.
          new Row("gone, production", "a", 0, "preemptible", "b", 0, true),
          new Row("preferred", "a", 0, "gone", "b", 0, true),
          new Row("gone", "a", 9, "preferred", "a", 0, false),
          new Row("preferred", "a", 9, "gone, production", "b", 0, false));

  @Test
  public void whoMayDisplaceWhom() {
    for (Row row : TABLE) {
      assertThat(
              rank(row.pending, row.role, row.priority)
                  .mayDisplace(rank(row.victim, row.of, row.its)))
          .as(row.toString())
          .isEqualTo(row.may);
    }
  }

  /** So a chain in which each displaces the next ends, however it goes. */
  @Test
  public void nobodyComesBackByDisplacing() {
    ImmutableList.Builder<Rank> ranks = ImmutableList.builder();
    for (boolean preemptible : new boolean[] {false, true}) {
      for (String role : new String[] {"a", "b", "c"}) {
        for (int priority : new int[] {Integer.MIN_VALUE, 0, 1, Integer.MAX_VALUE}) {
          ranks.add(new Rank(preemptible, role, priority));
        }
      }
    }
    for (Rank first : ranks.build()) {
      assertThat(first.mayDisplace(first)).isFalse();
      for (Rank second : ranks.build()) {
        assertThat(first.mayDisplace(second) && second.mayDisplace(first)).isFalse();
        for (Rank third : ranks.build()) {
          if (first.mayDisplace(second) && second.mayDisplace(third)) {
            assertThat(first.mayDisplace(third)).as("%s %s %s", first, second, third).isTrue();
          }
        }
      }
    }
  }

  private static Rank rank(String tier, String role, int priority) {
    String name = tier.replace(", production", "");
    return Rank.of(
        TIERS,
        PreemptionStory.config(role, "j", name, priority, 1).toBuilder()
            .production(tier.equals("preferred") || tier.endsWith("production"))
            .build());
  }
}
