package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Range;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

public class QuotaUsageTest {
  private final TestApi test = new TestApi();
  private final TaskConfig preferred =
      new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config)
          .validate(Samples.config().toBuilder().tier("preferred").build(), 1);

  private double cpus() {
    return QuotaUsage.of(test.state(), "shop", QuotaUsage::isProdShared, null).cpus();
  }

  private void have(TaskConfig config, ScheduleStatus status, int... instances) {
    var unused = test.have(config, status, instances);
  }

  @Test
  public void onlyActiveSharedProductionOfTheRoleCounts() {
    have(preferred, ScheduleStatus.PENDING, 0);
    have(preferred, ScheduleStatus.KILLING, 1);
    have(preferred, ScheduleStatus.FAILED, 2);
    have(Samples.stored(JOB), ScheduleStatus.RUNNING, 3);
    have(
        preferred.toBuilder().constraints(ImmutableSet.of(Samples.dedicated("*"))).build(),
        ScheduleStatus.RUNNING,
        4);
    have(
        preferred.toBuilder().job(new JobKey("bank", "prod", "x")).build(),
        ScheduleStatus.RUNNING,
        0);

    assertThat(QuotaUsage.of(test.state(), "shop", QuotaUsage::isProdShared, null))
        .isEqualTo(new QuotaAmount(2, 32, 64));
  }

  @Test
  public void anUpdateCountsWithItsLargerSideAndOtherInstancesAsTheyAre() {
    have(preferred, ScheduleStatus.RUNNING, 0, 1, 7);
    test.haveUpdate(Updates.of(JOB, "u", preferred, 4), JobUpdateStatus.ROLLING_BACK);

    assertThat(cpus()).isEqualTo(5);

    test.haveUpdate(Updates.of(JOB, "u", preferred, 4), JobUpdateStatus.ROLLED_BACK);
    assertThat(cpus()).isEqualTo(3);
  }

  /** QU-1; AURORA-686, AURORA-768, AURORA-802. */
  @Test
  public void ofEachResourceTheLargerSideOfAnUpdateCounts() {
    TaskConfig wide = preferred.toBuilder().resources(Samples.resources(4, 16, 32)).build();
    TaskConfig tall = preferred.toBuilder().resources(Samples.resources(1, 64, 32)).build();
    have(wide, ScheduleStatus.RUNNING, 0, 1);

    // In place: the processors of the old, the memory of the new.
    have(between(wide, new Range(0, 1), tall, new Range(0, 1)));
    assertThat(usage(QuotaUsage::isProdShared)).isEqualTo(new QuotaAmount(8, 128, 64));
    // Adding: what is not in the update counts as it is.
    have(between(null, null, tall, new Range(2, 4)));
    assertThat(usage(QuotaUsage::isProdShared))
        .isEqualTo(new QuotaAmount(8 + 3, 32 + 192, 64 + 96));
    // Removing: the old side until it is gone.
    have(between(wide, new Range(1, 1), null, null));
    assertThat(usage(QuotaUsage::isProdShared)).isEqualTo(new QuotaAmount(8, 32, 64));
  }

  /** QU-2. */
  @Test
  public void inEachClassOnlyTheSideOfThatClassCounts() {
    TaskConfig cheap = Samples.stored(JOB);
    Range two = new Range(0, 1);
    Range four = new Range(0, 3);

    have(between(preferred, two, cheap, four));
    assertThat(cpus()).isEqualTo(2);
    assertThat(usage(config -> !config.production()).cpus()).isEqualTo(4);
    have(between(cheap, two, preferred, four));
    assertThat(cpus()).isEqualTo(4);
    assertThat(usage(config -> !config.production()).cpus()).isEqualTo(2);
  }

  private QuotaAmount usage(Predicate<TaskConfig> counted) {
    return QuotaUsage.of(test.state(), "shop", counted, null);
  }

  private void have(JobUpdate update) {
    test.haveUpdate(update, JobUpdateStatus.ROLLING_FORWARD);
  }

  /** An update from one configuration to another; null stands for no instances. */
  private static JobUpdate between(
      @Nullable TaskConfig old,
      @Nullable Range from,
      @Nullable TaskConfig next,
      @Nullable Range to) {
    JobUpdate update = Updates.of(JOB, "u", Samples.stored(JOB), 1);
    return update.toBuilder()
        .instructions(
            update.instructions().toBuilder()
                .initialState(
                    old == null ? ImmutableSet.of() : ImmutableSet.of(Updates.instances(old, from)))
                .desiredState(next == null ? null : Updates.instances(next, to))
                .build())
        .build();
  }

  @Test
  public void aProposedUpdateCountsAsIfItWereActive() {
    have(preferred, ScheduleStatus.RUNNING, 0, 1);

    assertThat(
            QuotaUsage.of(
                    test.state(),
                    "shop",
                    QuotaUsage::isProdShared,
                    Updates.of(JOB, "u", preferred, 4))
                .cpus())
        .isEqualTo(4);
  }

  @Test
  public void aCronJobCountsWithItsTemplateEvenWhenIdle() {
    test.haveCron(JOB); // Two instances, not production.
    assertThat(cpus()).isZero();
    assertThat(QuotaUsage.of(test.state(), "shop", config -> true, null).cpus()).isEqualTo(2);

    have(preferred, ScheduleStatus.RUNNING, 0, 1, 2);
    assertThat(cpus()).isEqualTo(3);
    assertThat(QuotaUsage.of(test.state(), "shop", config -> true, null).cpus()).isEqualTo(3);
  }

  @Test
  public void roundingOfCpuSharesIsNoShortage() {
    TaskConfig tenth = preferred.toBuilder().resources(Samples.resources(0.1, 1, 1)).build();
    test.haveQuota("shop", 0.3, 3, 3);

    assertThatCode(() -> QuotaCheck.requireForTasks(test.state(), tenth, 3))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> QuotaCheck.requireForTasks(test.state(), tenth, 4))
        .hasMessage(
            "Insufficient resource quota: CPU quota exceeded by 0.10 core(s); RAM quota exceeded"
                + " by 1.00 MB; disk quota exceeded by 1.00 MB");
  }

  @Test
  public void hugeAmountsDoNotWrapAround() {
    TaskConfig huge =
        preferred.toBuilder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(0.001),
                    new Resource.RamMb(Long.MAX_VALUE / 2),
                    new Resource.DiskMb(1)))
            .build();
    test.haveQuota("shop", 100, 1000, 100);

    assertThatThrownBy(() -> QuotaCheck.requireForTasks(test.state(), huge, 4))
        .hasMessageStartingWith("Insufficient resource quota: RAM quota exceeded by ");
  }
}
