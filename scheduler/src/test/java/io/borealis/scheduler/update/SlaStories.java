package io.borealis.scheduler.update;

import static io.borealis.api.ScheduleStatus.KILLING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.slaAware;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.Ask.watch;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;

import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.SlaPolicy;
import java.time.Duration;

/** The beginnings of stories about policies, and what is asked about them. Stateless. */
final class SlaStories {
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration FIRST_RETRY = Duration.ofSeconds(90);
  static final String CHECKING = ": Checking SLA before continuing.";
  static final String PASSED = ": SLA check passed, continuing.";
  private static final String URL = "http://coordinator/";

  private SlaStories() {}

  static SlaPolicy count(long count, long seconds) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, seconds));
  }

  static SlaPolicy percentage(double percentage) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, 0));
  }

  static SlaPolicy coordinator() {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy(URL, "drain"));
  }

  /** A job whose old and new versions have these policies, null for none. */
  static UpdateScenario given(SlaPolicy before, SlaPolicy after, Integer... instances) {
    return scenario()
        .version("old", config -> config.slaPolicy(before))
        .version("new", config -> config.slaPolicy(after))
        .job(running(instances));
  }

  /** Three instances that are updated at once, but for the policy of the new version. */
  static UpdateScenario three(SlaPolicy policy) {
    return given(null, policy, 0, 1, 2)
        .update(to("new"), group(3), watch(Duration.ZERO), slaAware());
  }

  static long beingKilled(UpdateScenario s) {
    return s.activeTasks().stream().filter(text -> text.endsWith(KILLING.name())).count();
  }

  static double counted(UpdateScenario s, String meter) {
    return s.meters().counter(meter).count();
  }

  static double attempts(UpdateScenario s) {
    return counted(s, "updates_sla_kill_attempt_www-data/prod/hello");
  }

  static double waiting(UpdateScenario s) {
    return s.meters().get("updates_sla_waiting").gauge().value();
  }

  static SlaWait waitOf(UpdateScenario s, int instance) {
    return s.updates().slaWait(s.key(), instance);
  }
}
