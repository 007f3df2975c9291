package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import java.util.List;
import java.util.Random;

/** Sets the quotas of roles, up and down. For one thread. */
final class Treasurer implements Actor {
  /** More disk than anybody uses; what is beyond it tells whose call it was. */
  private static final long DISK = 1_000_000;

  private final Answers answers;
  private final Caller caller;
  private final Random random;
  private final ImmutableList<String> roles;
  private int calls;

  Treasurer(
      World world,
      Answers answers,
      List<SimulatedScheduler> schedulers,
      ImmutableList<String> roles) {
    this.answers = answers;
    this.caller = new Caller(world, answers, schedulers, "treasurer");
    this.random = world.random();
    this.roles = roles;
  }

  @Override
  public void act() {
    if (caller.isBusy()) {
      return;
    }
    // First of all everybody gets enough.
    boolean generous = calls < 2 * roles.size();
    String role = roles.get(calls++ % roles.size());
    Attempt attempt = answers.begin(Attempt.Kind.SIGNED, "sets the quota of " + role);
    long disk = DISK + Long.parseLong(attempt.user.substring(1));
    ResourceAggregate quota =
        ResourceAggregate.builder()
            .resources(
                ImmutableSet.of(
                    new Resource.NumCpus(generous ? 30 : 0.5 * random.nextInt(40)),
                    new Resource.RamMb(generous ? 2000 : 16L * random.nextInt(80)),
                    new Resource.DiskMb(disk)))
            .build();
    caller.attempt(attempt, (api, call) -> api.setQuota(call, role, quota), done -> {});
  }

  /** Whose call it was that brought the quota. */
  static String userOf(ResourceAggregate quota) {
    for (Resource resource : quota.resources()) {
      if (resource instanceof Resource.DiskMb disk) {
        return "u" + (disk.value() - DISK);
      }
    }
    return "";
  }

  @Override
  public boolean isBusy() {
    return caller.isBusy();
  }
}
