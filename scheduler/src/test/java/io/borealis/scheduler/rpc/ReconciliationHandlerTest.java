package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.ExplicitReconciliationSettings;
import io.borealis.api.ResponseCode;
import io.borealis.api.TaskConfig;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

/** Asking the cluster on demand: rules of the API, section 14.4. */
public class ReconciliationHandlerTest {
  private final TestApi api = new TestApi();

  @Test
  public void allTasksWithAnAgentAreAskedFor() {
    TaskConfig unused = api.haveRunning(0, 1, 2);
    api.ok(
        api.api.triggerExplicitTaskReconciliation(
            api.call(), ExplicitReconciliationSettings.builder().build()));
    assertThat(api.asked.stream().map(List::size)).containsExactly(3);
  }

  @Test
  public void theAnswerDoesNotWaitForTheBatches() {
    TaskConfig unused = api.haveRunning(0, 1, 2);
    api.ok(
        api.api.triggerExplicitTaskReconciliation(
            api.call(), ExplicitReconciliationSettings.builder().batchSize(1).build()));
    assertThat(api.asked).hasSize(1);
    api.store.runtimes().advance(Duration.ofSeconds(5));
    assertThat(api.asked).hasSize(2);
    api.store.runtimes().advance(Duration.ofSeconds(5));
    assertThat(api.asked).hasSize(3);
    assertThat(api.meters.counter("reconciliation_explicit_runs").count()).isEqualTo(1);
  }

  @Test
  public void anyTasksAreAskedForByAnEmptyQuestion() {
    api.ok(api.api.triggerImplicitTaskReconciliation(api.call()));
    assertThat(api.asked).containsExactly(List.of());
    assertThat(api.meters.counter("reconciliation_implicit_runs").count()).isEqualTo(1);
  }

  @Test
  public void aBatchOfNothingIsRefused() {
    for (int size : new int[] {0, -1, Integer.MIN_VALUE}) {
      api.invalid(
          api.api.triggerExplicitTaskReconciliation(
              api.call(), ExplicitReconciliationSettings.builder().batchSize(size).build()),
          "Batch size must be greater than zero.");
    }
    api.refused(
        api.api.triggerExplicitTaskReconciliation(api.call(), null),
        ResponseCode.ERROR,
        "settings must be set");
    assertThat(api.asked).isEmpty();
  }
}
