package io.borealis.scheduler.quota;

import static io.borealis.scheduler.quota.RoleStory.between;
import static io.borealis.scheduler.quota.RoleStory.cheap;
import static io.borealis.scheduler.quota.RoleStory.dedicated;
import static io.borealis.scheduler.quota.RoleStory.job;
import static io.borealis.scheduler.quota.RoleStory.limited;
import static io.borealis.scheduler.quota.RoleStory.prod;
import static io.borealis.scheduler.quota.RoleStory.sized;
import static io.borealis.scheduler.quota.RoleStory.template;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

/** The checks of quota (quota rules, 10.4 and 10.5), a row each. */
@RunWith(Parameterized.class)
public class QuotaCheckTest {
  private static final Range TWO = new Range(0, 1);
  private static final Range FOUR = new Range(0, 3);
  private static final String ONE_SHORT =
      "CPU quota exceeded by 1.00 core(s); RAM quota exceeded by 10.00 MB; disk quota exceeded by"
          + " 100.00 MB";

  private record Case(
      String name,
      Consumer<RoleStory> story,
      Function<State, @Nullable QuotaShortage> check,
      @Nullable String shortage) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final Case example;

  public QuotaCheckTest(Case example) {
    this.example = example;
  }

  @Parameterized.Parameters(name = "{0}")
  public static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    tasks(cases, "no quota is none to use", s -> {}, prod(), 1, ONE_SHORT);
    tasks(cases, "just enough", s -> s.quota(3, 30, 300).running(prod(), 0), prod(), 2, null);
    tasks(cases, "one too many", s -> s.quota(3, 30, 300).running(prod(), 0), prod(), 3, ONE_SHORT);
    tasks(cases, "not production", s -> {}, cheap(), 1000, null);
    tasks(cases, "dedicated by value", s -> {}, dedicated(prod(), false), 1000, null);
    tasks(cases, "dedicated by negated value", s -> {}, dedicated(prod(), true), 1000, null);
    tasks(cases, "dedicated by limit", s -> {}, limited(prod()), 1000, null);
    tasks(
        cases,
        "what is not shared production takes none of it",
        s ->
            s.quota(1, 10, 100)
                .running(cheap(), 0)
                .running(dedicated(prod(), false), 1)
                .cron(cheap().toBuilder().job(job("nightly")).build(), 9),
        prod(),
        1,
        null);
    tasks(
        cases,
        "only what is short is named",
        s -> s.quota(9, 15, 900),
        prod(),
        2,
        "RAM quota exceeded by 5.00 MB");
    tasks(
        cases,
        "shares of a CPU add up without a shortage",
        s -> s.quota(0.3, 3, 3),
        sized(0.1, 1, 1),
        3,
        null);
    tasks(
        cases,
        "a small share too many is one",
        s -> s.quota(0.3, 4, 4),
        sized(0.1, 1, 1),
        4,
        "CPU quota exceeded by 0.10 core(s)");
    tasks(
        cases,
        "huge amounts do not wrap around",
        s -> s.quota(9, 1, 900),
        sized(0.001, Long.MAX_VALUE / 2, 1),
        4,
        "RAM quota exceeded by 9223372036854776000.00 MB");
    tasks(
        cases,
        "quota overdrawn already leaves nothing",
        s -> s.quota(0, 0, 0).running(prod(), 0),
        sized(1, 10, 100),
        1,
        "CPU quota exceeded by 2.00 core(s); RAM quota exceeded by 20.00 MB; disk quota exceeded by"
            + " 200.00 MB");

    update(cases, "update to more", s -> s.quota(3, 30, 300), prod(), FOUR, ONE_SHORT);
    update(cases, "update just enough", s -> s.quota(4, 40, 400), prod(), FOUR, null);
    update(
        cases,
        "an update replaces what it covers",
        s -> s.quota(4, 40, 400).running(prod(), 0, 1),
        prod(),
        FOUR,
        null);
    update(
        cases,
        "but not what it leaves alone",
        s -> s.quota(4, 40, 400).running(prod(), 0, 9),
        prod(),
        FOUR,
        ONE_SHORT);
    update(
        cases,
        "a stored update of the job makes way",
        s -> s.quota(4, 40, 400).updating(between(null, null, prod(), FOUR)),
        prod(),
        FOUR,
        null);
    update(cases, "update not to production", s -> {}, cheap(), FOUR, null);
    update(cases, "update to dedicated", s -> {}, dedicated(prod(), false), FOUR, null);
    cases.add(
        new Case(
            "an update that only removes is always in order",
            s -> s.running(prod(), 0, 1),
            state -> QuotaCheck.forUpdate(state, between(prod(), TWO, null, null)),
            null));

    cron(cases, "new cron job", s -> s.quota(1, 10, 100), prod(), 2, ONE_SHORT);
    cron(cases, "new cron job just enough", s -> s.quota(2, 20, 200), prod(), 2, null);
    cron(cases, "cron job not production", s -> {}, cheap(), 2, null);
    cron(
        cases,
        "cron job on dedicated hosts needs quota as well",
        s -> s.quota(1, 10, 100),
        dedicated(prod(), false),
        2,
        ONE_SHORT);
    cron(
        cases,
        "a template replaced makes way",
        s -> s.quota(2, 20, 200).cron(prod(), 2),
        prod(),
        2,
        null);
    cron(
        cases,
        "a larger one needs the difference",
        s -> s.quota(2, 20, 200).cron(prod(), 2),
        prod(),
        3,
        ONE_SHORT);
    cron(
        cases,
        "a template on dedicated hosts makes way for another one there",
        s -> s.quota(2, 20, 200).cron(dedicated(prod(), false), 2),
        dedicated(prod(), false),
        2,
        null);
    cron(
        cases,
        "but not for a shared one",
        s ->
            s.quota(1, 10, 100)
                .cron(dedicated(prod(), false), 1)
                .running(prod().toBuilder().job(job("other")).build(), 0),
        prod(),
        1,
        ONE_SHORT);
    cron(
        cases,
        "one that was not production makes no way",
        s -> s.quota(1, 10, 100).cron(cheap(), 2),
        prod(),
        2,
        ONE_SHORT);
    cron(
        cases,
        "other jobs of the role count",
        s -> s.quota(2, 20, 200).running(prod().toBuilder().job(job("other")).build(), 0),
        prod(),
        2,
        ONE_SHORT);
    return cases;
  }

  private static void tasks(
      List<Case> cases,
      String name,
      Consumer<RoleStory> story,
      TaskConfig config,
      long count,
      @Nullable String shortage) {
    cases.add(new Case(name, story, state -> QuotaCheck.forTasks(state, config, count), shortage));
  }

  private static void update(
      List<Case> cases,
      String name,
      Consumer<RoleStory> story,
      TaskConfig to,
      Range instances,
      @Nullable String shortage) {
    cases.add(
        new Case(
            name,
            story,
            state -> QuotaCheck.forUpdate(state, between(null, null, to, instances)),
            shortage));
  }

  private static void cron(
      List<Case> cases,
      String name,
      Consumer<RoleStory> story,
      TaskConfig config,
      int instances,
      @Nullable String shortage) {
    cases.add(
        new Case(
            name,
            story,
            state -> QuotaCheck.forCron(state, template(config, instances)),
            shortage));
  }

  @Test
  public void saysWhatIsShort() {
    RoleStory story = new RoleStory();
    example.story().accept(story);

    QuotaShortage shortage = example.check().apply(story.state());

    assertThat(shortage == null ? null : shortage.text()).isEqualTo(example.shortage());
  }
}
