package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.Response;
import io.borealis.api.ResponseDetail;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.update.Explainer;
import io.borealis.scheduler.update.Explanation;
import io.borealis.scheduler.update.LiveView;
import io.borealis.scheduler.update.SlaWait;
import java.time.Duration;
import org.junit.Test;

public class UpdateExplanationsTest {
  private static final TaskConfig NEW = Samples.stored(JOB).toBuilder().priority(7).build();
  private static final JobUpdateKey KEY = new JobUpdateKey(JOB, "update-1");
  private static final JobUpdateQuery ONE = JobUpdateQuery.builder().key(KEY).build();

  private final TestApi test = new TestApi();

  private void start() {
    var unused = test.result(test.api.startJobUpdate(test.call(), Samples.request(NEW, 3), null));
  }

  private Response details(JobUpdateQuery query) {
    return test.get(test.api.getJobUpdateDetails(test.call(), null, query));
  }

  @Test
  public void anUpdateThatIsStillForTenSecondsIsExplainedInAMessage() {
    start();
    test.store.runtimes().advance(Duration.ofMillis(9_999));
    assertThat(details(ONE).details()).as("an update that moves").isEmpty();

    test.store.runtimes().advance(Duration.ofMillis(1));
    assertThat(details(ONE).details()).hasSize(1);
    assertThat(details(ONE).details().get(0).message())
        .startsWith("Not moving: waiting for instance 0 to be RUNNING (PENDING since ")
        .endsWith("because no agent has made an offer)");
  }

  @Test
  public void theMessageOfTheOldFormStaysTheFirst() {
    start();
    test.store.runtimes().advance(Duration.ofMinutes(1));
    Response old = test.get(test.api.getJobUpdateDetails(test.call(), KEY, null));
    assertThat(old.details())
        .hasSize(2)
        .first()
        .isEqualTo(
            new ResponseDetail("The key argument is deprecated, use the query argument instead"));
  }

  @Test
  public void listsAndEndedUpdatesGetNoMessage() {
    start();
    test.store.runtimes().advance(Duration.ofMinutes(1));
    assertThat(test.get(test.api.getJobUpdateSummaries(test.call(), ONE)).details()).isEmpty();
    var unused = test.result(test.api.abortJobUpdate(test.call(), KEY, null));
    test.store.runtimes().advance(Duration.ofMinutes(1));
    assertThat(details(ONE).details()).isEmpty();
    assertThat(test.api.explain(details(ONE))).isEmpty();
  }

  @Test
  public void everyActiveUpdateOfAnAnswerCanBeExplained() {
    start();
    Response summaries =
        test.get(test.api.getJobUpdateSummaries(test.call(), JobUpdateQuery.builder().build()));
    assertThat(test.api.explain(summaries)).extracting(Explanation::key).containsExactly(KEY);
    assertThat(test.api.explain(details(ONE)))
        .extracting(Explanation::reason)
        .containsExactly("TASKS_NOT_PLACED");
    assertThat(test.api.explain(test.get(test.api.getTierConfigs(test.call())))).isEmpty();
  }

  /** It is only a courtesy. */
  @Test
  public void whatCannotBeExplainedIsAnsweredAllTheSame() {
    start();
    test.store.runtimes().advance(Duration.ofMinutes(1));
    LiveView broken =
        new LiveView() {
          @Override
          public Duration sincePulse(JobUpdateKey key) {
            throw new IllegalStateException("Tested defect");
          }

          @Override
          public SlaWait slaWait(JobUpdateKey key, int instance) {
            throw new IllegalStateException("Tested defect");
          }

          @Override
          public String keptAgent(InstanceKey instance) {
            throw new IllegalStateException("Tested defect");
          }

          @Override
          public String hindrance(State state, TaskConfig config) {
            throw new IllegalStateException("Tested defect");
          }
        };
    UpdateExplanations explanations =
        new UpdateExplanations(
            test.store::state, new Explainer(broken, Duration.ofMinutes(15)), test.store.clock());
    Response answer = details(ONE).toBuilder().details(ImmutableList.of()).build();
    assertThat(explanations.with(answer)).isEqualTo(answer);
    assertThat(explanations.of(answer)).isEmpty();
  }
}
