package io.borealis.scheduler.quota;

import static io.borealis.scheduler.quota.RoleStory.cheap;
import static io.borealis.scheduler.quota.RoleStory.dedicated;
import static io.borealis.scheduler.quota.RoleStory.prod;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import io.borealis.runtime.EventLoop;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.thrift.Vars;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.Test;

/** The gauges under the names Aurora's dashboards use. */
public class ConsumptionGaugesTest {
  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final EventLoop loop = runtimes.newLoop("writer");
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RoleStory story = new RoleStory();

  private ConsumptionGauges term() {
    ConsumptionGauges gauges =
        new ConsumptionGauges(
            story::state, loop, runtimes.newPool("counting", 1), Duration.ofHours(1), meters);
    loop.execute(gauges::start);
    runtimes.runReady();
    return gauges;
  }

  private Object var(String name) {
    return new Vars(meters).all().get(name);
  }

  @Test
  public void eachKindOfConsumptionIsCountedInTotalAndByRole() {
    story
        .quota(10, 20, 30)
        .running(prod(), 0, 1)
        .running(cheap(), 2)
        .running(dedicated(prod(), false), 3)
        .running(prod().toBuilder().job(new JobKey("Bank", "prod", "x")).build(), 0);
    ConsumptionGauges unused = term();

    assertThat(var("resources_total_consumed_cpu_cores")).isEqualTo(5L);
    assertThat(var("resources_dedicated_consumed_ram_mb")).isEqualTo(10L);
    assertThat(var("resources_quota_consumed_disk_mb")).isEqualTo(300L);
    assertThat(var("resources_free_pool_consumed_cpu_cores")).isEqualTo(1L);
    assertThat(var("resources_per_role_total_consumed_shop_cpu_cores")).isEqualTo(4L);
    assertThat(var("resources_per_role_quota_consumed_bank_cpu_cores")).isEqualTo(1L);
    assertThat(var("resources_allocated_quota_disk_mb")).isEqualTo(30L);
    assertThat(var("quota_per_role_shop_cpu_cores")).isEqualTo(10L);
    assertThat(var("quota_per_role_bank_cpu_cores")).isNull();
  }

  @Test
  public void theyAreCountedAnewAtEachInterval() {
    ConsumptionGauges unused = term();
    assertThat(var("resources_total_consumed_cpu_cores")).isEqualTo(0L);
    story.running(prod(), 0);

    runtimes.advance(Duration.ofMinutes(59));
    assertThat(var("resources_total_consumed_cpu_cores")).isEqualTo(0L);
    runtimes.advance(Duration.ofMinutes(1));
    assertThat(var("resources_total_consumed_cpu_cores")).isEqualTo(1L);
    runtimes.advance(Duration.ofHours(1));
    assertThat(runtimes.pending()).hasSize(1);
  }

  @Test
  public void whoDoesNotLeadAnyMoreHasNoneUntilTheNextTerm() {
    story.quota(1, 2, 3).running(prod(), 0);
    ConsumptionGauges gauges = term();

    loop.execute(gauges::close);
    runtimes.runReady();
    assertThat(var("resources_total_consumed_cpu_cores")).isNull();
    assertThat(var("quota_per_role_shop_cpu_cores")).isNull();
    assertThat(runtimes.pending()).isEmpty();

    ConsumptionGauges unused = term();
    assertThat(var("quota_per_role_shop_cpu_cores")).isEqualTo(1L);
  }
}
