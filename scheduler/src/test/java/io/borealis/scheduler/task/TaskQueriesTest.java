package io.borealis.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.task.TaskQueries.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

/** What a query means and by which index it is answered (query rules, section 7), a row each. */
@RunWith(Parameterized.class)
public class TaskQueriesTest {
  private static final JobKey CART = new JobKey("shop", "prod", "cart");
  private static final JobKey TEST = new JobKey("shop", "test", "cart");
  private static final JobKey BOOKS = new JobKey("bank", "prod", "books");
  private static final Set<ScheduleStatus> ENDED =
      Set.of(ScheduleStatus.FAILED, ScheduleStatus.FINISHED);

  /**
   * @param matches the meaning, said again for one task
   */
  private record Case(
      UnaryOperator<TaskQuery.Builder> query, Index index, Predicate<ScheduledTask> matches) {
    TaskQuery build() {
      return query.apply(TaskQuery.builder()).build();
    }

    @Override
    public String toString() {
      return build().toString();
    }
  }

  private final Case example;

  public TaskQueriesTest(Case example) {
    this.example = example;
  }

  @Parameterized.Parameters(name = "{index}")
  public static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    add(cases, q -> q, Index.ALL, t -> true);
    add(cases, q -> q.role(" ").slaveHosts(ImmutableSet.of()), Index.ALL, t -> true);
    add(cases, q -> q.role("shop"), Index.ROLE, t -> role(t, "shop"));
    add(cases, q -> q.role("nobody"), Index.ROLE, t -> false);
    add(
        cases,
        q -> q.role("shop").statuses(ImmutableSet.of(ScheduleStatus.RUNNING)),
        Index.ROLE,
        t -> role(t, "shop") && t.status() == ScheduleStatus.RUNNING);
    add(
        cases,
        q -> q.role("shop").statuses(ENDED),
        Index.ROLE,
        t -> role(t, "shop") && ENDED.contains(t.status()));
    add(cases, q -> q.role("shop").environment("test"), Index.ROLE, t -> job(t).equals(TEST));
    add(cases, q -> q.role("shop").jobName("cart"), Index.ROLE, t -> role(t, "shop"));
    add(
        cases,
        q -> q.role("shop").environment("prod").jobName("cart"),
        Index.JOB,
        t -> job(t).equals(CART));
    add(
        cases,
        q -> q.role("").environment("prod").jobName("cart"),
        Index.ALL,
        t -> job(t).equals(CART));
    add(cases, q -> q.environment(""), Index.ALL, t -> false);
    add(cases, q -> q.environment("prod"), Index.ALL, t -> !job(t).equals(TEST));
    add(cases, q -> q.jobName("books"), Index.ALL, t -> job(t).equals(BOOKS));
    add(cases, q -> q.jobKeys(ImmutableSet.of(CART, BOOKS)), Index.JOB, t -> !job(t).equals(TEST));
    add(
        cases,
        q -> q.jobKeys(ImmutableSet.of(CART, BOOKS)).role("bank"),
        Index.JOB,
        t -> job(t).equals(BOOKS));
    add(
        cases,
        q -> q.jobKeys(ImmutableSet.of(CART)).role("bank").environment("prod").jobName("books"),
        Index.JOB,
        t -> false);
    add(
        cases,
        q -> q.jobKeys(ImmutableSet.of(CART)).slaveHosts(ImmutableSet.of("b")),
        Index.JOB,
        t -> job(t).equals(CART) && "b".equals(host(t)));
    add(
        cases,
        q -> q.slaveHosts(ImmutableSet.of("a", "nowhere")),
        Index.HOST,
        t -> "a".equals(host(t)));
    add(
        cases,
        q -> q.slaveHosts(ImmutableSet.of("a")).role("shop"),
        Index.HOST,
        t -> "a".equals(host(t)) && role(t, "shop"));
    add(
        cases,
        q -> q.taskIds(ImmutableSet.of("1", "5", "nothing")),
        Index.ID,
        t -> id(t).equals("1") || id(t).equals("5"));
    add(
        cases,
        q -> q.taskIds(ImmutableSet.of("1", "5")).jobKeys(ImmutableSet.of(CART)),
        Index.ID,
        t -> id(t).equals("1"));
    add(
        cases,
        q -> q.statuses(ImmutableSet.of(ScheduleStatus.PENDING)),
        Index.STATUS,
        t -> t.status() == ScheduleStatus.PENDING);
    add(
        cases,
        q -> q.statuses(ImmutableSet.of(ScheduleStatus.PENDING, ScheduleStatus.RUNNING)),
        Index.STATUS,
        t -> !ENDED.contains(t.status()));
    add(cases, q -> q.statuses(ENDED), Index.ALL, t -> ENDED.contains(t.status()));
    add(
        cases,
        q -> q.instanceIds(ImmutableSet.of(1)),
        Index.ALL,
        t -> t.assignedTask().instanceId() == 1);
    return cases;
  }

  private static void add(
      List<Case> cases,
      UnaryOperator<TaskQuery.Builder> query,
      Index index,
      Predicate<ScheduledTask> matches) {
    cases.add(new Case(query, index, matches));
  }

  private static JobKey job(ScheduledTask task) {
    return task.assignedTask().task().job();
  }

  private static boolean role(ScheduledTask task, String role) {
    return role.equals(job(task).role());
  }

  private static String id(ScheduledTask task) {
    return task.assignedTask().taskId();
  }

  private static String host(ScheduledTask task) {
    return task.assignedTask().slaveHost();
  }

  /** Of each job a running, a waiting, a failed and a finished task, on two hosts. */
  private static State state() {
    ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builder();
    int id = 0;
    for (JobKey job : new JobKey[] {CART, TEST, BOOKS}) {
      tasks.add(on("a", Fixtures.task("" + id++, Fixtures.config(job), 0, ScheduleStatus.RUNNING)));
      tasks.add(Fixtures.task("" + id++, Fixtures.config(job), 1, ScheduleStatus.PENDING));
      tasks.add(on("b", Fixtures.task("" + id++, Fixtures.config(job), 0, ScheduleStatus.FAILED)));
      tasks.add(
          on("a", Fixtures.task("" + id++, Fixtures.config(job), 2, ScheduleStatus.FINISHED)));
    }
    return State.EMPTY.apply(new Op.SaveTasks(new SaveTasks(tasks.build())));
  }

  private static ScheduledTask on(String host, ScheduledTask task) {
    return task.toBuilder()
        .assignedTask(task.assignedTask().toBuilder().slaveHost(host).build())
        .build();
  }

  @Test
  public void findsWhatMatchesByTheNarrowestIndex() {
    State state = state();
    TaskQuery query = example.build();

    assertThat(TaskQueries.indexFor(query)).isEqualTo(example.index());
    assertThat(TaskQueries.find(state, query))
        .containsExactlyInAnyOrderElementsOf(
            Iterables.filter(state.tasks().all(), example.matches()::test));
  }

  @Test
  public void offsetAndLimitCutTheSameOrder() {
    State state = state();
    List<ScheduledTask> all = find(state, null, null);

    assertThat(find(state, 0, 0)).isEqualTo(all);
    assertThat(find(state, -1, -1)).isEqualTo(all);
    assertThat(find(state, 1, 1)).isEqualTo(all.stream().skip(1).limit(1).toList());
    assertThat(find(state, 1, null)).isEqualTo(all.stream().skip(1).toList());
    assertThat(find(state, Integer.MAX_VALUE, Integer.MAX_VALUE)).isEmpty();
  }

  private List<ScheduledTask> find(State state, Integer offset, Integer limit) {
    TaskQuery query = example.build().toBuilder().offset(offset).limit(limit).build();
    return ImmutableList.copyOf(TaskQueries.find(state, query));
  }
}
