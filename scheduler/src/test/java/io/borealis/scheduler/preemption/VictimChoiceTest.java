package io.borealis.scheduler.preemption;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

/** Scheduling rules, section 7.2, a to e. */
public class VictimChoiceTest {
  private static final TierRegistry TIERS = TierRegistry.stock();

  /** A row: what is pending, what is free, who is there, who has to go, largest first. */
  private record Row(
      String what,
      Profile pending,
      Capacity slack,
      ImmutableList<Candidate> there,
      ImmutableList<String> gone) {}

  private static final ImmutableList<Row> TABLE =
      ImmutableList.of(
          row(
              "a: nobody may be displaced",
              preferred(4, 10),
              firm(0, 0),
              there(its("p", preferred(8, 99)))),
          row("nobody is there", preferred(4, 10), firm(0, 0), there()),
          row(
              "b: the one with the most CPU goes first",
              preferred(4, 10),
              firm(0, 0),
              there(its("small", guest(4, 99)), its("large", guest(8, 10))),
              "large"),
          row(
              "b: then RAM decides",
              preferred(4, 10),
              firm(0, 0),
              there(its("less", guest(8, 10)), its("more", guest(8, 20))),
              "more"),
          row(
              "b: those of a higher rank do not count",
              preferred(4, 10),
              firm(0, 0),
              there(its("mighty", preferred(16, 99)), its("guest", guest(4, 10))),
              "guest"),
          row(
              "among equals the least important goes: by priority",
              preferred(4, 10),
              firm(0, 0),
              there(
                  its("a", guest(4, 10, 5)), its("b", guest(4, 10, 1)), its("c", guest(4, 10, 3))),
              "b"),
          row(
              "then by age, the youngest first",
              preferred(4, 10),
              firm(0, 0),
              there(
                  its("a", guest(4, 10), 7), its("b", guest(4, 10), 9), its("c", guest(4, 10), 8)),
              "b"),
          row(
              "then by id",
              preferred(4, 10),
              firm(0, 0),
              there(its("c", guest(4, 10)), its("b", guest(4, 10)), its("d", guest(4, 10))),
              "b"),
          row(
              "b: the CPU of revocable tasks is worthless",
              preferred(4, 10),
              firm(0, 0),
              there(its("revocable", revocable(16, 10)), its("guest", guest(4, 10))),
              "guest"),
          row(
              "b: but not their RAM",
              preferred(4, 10),
              firm(4, 0),
              there(its("revocable", revocable(16, 10))),
              "revocable"),
          row(
              "revocable CPU alone does not help",
              preferred(4, 10),
              firm(0, 0),
              there(its("revocable", revocable(16, 99)))),
          row(
              "c: what is free counts",
              preferred(4, 10),
              firm(3, 10),
              there(its("one", guest(1, 1)), its("two", guest(1, 0))),
              "one"),
          row(
              "e: as many as it takes",
              preferred(6, 10),
              firm(1, 10),
              there(its("a", guest(2, 1)), its("b", guest(2, 2)), its("c", guest(2, 3))),
              "c",
              "b",
              "a"),
          row(
              "e: all of them would not do",
              preferred(9, 10),
              firm(1, 10),
              there(its("a", guest(2, 1)), its("b", guest(2, 2)), its("c", guest(2, 3)))),
          row(
              "who is not needed stays, though it is the largest",
              preferred(4, 50),
              firm(0, 0),
              there(its("cpu", guest(6, 1)), its("ram", guest(5, 60))),
              "ram"),
          row(
              "of those who are not needed the most important stays",
              preferred(4, 50),
              firm(0, 0),
              there(its("a", guest(6, 1, 9)), its("b", guest(5, 1, 0)), its("ram", guest(1, 60))),
              "b",
              "ram"),
          row(
              "a revocable task needs revocable CPU",
              revocable(4, 10, 1),
              firm(0, 0),
              there(its("guest", guest(16, 99, 0)))),
          row(
              "which a revocable one has",
              revocable(4, 10, 1),
              firm(16, 10),
              there(its("guest", guest(16, 99, 0)), its("revocable", revocable(4, 1, 0))),
              "revocable"),
          row(
              "and the RAM of anybody",
              revocable(4, 10, 1),
              new Capacity(ResourceVector.ZERO, ResourceVector.of(4, 0, 0, 0)),
              there(its("guest", guest(1, 10, 0))),
              "guest"));

  @Test
  public void whoHasToGo() {
    for (Row row : TABLE) {
      assertThat(choose(row.pending, row.there, row.slack, (available, gone) -> true))
          .as(row.what)
          .isEqualTo(row.gone);
    }
  }

  /** Nobody of a choice can stay if the others go, whatever they have. */
  @Test
  public void everybodyWhoGoesIsNeeded() {
    java.util.Random random = new java.util.Random(7);
    int chosen = 0;
    for (int i = 0; i < 2_000; i++) {
      Profile pending = preferred(1 + random.nextInt(12), 1 + random.nextInt(40));
      Capacity slack = firm(random.nextInt(3), random.nextInt(10));
      List<Candidate> there = new ArrayList<>();
      for (int k = random.nextInt(7); k >= 0; k--) {
        there.add(its("t" + k, guest(random.nextInt(6), random.nextInt(20), random.nextInt(3))));
      }
      if (slack.fits(pending.demand())) {
        continue;
      }
      there.sort(Candidate.LARGEST_FIRST);
      ImmutableList<Candidate> victims =
          VictimChoice.choose(pending, there, slack, (available, gone) -> true);
      Capacity all = slack;
      for (Candidate each : there) {
        all = all.plus(each.profile().held());
      }
      assertThat(victims.isEmpty()).isEqualTo(!all.fits(pending.demand()));
      for (Candidate spared : victims) {
        Capacity rest = slack;
        for (Candidate other : victims) {
          rest = other.equals(spared) ? rest : rest.plus(other.profile().held());
        }
        assertThat(rest.fits(pending.demand())).isFalse();
        chosen++;
      }
    }
    assertThat(chosen).isPositive();
  }

  @Test
  public void whatTheHostSaysDecides() {
    ImmutableList<Candidate> there = there(its("a", guest(4, 10)), its("b", guest(4, 11)));
    assertThat(choose(preferred(4, 10), there, firm(0, 0), (available, gone) -> false)).isEmpty();
    assertThat(
            choose(
                preferred(4, 10),
                there,
                firm(0, 0),
                (available, gone) -> gone.stream().anyMatch(each -> each.taskId().equals("a"))))
        .containsExactly("a");
  }

  private static List<String> choose(
      Profile pending, List<Candidate> there, Capacity slack, VictimChoice.Admission admission) {
    return VictimChoice.choose(
            pending, ImmutableList.sortedCopyOf(Candidate.LARGEST_FIRST, there), slack, admission)
        .stream()
        .map(Candidate::taskId)
        .toList();
  }

  private static Row row(
      String what,
      Profile pending,
      Capacity slack,
      ImmutableList<Candidate> there,
      String... gone) {
    return new Row(what, pending, slack, there, ImmutableList.copyOf(gone));
  }

  private static ImmutableList<Candidate> there(Candidate... tasks) {
    return ImmutableList.copyOf(tasks);
  }

  private static Candidate its(String id, Profile profile) {
    return its(id, profile, 0);
  }

  private static Candidate its(String id, Profile profile, long sinceMs) {
    return new Candidate(id, profile, sinceMs);
  }

  private static Capacity firm(double cpus, long ramMb) {
    return new Capacity(ResourceVector.of(cpus, ramMb, 0, 0), ResourceVector.ZERO);
  }

  private static Profile preferred(double cpus, long ramMb) {
    return profile("preferred", cpus, ramMb, 0);
  }

  private static Profile guest(double cpus, long ramMb) {
    return guest(cpus, ramMb, 0);
  }

  private static Profile guest(double cpus, long ramMb, int priority) {
    return profile("preemptible", cpus, ramMb, priority);
  }

  private static Profile revocable(double cpus, long ramMb) {
    return revocable(cpus, ramMb, 0);
  }

  private static Profile revocable(double cpus, long ramMb, int priority) {
    return profile("revocable", cpus, ramMb, priority);
  }

  private static Profile profile(String tier, double cpus, long ramMb, int priority) {
    TaskConfig config = PreemptionStory.config("www-data", "j", tier, priority, cpus);
    return Profile.of(
        config,
        Rank.of(TIERS, config),
        new Demand(ResourceVector.of(cpus, ramMb, 0, 0), tier.equals("revocable"), true, false));
  }
}
