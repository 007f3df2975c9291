package io.borealis.scheduler.quota;

import static io.borealis.scheduler.quota.RoleStory.between;
import static io.borealis.scheduler.quota.RoleStory.cheap;
import static io.borealis.scheduler.quota.RoleStory.dedicated;
import static io.borealis.scheduler.quota.RoleStory.job;
import static io.borealis.scheduler.quota.RoleStory.limited;
import static io.borealis.scheduler.quota.RoleStory.prod;
import static io.borealis.scheduler.quota.RoleStory.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Range;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

/** The rules of what counts in which bucket (quota rules, 10.2 and 10.3), a row each. */
@RunWith(Parameterized.class)
public class QuotaUsageTest {
  private static final Range TWO = new Range(0, 1);
  private static final Range FOUR = new Range(0, 3);
  private static final TaskConfig WIDE = sized(4, 10, 50);
  private static final TaskConfig TALL = sized(1, 40, 50);

  /**
   * @param usage prodShared, prodDedicated, nonProdShared, nonProdDedicated as cpus/ram/disk; 0
   *     stands for nothing
   */
  private record Case(String name, Consumer<RoleStory> story, String usage) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final Case example;

  public QuotaUsageTest(Case example) {
    this.example = example;
  }

  @Parameterized.Parameters(name = "{0}")
  public static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    add(cases, "an unknown role uses nothing", s -> {}, "0 0 0 0");
    add(cases, "production counts as such", s -> s.running(prod(), 0, 1), "2/20/200 0 0 0");
    add(cases, "the rest apart", s -> s.running(cheap(), 0), "0 0 1/10/100 0");
    add(
        cases,
        "and what runs on dedicated hosts, however they are asked for",
        s ->
            s.running(dedicated(prod(), false), 0)
                .running(dedicated(prod(), true), 1)
                .running(limited(prod()), 2)
                .running(dedicated(cheap(), false), 3),
        "0 3/30/300 0 1/10/100");
    add(
        cases,
        "production left unset is not production",
        s -> s.running(prod().toBuilder().production(null).build(), 0),
        "0 0 1/10/100 0");
    add(
        cases,
        "other roles do not count",
        s -> s.running(prod().toBuilder().job(new JobKey("bank", "prod", "cart")).build(), 0),
        "0 0 0 0");
    for (ScheduleStatus status : ScheduleStatus.values()) {
      boolean active = io.borealis.scheduler.task.TaskStates.isActive(status);
      add(
          cases,
          (active ? "counts when " : "does not count when ") + status,
          s -> s.task(prod(), status, 0),
          active ? "1/10/100 0 0 0" : "0 0 0 0");
    }

    for (JobUpdateStatus status : JobUpdateStatus.values()) {
      boolean active = io.borealis.scheduler.store.UpdateTable.isActive(status);
      add(
          cases,
          "an update that is " + status + (active ? " counts" : " does not count"),
          s -> s.update(between(null, null, prod(), FOUR), status),
          active ? "4/40/400 0 0 0" : "0 0 0 0");
    }
    add(
        cases,
        "an update counts with its larger side, instances outside it as they are",
        s -> s.running(prod(), 0, 1, 7).updating(between(prod(), TWO, prod(), FOUR)),
        "5/50/500 0 0 0");
    // QU-1; AURORA-686, AURORA-768, AURORA-802.
    add(
        cases,
        "of each resource the larger side of an update counts",
        s -> s.running(WIDE, 0, 1).updating(between(WIDE, TWO, TALL, TWO)),
        "8/80/100 0 0 0");
    add(
        cases,
        "an update that adds",
        s -> s.running(WIDE, 0, 1).updating(between(null, null, TALL, new Range(2, 4))),
        "11/140/250 0 0 0");
    add(
        cases,
        "an update that removes counts until it has",
        s -> s.running(WIDE, 0, 1).updating(between(WIDE, new Range(1, 1), null, null)),
        "8/20/100 0 0 0");
    add(
        cases,
        "an update whose instances are gone still counts",
        s -> s.updating(between(WIDE, TWO, TALL, TWO)),
        "8/80/100 0 0 0");
    // QU-2.
    add(
        cases,
        "of an update away from production each side counts in its bucket",
        s -> s.running(prod(), 0, 1).updating(between(prod(), TWO, cheap(), FOUR)),
        "2/20/200 0 4/40/400 0");
    add(
        cases,
        "of an update to production each side counts in its bucket",
        s -> s.running(cheap(), 0, 1).updating(between(cheap(), TWO, prod(), FOUR)),
        "4/40/400 0 2/20/200 0");
    add(
        cases,
        "of an update to dedicated hosts each side counts in its bucket",
        s -> s.updating(between(prod(), TWO, dedicated(prod(), false), FOUR)),
        "2/20/200 4/40/400 0 0");
    add(
        cases,
        "an update of another role does not count",
        s ->
            s.updating(
                between(
                    null,
                    null,
                    prod().toBuilder().job(new JobKey("bank", "prod", "x")).build(),
                    FOUR)),
        "0 0 0 0");

    add(cases, "an idle cron job counts in full", s -> s.cron(prod(), 3), "3/30/300 0 0 0");
    add(
        cases,
        "a running cron job counts once",
        s -> s.cron(prod(), 3).running(prod(), 0, 1, 2),
        "3/30/300 0 0 0");
    add(
        cases,
        "of each resource what a cron job has or may have, whichever is more",
        s -> s.cron(TALL, 2).running(WIDE, 0, 1),
        "8/80/100 0 0 0");
    add(
        cases,
        "tasks of a cron job whose template is of another bucket count in their own",
        s -> s.cron(cheap(), 2).running(prod(), 0, 1, 2),
        "3/30/300 0 2/20/200 0");
    add(
        cases,
        "a run that waits counts with the template it begins with",
        s -> s.cron(prod(), 2).running(prod(), 0, 1).waiting(prod(), 5).cron(prod(), 1),
        "5/50/500 0 0 0");
    add(
        cases,
        "small fractions add up without a rest",
        s -> s.running(sized(0.1, 10, 100), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
        "1/100/1000 0 0 0");
    add(
        cases,
        "a cron job on dedicated hosts counts there",
        s -> s.cron(dedicated(prod(), false), 2).running(cheap(), 0),
        "0 2/20/200 1/10/100 0");
    add(
        cases,
        "jobs add up",
        s ->
            s.running(prod(), 0)
                .running(prod().toBuilder().job(job("other")).build(), 0)
                .cron(prod().toBuilder().job(job("nightly")).build(), 2)
                .updating(between(null, null, prod().toBuilder().job(job("new")).build(), FOUR)),
        "8/80/800 0 0 0");

    TaskConfig huge = sized(1e300, Long.MAX_VALUE / 2, Long.MAX_VALUE);
    add(
        cases,
        "sums stop at the largest number",
        s -> s.running(huge, 0, 1, 2),
        3e300 + "/" + Long.MAX_VALUE + "/" + Long.MAX_VALUE + " 0 0 0");
    add(
        cases,
        "and so do products",
        s -> s.cron(huge, 4000).updating(between(huge, TWO, huge, FOUR)),
        (1e300 * 4000 + 4e300) + "/" + Long.MAX_VALUE + "/" + Long.MAX_VALUE + " 0 0 0");
    return cases;
  }

  private static void add(List<Case> cases, String name, Consumer<RoleStory> story, String usage) {
    cases.add(new Case(name, story, usage));
  }

  @Test
  public void countsEachThingOnceInItsBucket() {
    RoleStory story = new RoleStory();
    example.story().accept(story);

    List<String> usage = new ArrayList<>();
    for (QuotaBucket bucket : QuotaBucket.values()) {
      usage.add(text(QuotaUsage.of(story.state(), RoleStory.ROLE, bucket)));
    }
    assertThat(String.join(" ", usage)).isEqualTo(example.usage());
  }

  private static String text(QuotaAmount amount) {
    if (amount.equals(QuotaAmount.ZERO)) {
      return "0";
    }
    String cpus =
        amount.cpus() == Math.rint(amount.cpus()) && amount.cpus() < 1e6
            ? String.valueOf((long) amount.cpus())
            : String.valueOf(amount.cpus());
    return cpus + "/" + amount.ramMb() + "/" + amount.diskMb();
  }
}
