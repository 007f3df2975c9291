package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateState;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.Test;

/** What queries find (update rules, section 3.8). */
public class UpdateReadsTest {
  private final TestApi test = new TestApi();

  private static final JobUpdateKey UNKNOWN = new JobUpdateKey(JOB, "nope");

  private List<String> find(UnaryOperator<JobUpdateQuery.Builder> query) {
    JobUpdateQuery asked = query.apply(JobUpdateQuery.builder()).build();
    Result result = test.result(test.api.getJobUpdateSummaries(test.call(), asked));
    List<String> ids =
        ((Result.GetJobUpdateSummariesResult) result)
            .value().updateSummaries().stream().map(summary -> summary.key().id()).toList();
    Result details = test.result(test.api.getJobUpdateDetails(test.call(), UNKNOWN, asked));
    assertThat(((Result.GetJobUpdateDetailsResult) details).value().detailsList())
        .extracting(one -> one.update().summary().key().id())
        .isEqualTo(ids);
    return ids;
  }

  /** */
  @Test
  public void updatesAreFoundByAllFiltersNewestFirst() {
    JobKey other = new JobKey("bank", "prod", "books");
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ROLLED_FORWARD);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveUpdate(Updates.of(other, "c", NEW, 1), JobUpdateStatus.ABORTED);
    test.haveUpdate(Updates.of(other, "b", NEW, 1), JobUpdateStatus.ROLLING_BACK);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveUpdate(Updates.of(JOB, "d", NEW, 1), JobUpdateStatus.ROLLING_FORWARD);

    assertThat(find(q -> q)).containsExactly("d", "b", "c", "a");
    assertThat(find(q -> q.updateStatuses(ImmutableSet.of()))).hasSize(4);
    assertThat(find(q -> q.role("shop"))).containsExactly("d", "a");
    assertThat(find(q -> q.jobKey(other))).containsExactly("b", "c");
    assertThat(find(q -> q.jobKey(other).role("shop"))).isEmpty();
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "a")))).containsExactly("a");
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "b")))).isEmpty();
    assertThat(find(q -> q.key(new JobUpdateKey(JOB, "a")).role("bank"))).isEmpty();
    assertThat(find(q -> q.key(new JobUpdateKey(null, "a")))).isEmpty();
    assertThat(find(q -> q.user("bob"))).hasSize(4);
    assertThat(find(q -> q.user("eve"))).isEmpty();
    assertThat(find(q -> q.updateStatuses(ImmutableSet.of(JobUpdateStatus.ABORTED))))
        .containsExactly("c");
    assertThat(
            find(
                q ->
                    q.updateStatuses(
                        ImmutableSet.of(JobUpdateStatus.ABORTED, JobUpdateStatus.ROLLING_FORWARD))))
        .containsExactly("d", "c");
    test.refused(
        test.api.getJobUpdateSummaries(test.call(), null),
        ResponseCode.ERROR,
        "jobUpdateQuery must be set");
  }

  /** */
  @Test
  public void offsetAndLimitCutTheResult() {
    test.haveUpdate(Updates.of(JOB, "u1", NEW, 1), JobUpdateStatus.ROLLED_BACK);
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveUpdate(Updates.of(JOB, "u2", NEW, 1), JobUpdateStatus.ABORTED);

    assertThat(find(q -> q.limit(1))).containsExactly("u2");
    assertThat(find(q -> q.limit(2))).containsExactly("u2", "u1");
    assertThat(find(q -> q.limit(3))).containsExactly("u2", "u1");
    assertThat(find(q -> q.limit(Integer.MAX_VALUE))).containsExactly("u2", "u1");
    assertThat(find(q -> q.offset(1))).containsExactly("u1");
    assertThat(find(q -> q.offset(1).limit(Integer.MAX_VALUE))).containsExactly("u1");
    assertThat(find(q -> q.offset(4))).isEmpty();
    assertThat(find(q -> q.offset(Integer.MAX_VALUE).limit(Integer.MAX_VALUE))).isEmpty();
    assertThat(find(q -> q.limit(-5))).containsExactly("u2", "u1");
    JobUpdateQuery negative = JobUpdateQuery.builder().offset(-1).build();
    String refusal = "offset must be non-negative, not -1.";
    test.invalid(test.api.getJobUpdateSummaries(test.call(), negative), refusal);
    test.invalid(test.api.getJobUpdateDetails(test.call(), null, negative), refusal);
  }

  @Test
  public void whatIsReadCountsAsWork() {
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ROLLED_BACK);
    test.haveUpdate(Updates.of(JOB, "b", NEW, 1), JobUpdateStatus.ROLLED_BACK);

    assertThat(find(q -> q)).hasSize(2);

    String workload = "scheduler_thrift_workload_";
    assertThat(test.meters.counter(workload + "getJobUpdateSummaries").count()).isEqualTo(2);
    assertThat(test.meters.counter(workload + "getJobUpdateDetails").count()).isEqualTo(2);
  }

  /** */
  @Test
  public void theStateOfAnUpdateIsDerivedFromItsEvents() {
    JobUpdate update = Updates.of(JOB, "a", NEW, 1);
    JobUpdateState claimed =
        JobUpdateState.builder().status(JobUpdateStatus.ABORTED).createdTimestampMs(1).build();
    test.haveUpdate(
        update.toBuilder().summary(update.summary().toBuilder().state(claimed).build()).build(),
        JobUpdateStatus.ROLLING_FORWARD);
    long created = test.store.clock().wallMillis();
    test.store.runtimes().advance(Duration.ofSeconds(1));
    test.haveEvent(update.summary().key(), 0, JobUpdateAction.INSTANCE_UPDATING);

    Result result =
        test.result(test.api.getJobUpdateSummaries(test.call(), JobUpdateQuery.builder().build()));

    assertThat(((Result.GetJobUpdateSummariesResult) result).value().updateSummaries())
        .extracting(JobUpdateSummary::state)
        .containsExactly(
            JobUpdateState.builder()
                .status(JobUpdateStatus.ROLLING_FORWARD)
                .createdTimestampMs(created)
                .lastModifiedTimestampMs(created + 1000)
                .build());
  }

  /** Q-4; with both arguments the query alone counts, see {@link #find}. */
  @Test
  public void detailsCanBeAskedForByKeyTheOldWay() {
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ROLLED_FORWARD);

    Response answer =
        test.get(test.api.getJobUpdateDetails(test.call(), new JobUpdateKey(JOB, "a"), null));

    TestApi.assertAnswer(
        answer, ResponseCode.OK, "The key argument is deprecated, use the query argument instead");
    JobUpdateDetails details =
        ((Result.GetJobUpdateDetailsResult) answer.result()).value().details();
    assertThat(details.update().summary().state().status())
        .isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
    assertThat(details.updateEvents()).hasSize(1);
    test.invalid(
        test.api.getJobUpdateDetails(test.call(), UNKNOWN, null),
        "Invalid update: shop/prod/cart nope");
    test.refused(
        test.api.getJobUpdateDetails(test.call(), null, null),
        ResponseCode.ERROR,
        "Either key or query must be set.");
  }
}
