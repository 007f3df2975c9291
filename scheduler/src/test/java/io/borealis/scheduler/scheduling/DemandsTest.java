package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.tier.TierRegistry;
import org.junit.Test;

/** Which resources count for which task (scheduling rules, sections 1.1 and 1.2). */
public class DemandsTest {
  private static final ExecutorRegistry EXECUTORS =
      new ExecutorRegistry(ImmutableMap.of("heavy", ResourceVector.of(0.5, 100, 0, 0)));
  private static final Capacity BOTH =
      new Capacity(ResourceVector.of(4, 1000, 500, 7), ResourceVector.of(2, 300, 0, 0));

  @Test
  public void theExecutorIsPartOfTheDemand() {
    Demands demands = demands(true, false);

    assertThat(demands.of(config("preemptible", "heavy")).amounts())
        .isEqualTo(ResourceVector.of(1.5, 116, 16, 0));
    assertThat(demands.of(config("preemptible", "unknown")).amounts())
        .isEqualTo(ResourceVector.of(1, 16, 16, 0));
    TaskConfig without = config("preemptible", "heavy").toBuilder().executorConfig(null).build();
    assertThat(demands.of(without).amounts()).isEqualTo(ResourceVector.of(1, 16, 16, 0));
  }

  @Test
  public void onlyTasksOfARevocableTierAreRevocable() {
    assertThat(demands(true, true).of(config("revocable", "heavy")).revocable()).isTrue();
    assertThat(demands(true, true).of(config("preemptible", "heavy")).revocable()).isFalse();
    assertThat(demands(true, true).of(config("preferred", "heavy")).revocable()).isFalse();
    assertThat(demands(true, true).of(config(null, "heavy")).revocable()).isFalse();
    assertThat(demands(true, true).of(config("gone", "heavy")).revocable()).isFalse();
  }

  /** Section 1.2: rows are what is enabled, columns what a revocable task sees. */
  @Test
  public void aRevocableTaskSeesRevocableResourcesOfTheKindsThatAreAndAllOfTheOthers() {
    assertThat(view(true, false)).isEqualTo(ResourceVector.of(2, 1300, 500, 7));
    assertThat(view(true, true)).isEqualTo(ResourceVector.of(2, 300, 500, 7));
    assertThat(view(false, false)).isEqualTo(ResourceVector.of(6, 1300, 500, 7));
    assertThat(view(false, true)).isEqualTo(ResourceVector.of(6, 300, 500, 7));
  }

  @Test
  public void otherTasksSeeNoneOfThem() {
    assertThat(BOTH.view(Demand.firm(ResourceVector.ZERO))).isEqualTo(BOTH.firm());
    assertThat(BOTH.fits(Demand.firm(ResourceVector.of(4.001, 0, 0, 0)))).isFalse();
    assertThat(BOTH.fits(Demand.firm(ResourceVector.of(4, 0, 0, 0)))).isTrue();
  }

  @Test
  public void whatATaskTakesIsTakenFromWhereItWasSeen() {
    ResourceVector amounts = ResourceVector.of(2, 1100, 1, 1);
    assertThat(BOTH.minus(Demand.firm(ResourceVector.of(1, 1, 1, 1))))
        .isEqualTo(new Capacity(ResourceVector.of(3, 999, 499, 6), BOTH.revocable()));
    assertThat(BOTH.minus(new Demand(amounts, true, true, false)))
        .as("RAM that stays goes first")
        .isEqualTo(new Capacity(ResourceVector.of(4, 0, 499, 6), ResourceVector.of(0, 200, 0, 0)));
  }

  @Test
  public void anOfferIsUsableWithCpusAndRamOfAnySort() {
    assertThat(capacity(0, 1, 0, 0).isUsable()).isFalse();
    assertThat(capacity(1, 0, 0, 0).isUsable()).isFalse();
    assertThat(capacity(1, 1, 0, 0).isUsable()).isTrue();
    assertThat(capacity(0, 1, 1, 0).isUsable()).isTrue();
    assertThat(capacity(1, 0, 0, 1).isUsable()).isTrue();
    assertThat(capacity(0, 0, 1, 0).isUsable()).isFalse();
  }

  private static Capacity capacity(double cpus, long ram, double revocable, long revocableRam) {
    return new Capacity(
        ResourceVector.of(cpus, ram, 0, 0), ResourceVector.of(revocable, revocableRam, 0, 0));
  }

  private static ResourceVector view(boolean cpus, boolean ram) {
    return BOTH.view(demands(cpus, ram).of(config("revocable", "heavy")));
  }

  private static Demands demands(boolean cpus, boolean ram) {
    return new Demands(EXECUTORS, TierRegistry.stock(), cpus, ram);
  }

  private static TaskConfig config(String tier, String executor) {
    return Tasks.config("j", 1, 16).toBuilder()
        .tier(tier)
        .executorConfig(new ExecutorConfig(executor, "data"))
        .build();
  }
}
