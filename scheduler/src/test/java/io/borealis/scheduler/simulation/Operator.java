package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.HostStatus;
import io.borealis.api.Hosts;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.store.State;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Takes hosts out of service and back. For one thread. */
final class Operator implements Actor {
  private final Answers answers;
  private final Caller caller;
  private final Random random;
  private final ImmutableList<String> hosts;

  Operator(
      World world,
      Answers answers,
      List<SimulatedScheduler> schedulers,
      ImmutableList<String> hosts) {
    this.answers = answers;
    this.caller = new Caller(world, answers, schedulers, "operator");
    this.random = world.random();
    this.hosts = hosts;
  }

  @Override
  public void act() {
    if (caller.isBusy()) {
      return;
    }
    Hosts some = some();
    int dice = random.nextInt(100);
    if (dice < 15) {
      change("schedules", some, (api, call) -> api.startMaintenance(call, some));
    } else if (dice < 30) {
      change("drains", some, (api, call) -> api.drainHosts(call, some));
    } else if (dice < 55) {
      drainWithCare(some);
    } else {
      change("returns", some, (api, call) -> api.endMaintenance(call, some));
    }
  }

  /** Brings every host back. */
  void returnAll() {
    Hosts all = new Hosts(ImmutableSet.copyOf(hosts));
    change("returns", all, (api, call) -> api.endMaintenance(call, all));
  }

  /** One host or two, and now and then one that nobody knows. */
  private Hosts some() {
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    for (int i = 0; i < 1 + random.nextInt(2); i++) {
      names.add(hosts.get(random.nextInt(hosts.size())));
    }
    if (random.nextInt(20) == 0) {
      names.add("nowhere");
    }
    return new Hosts(names.build());
  }

  private void change(String what, Hosts some, Caller.Call call) {
    caller.attempt(
        answers
            .begin(Attempt.Kind.SEEN, what + " " + some.hostNames())
            .brings((answer, state) -> isSo(some, answer, state)),
        call,
        done -> {});
  }

  private void drainWithCare(Hosts some) {
    long seconds = random.nextInt(4) == 0 ? 0 : 3L + random.nextInt(20);
    Attempt attempt = answers.begin(Attempt.Kind.SIGNED, "asks to leave " + some.hostNames());
    SlaPolicy policy = policy(attempt.user);
    attempt.brings((answer, state) -> isSo(some, answer, state));
    caller.attempt(
        attempt, (api, call) -> api.slaDrainHosts(call, some, policy, seconds), done -> {});
  }

  /** A policy by which the call can be told. */
  private SlaPolicy policy(String user) {
    int number = Integer.parseInt(user.substring(1));
    return random.nextInt(3) == 0
        ? new SlaPolicy.CoordinatorSlaPolicy(
            new CoordinatorSlaPolicy("http://coordinator-0/" + user, "drain"))
        : new SlaPolicy.PercentageSlaPolicy(
            new PercentageSlaPolicy(
                10.0 * random.nextInt(9) + number / 1e6, (long) random.nextInt(3)));
  }

  /** Whose call it was that such a policy is of. */
  static @Nullable String userOf(SlaPolicy policy) {
    if (policy instanceof SlaPolicy.CoordinatorSlaPolicy coordinator) {
      String url = coordinator.value().coordinatorUrl();
      return url.substring(url.lastIndexOf('/') + 1);
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy percentage) {
      long number = Math.round(percentage.value().percentage() * 1e6) % 1_000_000;
      return number == 0 ? null : "u" + number;
    }
    return null;
  }

  /** All hosts that were ever seen are as the answer says. */
  private static boolean isSo(Hosts some, Response answer, State state) {
    ImmutableSet<HostStatus> statuses = statuses(answer);
    for (HostStatus status : statuses) {
      var host = state.hosts().get(status.host());
      boolean draining = status.mode() == MaintenanceMode.DRAINING;
      if (host == null
          || host.mode() != status.mode()
          || draining != (state.maintenance().get(status.host()) != null)) {
        return false;
      }
    }
    for (String name : some.hostNames()) {
      boolean told = statuses.stream().anyMatch(status -> status.host().equals(name));
      if (told != (state.hosts().get(name) != null)) {
        return false;
      }
    }
    return true;
  }

  private static ImmutableSet<HostStatus> statuses(Response answer) {
    if (answer.result() instanceof Result.StartMaintenanceResult result) {
      return ImmutableSet.copyOf(result.value().statuses());
    } else if (answer.result() instanceof Result.DrainHostsResult result) {
      return ImmutableSet.copyOf(result.value().statuses());
    } else if (answer.result() instanceof Result.EndMaintenanceResult result) {
      return ImmutableSet.copyOf(result.value().statuses());
    }
    throw new AssertionError("not an answer about hosts: " + answer);
  }

  @Override
  public boolean isBusy() {
    return caller.isBusy();
  }
}
