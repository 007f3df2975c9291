package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.GetQuotaResult;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import org.junit.Test;

public class QuotaHandlerTest {
  private static final String EXACTLY = "Quota resources must be exactly: [CPUS, RAM_MB, DISK_MB]";

  private TestApi test = new TestApi();

  private CompletionStage<io.borealis.api.Response> set(String role, Resource... resources) {
    // Not a set of the resources only, as two equal ones cannot be sent.
    return test.api.setQuota(
        test.call(), role, new ResourceAggregate(ImmutableSet.copyOf(Arrays.asList(resources))));
  }

  private CompletionStage<io.borealis.api.Response> set(double cpus, long ramMb, long diskMb) {
    return set(
        "shop", new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(diskMb));
  }

  private GetQuotaResult get(String role) {
    return ((Result.GetQuotaResult) test.result(test.api.getQuota(test.call(), role))).value();
  }

  private static ResourceAggregate of(double cpus, long ramMb, long diskMb) {
    return new ResourceAggregate(Samples.resources(cpus, ramMb, diskMb));
  }

  @Test
  public void anUnknownRoleHasAndUsesNothing() {
    ResourceAggregate nothing = of(0, 0, 0);

    assertThat(get("nobody"))
        .isEqualTo(
            GetQuotaResult.builder()
                .quota(nothing)
                .prodSharedConsumption(nothing)
                .nonProdSharedConsumption(nothing)
                .prodDedicatedConsumption(nothing)
                .nonProdDedicatedConsumption(nothing)
                .build());
  }

  @Test
  public void aRoleIsAskedFor() {
    for (String blank : new String[] {null, "", " \t"}) {
      test.refused(
          test.api.getQuota(test.call(), blank), ResponseCode.ERROR, "Argument cannot be blank");
      test.refused(
          test.api.setQuota(test.call(), blank, of(1, 1, 1)),
          ResponseCode.ERROR,
          "Argument cannot be blank");
    }
  }

  @Test
  public void aQuotaIsStoredReplacedAndThereAfterAFailover() {
    test.ok(set(10, 20, 30));
    test.ok(set(0.3, 5, 6));
    assertThat(get("shop").quota()).isEqualTo(of(0.3, 5, 6));

    test = test.failover();

    assertThat(get("shop").quota()).isEqualTo(of(0.3, 5, 6));
    test.ok(set(0, 0, 0));
    assertThat(get("shop").quota()).isEqualTo(of(0, 0, 0));
    assertThat(test.state().quotas().contains("shop")).isTrue();
  }

  /** The role of a quota is no identifier. */
  @Test
  public void anyRoleThatIsNotBlankMayHaveAQuota() {
    test.ok(set("a b/c", new Resource.NumCpus(1), new Resource.RamMb(2), new Resource.DiskMb(3)));

    assertThat(get("a b/c").quota()).isEqualTo(of(1, 2, 3));
  }

  @Test
  public void everyBucketIsShown() {
    TaskConfig stored = Samples.stored(JOB);
    TaskConfig prod = stored.toBuilder().production(true).build();
    ImmutableSet<io.borealis.api.Constraint> dedicated = ImmutableSet.of(Samples.dedicated("*"));
    var unused = test.have(prod, ScheduleStatus.RUNNING, 0, 1, 2, 3);
    unused = test.have(stored, ScheduleStatus.RUNNING, 4, 5, 6);
    unused =
        test.have(prod.toBuilder().constraints(dedicated).build(), ScheduleStatus.RUNNING, 7, 8);
    unused =
        test.have(stored.toBuilder().constraints(dedicated).build(), ScheduleStatus.RUNNING, 9);

    GetQuotaResult quota = get("shop");

    assertThat(quota.prodSharedConsumption()).isEqualTo(of(4, 64, 128));
    assertThat(quota.nonProdSharedConsumption()).isEqualTo(of(3, 48, 96));
    assertThat(quota.prodDedicatedConsumption()).isEqualTo(of(2, 32, 64));
    assertThat(quota.nonProdDedicatedConsumption()).isEqualTo(of(1, 16, 32));
  }

  @Test
  public void aQuotaNamesEachResourceOnce() {
    test.refused(
        test.api.setQuota(test.call(), "shop", null), ResponseCode.ERROR, "quota must be set");
    test.refused(set("shop"), ResponseCode.ERROR, EXACTLY);
    test.refused(
        set("shop", new Resource.NumCpus(1), new Resource.RamMb(1)), ResponseCode.ERROR, EXACTLY);
    test.refused(
        set("shop", new Resource.NumCpus(1), new Resource.NumCpus(2), new Resource.RamMb(1)),
        ResponseCode.ERROR,
        EXACTLY);
    test.refused(
        set("shop", new Resource.NumCpus(1), new Resource.RamMb(1), new Resource.NumGpus(1)),
        ResponseCode.ERROR,
        EXACTLY);
    test.refused(
        set("shop", new Resource.NumCpus(1), new Resource.RamMb(1), new Resource.Unknown(9)),
        ResponseCode.ERROR,
        EXACTLY);
    test.refused(
        set(
            "shop",
            new Resource.NumCpus(1),
            new Resource.RamMb(1),
            new Resource.DiskMb(1),
            new Resource.DiskMb(2)),
        ResponseCode.ERROR,
        "Too many resource values in quota.");
  }

  @Test
  public void numbersThatMakeNoSenseAreRefused() {
    test.invalid(set(-1, 2, 3), "Negative values in: numCpus=-1.0, ramMb=2, diskMb=3");
    test.invalid(set(1, -2, 3), "Negative values in: numCpus=1.0, ramMb=-2, diskMb=3");
    test.invalid(
        set(1, 2, Long.MIN_VALUE),
        "Negative values in: numCpus=1.0, ramMb=2, diskMb=-9223372036854775808");
    test.invalid(
        set(Double.NEGATIVE_INFINITY, 2, 3),
        "Negative values in: numCpus=-Infinity, ramMb=2, diskMb=3");
    test.invalid(
        set(Double.NaN, 2, 3),
        "quota: numCpus must be a number of at most 9007199254740991, not NaN.");
    test.invalid(
        set(Double.POSITIVE_INFINITY, 2, 3),
        "quota: numCpus must be a number of at most 9007199254740991, not Infinity.");
    test.invalid(
        set(1e300, 2, 3),
        "quota: numCpus must be a number of at most 9007199254740991, not 1.0E300.");
    test.invalid(
        set(1, Long.MAX_VALUE, 3),
        "quota: ramMb must be a number of at most 9007199254740991, not 9223372036854775807.");
    test.invalid(
        set(1, 2, QuotaHandler.MOST + 1),
        "quota: diskMb must be a number of at most 9007199254740991, not 9007199254740992.");
    test.ok(set(QuotaHandler.MOST, QuotaHandler.MOST, QuotaHandler.MOST));
  }

  @Test
  public void aQuotaCannotGoBelowWhatIsUsed() {
    TaskConfig prod = Samples.stored(JOB).toBuilder().production(true).build();
    var unused = test.have(prod, ScheduleStatus.RUNNING, 0, 1);

    String used = " is less then current prod reservation: numCpus=2.0, ramMb=32, diskMb=64";
    test.invalid(set(1.9, 32, 64), "Quota: numCpus=1.9, ramMb=32, diskMb=64" + used);
    test.invalid(set(2, 31, 64), "Quota: numCpus=2.0, ramMb=31, diskMb=64" + used);
    test.invalid(set(2, 32, 63), "Quota: numCpus=2.0, ramMb=32, diskMb=63" + used);
    test.ok(set(2, 32, 64));
  }

  @Test
  public void whatOthersUseIsNoReasonToRefuseAQuota() {
    TaskConfig prod = Samples.stored(JOB).toBuilder().production(true).build();
    var unused =
        test.have(
            prod.toBuilder().constraints(ImmutableSet.of(Samples.dedicated("*"))).build(),
            ScheduleStatus.RUNNING,
            0);
    unused = test.have(Samples.stored(JOB), ScheduleStatus.RUNNING, 1);

    test.ok(set(0, 0, 0));
  }
}
