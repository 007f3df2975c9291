package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.api.Attribute;
import io.borealis.api.Constraint;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import org.junit.Test;

public class MatcherTest {
  private static final ResourceVector PLENTY = ResourceVector.of(16, 16384, 102400, 10);

  private final Matcher matcher = Matcher.create();
  private final JobSpread spread = JobSpread.of(State.EMPTY, Tasks.config("a", 1, 1).job());

  @Test
  public void aSuitableHostHasNoVeto() {
    assertThat(reasons(Tasks.config("a", 16, 16384), PLENTY, host("rack", "a"))).isEmpty();
  }

  @Test
  public void eachResourceThatIsShortIsNamed() {
    assertThat(reasons(Tasks.config("a", 16.1, 1), PLENTY, host()))
        .containsExactly("Insufficient: CPU");
    assertThat(reasons(Tasks.config("a", 0.1, 10_000_000), PLENTY, host()))
        .containsExactly("Insufficient: RAM");
    TaskConfig all =
        Tasks.config("a", 1, 1).toBuilder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(1000),
                    new Resource.RamMb(10_000_000),
                    new Resource.DiskMb(100_000_000)))
            .build();
    assertThat(reasons(all, PLENTY, host()))
        .containsExactly("Insufficient: disk", "Insufficient: RAM", "Insufficient: CPU");
  }

  @Test
  public void portsAndGpusAreResourcesToo() {
    TaskConfig config =
        Tasks.config("a", 1, 1).toBuilder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(1),
                    new Resource.NamedPort("http"),
                    new Resource.NamedPort("admin"),
                    new Resource.NumGpus(1)))
            .build();

    assertThat(reasons(config, ResourceVector.of(1, 1, 1, 1), host()))
        .containsExactly("Insufficient: ports", "Insufficient: GPU");
  }

  @Test
  public void theScoreGrowsWithTheShortfallUpToAThousand() {
    assertThat(score(Tasks.config("a", 16.1, 1))).isEqualTo(100 / 16);
    assertThat(score(Tasks.config("a", 20, 1))).isEqualTo(4000 / 16);
    assertThat(score(Tasks.config("a", 1, 16385))).isZero();
    assertThat(score(Tasks.config("a", 1, Long.MAX_VALUE))).isEqualTo(1000);
    assertThat(score(Tasks.config("a", 1, 1, Tasks.value("rack", "x")))).isEqualTo(10_000);
  }

  @Test
  public void tenthsOfCpusAddUpExactly() {
    ResourceVector left = ResourceVector.of(0.3, 1, 1, 0);
    ResourceVector tenth = ResourceVector.of(0.1, 0, 0, 0);

    assertThat(tenth.fitsIn(left.minus(tenth).minus(tenth))).isTrue();
    assertThat(tenth.fitsIn(left.minus(tenth).minus(tenth).minus(tenth))).isFalse();
  }

  @Test
  public void aValueConstraintNeedsOneOfItsValues() {
    Constraint constraint = Tasks.value("rack", "a", "b");

    assertThat(constrained(constraint, host("rack", "b"))).isEmpty();
    assertThat(constrained(constraint, host("rack", "c")))
        .containsExactly("Constraint not satisfied: rack");
    assertThat(constrained(constraint, host())).containsExactly("Constraint not satisfied: rack");
  }

  @Test
  public void aNegatedConstraintNeedsNoneOfItsValues() {
    Constraint constraint = Tasks.not("rack", "a", "b");

    assertThat(constrained(constraint, host("rack", "b")))
        .containsExactly("Constraint not satisfied: rack");
    assertThat(constrained(constraint, host("rack", "c"))).isEmpty();
    assertThat(constrained(constraint, host())).isEmpty();
  }

  @Test
  public void aLimitNeedsTheAttributeAndFewerTasksOnItsValue() {
    assertThat(constrained(Tasks.limit("rack", 1), host()))
        .containsExactly("Constraint not satisfied: rack");
    assertThat(constrained(Tasks.limit("rack", 0), host("rack", "a")))
        .containsExactly("Limit not satisfied: rack");
    assertThat(constrained(Tasks.limit("rack", 2), host("rack", "a"))).isEmpty();

    spread.add(ImmutableSetMultimap.of("rack", "a"), 2);
    assertThat(constrained(Tasks.limit("rack", 2), host("rack", "a")))
        .containsExactly("Limit not satisfied: rack");
    assertThat(constrained(Tasks.limit("rack", 2), host("rack", "b"))).isEmpty();
  }

  @Test
  public void valueConstraintsComeBeforeLimits() {
    TaskConfig config = Tasks.config("a", 1, 1, Tasks.limit("aaa", 1), Tasks.value("zone", "x"));

    assertThat(reasons(config, PLENTY, host())).containsExactly("Constraint not satisfied: zone");
  }

  @Test
  public void aDedicatedHostTakesOnlyTasksThatAskForIt() {
    HostView host = host("dedicated", "www-data/web.multi");

    assertThat(reasons(Tasks.config("a", 1, 1), PLENTY, host)).containsExactly("Host is dedicated");
    assertThat(constrained(Tasks.value("dedicated", "www-data/web.multi"), host)).isEmpty();
    assertThat(constrained(Tasks.value("dedicated", "other/db"), host))
        .containsExactly("Constraint not satisfied: dedicated");
    assertThat(constrained(Tasks.value("dedicated", "www-data/web.multi"), host()))
        .containsExactly("Constraint not satisfied: dedicated");
  }

  @Test
  public void maintenanceKeepsTasksAway() {
    assertThat(reasons(Tasks.config("a", 99, 1), PLENTY, host(MaintenanceMode.DRAINING)))
        .containsExactly("Host draining for maintenance");
    assertThat(reasons(Tasks.config("a", 99, 1), PLENTY, host(MaintenanceMode.DRAINED)))
        .containsExactly("Host drained for maintenance");
    assertThat(reasons(Tasks.config("a", 1, 1), PLENTY, host(MaintenanceMode.SCHEDULED))).isEmpty();
  }

  @Test
  public void plannedMaintenanceKeepsTasksAwayInGoodTime() {
    long start = Duration.ofMinutes(10).toMillis();
    HostView host = new HostView("h", ImmutableSetMultimap.of(), MaintenanceMode.NONE, start);
    Matcher.Request request = matcher.request(Tasks.config("a", 1, 1));

    assertThat(matcher.vetoes(request, PLENTY, host, () -> spread, start - 360_000)).isEmpty();
    assertThat(matcher.vetoes(request, PLENTY, host, () -> spread, start - 359_999))
        .extracting(Veto::reason)
        .containsExactly("Host draining for maintenance");
  }

  @Test
  public void theExecutorsOwnNeedsCount() {
    Matcher heavy =
        new Matcher(
            config -> Demand.firm(ResourceVector.of(config).plus(ResourceVector.of(0.5, 0, 0, 0))),
            Duration.ZERO);

    assertThat(
            heavy.vetoes(heavy.request(Tasks.config("a", 16, 1)), PLENTY, host(), () -> spread, 0))
        .extracting(Veto::reason)
        .containsExactly("Insufficient: CPU");
  }

  @Test
  public void theModeOfAHostComesFromState() {
    Offer offer = Tasks.offer("h", 1, "rack", "a");

    HostView view =
        HostView.of(
            offer,
            new HostAttributes(
                "h",
                ImmutableSet.of(new Attribute("rack", ImmutableSet.of("old"))),
                MaintenanceMode.DRAINED,
                "agent-h"));

    assertThat(view.mode()).isEqualTo(MaintenanceMode.DRAINED);
    assertThat(view.attributes().get("rack")).containsExactly("a");
  }

  private Iterable<String> constrained(Constraint constraint, HostView host) {
    return reasons(Tasks.config("a", 1, 1, constraint), PLENTY, host);
  }

  private Iterable<String> reasons(TaskConfig config, ResourceVector available, HostView host) {
    return matcher.vetoes(matcher.request(config), available, host, () -> spread, 0).stream()
        .map(Veto::reason)
        .toList();
  }

  private long score(TaskConfig config) {
    return matcher.vetoes(matcher.request(config), PLENTY, host(), () -> spread, 0).get(0).score();
  }

  private static HostView host() {
    return host(MaintenanceMode.NONE);
  }

  private static HostView host(MaintenanceMode mode) {
    return new HostView("h", ImmutableSetMultimap.of(), mode, null);
  }

  private static HostView host(String attribute, String value) {
    return new HostView("h", ImmutableSetMultimap.of(attribute, value), MaintenanceMode.NONE, null);
  }
}
