package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Strings;
import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.DrainHostsResult;
import io.borealis.api.EndMaintenanceResult;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostStatus;
import io.borealis.api.Hosts;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.MaintenanceStatusResult;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.StartMaintenanceResult;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.scheduler.maintenance.Requests;
import java.util.stream.Collectors;
import org.junit.Test;

public class MaintenanceHandlerTest {
  private final TestApi api = new TestApi();

  private static Hosts hosts(String... names) {
    return new Hosts(ImmutableSet.copyOf(names));
  }

  private static SlaPolicy percentage(double percentage, long secs) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, secs));
  }

  private static SlaPolicy count(long count, long secs) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, secs));
  }

  private static SlaPolicy coordinator(String url, String key) {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy(url, key));
  }

  private static ImmutableSet<HostStatus> one(String host, MaintenanceMode mode) {
    return ImmutableSet.of(new HostStatus(host, mode));
  }

  private void have(String host, MaintenanceMode mode) {
    api.store.change(
        tx ->
            tx.change(
                new Op.SaveHostAttributes(
                    new SaveHostAttributes(
                        new HostAttributes(host, ImmutableSet.of(), mode, "agent-" + host)))));
  }

  private void haveTask(String host) {
    ScheduledTask task =
        Samples.task(
            Samples.stored(Samples.JOB), 0, ScheduleStatus.RUNNING, api.store.clock().wallMillis());
    api.store.change(
        tx ->
            tx.save(
                task.toBuilder()
                    .assignedTask(
                        task.assignedTask().toBuilder().slaveHost(host).slaveId("a").build())
                    .build()));
  }

  @Test
  public void everyCallAnswersWithTheHostsThatAreKnownAndTheirModes() {
    have("h1", MaintenanceMode.NONE);
    assertThat(api.result(api.api.startMaintenance(api.call(), hosts("h1", "x"))))
        .isEqualTo(
            new Result.StartMaintenanceResult(
                new StartMaintenanceResult(one("h1", MaintenanceMode.SCHEDULED))));
    assertThat(api.result(api.api.maintenanceStatus(api.call(), hosts("h1", "x"))))
        .isEqualTo(
            new Result.MaintenanceStatusResult(
                new MaintenanceStatusResult(one("h1", MaintenanceMode.SCHEDULED))));
    assertThat(api.result(api.api.drainHosts(api.call(), hosts("h1", "x"))))
        .isEqualTo(
            new Result.DrainHostsResult(new DrainHostsResult(one("h1", MaintenanceMode.DRAINED))));
    assertThat(
            api.result(
                api.api.slaDrainHosts(api.call(), hosts("h1", "x"), percentage(95, 1800), 60)))
        .isEqualTo(
            new Result.DrainHostsResult(new DrainHostsResult(one("h1", MaintenanceMode.DRAINING))));
    assertThat(api.result(api.api.endMaintenance(api.call(), hosts("h1", "x"))))
        .isEqualTo(
            new Result.EndMaintenanceResult(
                new EndMaintenanceResult(one("h1", MaintenanceMode.NONE))));
  }

  @Test
  public void aHostWithoutAModeIsInNone() {
    have("h1", null);
    assertThat(api.result(api.api.maintenanceStatus(api.call(), hosts("h1"))))
        .isEqualTo(
            new Result.MaintenanceStatusResult(
                new MaintenanceStatusResult(one("h1", MaintenanceMode.NONE))));
  }

  @Test
  public void namesThatCannotBeOfHostsAreUnknown() {
    have("h1", MaintenanceMode.NONE);
    assertThat(
            api.result(
                api.api.drainHosts(api.call(), hosts("", "  ", "H1", Strings.repeat("h", 9999)))))
        .isEqualTo(new Result.DrainHostsResult(new DrainHostsResult(ImmutableSet.of())));
    assertThat(api.state().maintenance().isEmpty()).isTrue();
  }

  @Test
  public void withoutHostsEveryCallIsRefused() {
    String text = "hosts must be set";
    api.refused(api.api.startMaintenance(api.call(), null), ResponseCode.ERROR, text);
    api.refused(api.api.drainHosts(api.call(), null), ResponseCode.ERROR, text);
    api.refused(api.api.maintenanceStatus(api.call(), null), ResponseCode.ERROR, text);
    api.refused(api.api.endMaintenance(api.call(), null), ResponseCode.ERROR, text);
    api.refused(api.api.slaDrainHosts(api.call(), null, null, 1), ResponseCode.ERROR, text);
  }

  @Test
  public void tooManyHostsAtOnceAreRefusedButMayBeAskedAbout() {
    Hosts many =
        new Hosts(
            ContiguousSet.create(
                    Range.closedOpen(0, MaintenanceHandler.MAX_HOSTS + 1),
                    DiscreteDomain.integers())
                .stream()
                .map(i -> "h" + i)
                .collect(ImmutableSet.toImmutableSet()));
    String text = "hosts.hostNames must have at most 10000 names, but has 10001.";
    api.invalid(api.api.startMaintenance(api.call(), many), text);
    api.invalid(api.api.drainHosts(api.call(), many), text);
    api.invalid(api.api.endMaintenance(api.call(), many), text);
    api.invalid(api.api.slaDrainHosts(api.call(), many, null, 1), text);
    assertThat(api.result(api.api.maintenanceStatus(api.call(), many)))
        .isEqualTo(
            new Result.MaintenanceStatusResult(new MaintenanceStatusResult(ImmutableSet.of())));
  }

  @Test
  public void whatCouldNotBeFollowedIsRefused() {
    have("h1", MaintenanceMode.NONE);
    haveTask("h1");
    refused(null, -1, "timeoutSecs must not be negative, but is -1.");
    refused(
        null,
        Long.MAX_VALUE,
        "timeoutSecs must be at most 3153600000, which is a hundred years, but is"
            + " 9223372036854775807.");
    String percentage =
        "defaultSlaPolicy.percentageSlaPolicy.percentage must be between 0 and 100, but is ";
    refused(percentage(Double.NaN, 0), 1, percentage + "NaN.");
    refused(percentage(100.1, 0), 1, percentage + "100.1.");
    refused(percentage(-0.1, 0), 1, percentage + "-0.1.");
    refused(
        percentage(1, -2),
        1,
        "defaultSlaPolicy.percentageSlaPolicy.durationSecs must not be negative, but is -2.");
    refused(
        count(-1, 0), 1, "defaultSlaPolicy.countSlaPolicy.count must not be negative, but is -1.");
    refused(
        count(1, -1),
        1,
        "defaultSlaPolicy.countSlaPolicy.durationSecs must not be negative, but is -1.");
    String url =
        "defaultSlaPolicy.coordinatorSlaPolicy.coordinatorUrl must be an http or https address of"
            + " at most 2048 characters.";
    refused(coordinator(null, null), 1, url);
    refused(coordinator("", "drain"), 1, url);
    refused(coordinator("ftp://x/", null), 1, url);
    refused(coordinator("http:///path", null), 1, url);
    refused(coordinator("http://bad host/", null), 1, url);
    refused(coordinator("http://h/" + Strings.repeat("x", 2048), null), 1, url);
    refused(
        coordinator("http://h/", Strings.repeat("k", 256)),
        1,
        "defaultSlaPolicy.coordinatorSlaPolicy.statusKey must have at most 255 characters.");
    refused(
        new SlaPolicy.Unknown(9),
        1,
        "defaultSlaPolicy must be of a kind that this scheduler knows.");
    assertThat(api.state().hosts().get("h1").mode()).isEqualTo(MaintenanceMode.NONE);
  }

  private void refused(SlaPolicy policy, long timeoutSecs, String text) {
    api.invalid(api.api.slaDrainHosts(api.call(), hosts("h1"), policy, timeoutSecs), text);
  }

  @Test
  public void theLimitsThemselvesAreAccepted() {
    have("h1", MaintenanceMode.NONE);
    haveTask("h1");
    for (SlaPolicy policy :
        ImmutableSet.of(
            percentage(100, Long.MAX_VALUE),
            count(Long.MAX_VALUE, Long.MAX_VALUE),
            coordinator("https://h:1/x?y=z", null))) {
      assertThat(
              api.result(
                  api.api.slaDrainHosts(
                      api.call(), hosts("h1"), policy, Requests.LONGEST_TIMEOUT_SECS)))
          .isEqualTo(
              new Result.DrainHostsResult(
                  new DrainHostsResult(one("h1", MaintenanceMode.DRAINING))));
    }
    assertThat(api.failover().state().maintenance().get("h1"))
        .isEqualTo(api.state().maintenance().get("h1"));
  }

  @Test
  public void withoutAPolicyTasksAreDrainedAtOnce() {
    have("h1", MaintenanceMode.NONE);
    haveTask("h1");
    var unused = api.result(api.api.slaDrainHosts(api.call(), hosts("h1"), null, 3600));
    assertThat(
            api.active(Samples.JOB).stream()
                .map(ScheduledTask::status)
                .collect(Collectors.toList()))
        .containsExactly(ScheduleStatus.DRAINING);
  }
}
