package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Who takes part in a history, and who watches them. For one thread. */
final class Cast {
  private final World world;
  private final Answers answers;
  private final List<SimulatedScheduler> schedulers;
  private final ImmutableList<String> hosts;
  private final Random random;
  private final List<Customer> customers = new ArrayList<>();
  private final List<Actor> actors = new ArrayList<>();

  private @Nullable Operator operator;

  Cast(
      World world,
      Answers answers,
      List<SimulatedScheduler> schedulers,
      ImmutableList<String> hosts) {
    this.world = world;
    this.answers = answers;
    this.schedulers = schedulers;
    this.hosts = hosts;
    this.random = world.random();
  }

  /** Everybody whom such a history needs. */
  void assemble(Parts parts) {
    for (int i = 0; i < 1 + random.nextInt(2); i++) {
      join(new Customer(world, answers, schedulers, "job-" + i));
    }
    if (parts.placement()) {
      for (int i = 0; i < 2 + random.nextInt(2); i++) {
        join(demandingCustomer(parts, "demanding-" + i));
      }
    }
    if (parts.cron()) {
      for (int i = 0; i < 1 + random.nextInt(2); i++) {
        actors.add(
            new CronCustomer(
                world, answers, schedulers, new JobKey("shop", "prod", "nightly-" + i)));
      }
    }
    if (parts.maintenance()) {
      operator = new Operator(world, answers, schedulers, hosts);
      actors.add(operator);
    }
    if (parts.quota()) {
      actors.add(
          new Treasurer(
              world, answers, schedulers, ImmutableList.of("shop", Wishes.DEDICATED_ROLE)));
    }
  }

  private void join(Customer customer) {
    customers.add(customer);
    actors.add(customer);
  }

  private Customer demandingCustomer(Parts parts, String name) {
    String role = random.nextInt(3) == 0 ? Wishes.DEDICATED_ROLE : "shop";
    ImmutableList.Builder<Wishes> wishes = ImmutableList.builder();
    for (int version = 0; version < Customer.VERSIONS; version++) {
      wishes.add(Wishes.draw(random, role, parts));
    }
    return new Customer(world, answers, schedulers, new JobKey(role, "prod", name), wishes.build());
  }

  /** Somebody does something. */
  void act() {
    actors.get(random.nextInt(actors.size())).act();
    customers.forEach(Customer::pulse);
  }

  /** Everybody helps what is under way to its end. */
  void care() {
    customers.forEach(Customer::care);
    customers.forEach(Customer::pulse);
  }

  /** All hosts come back that were taken out of service. */
  void returnHosts() {
    if (operator != null) {
      operator.returnAll();
    }
  }

  boolean isBusy() {
    return actors.stream().anyMatch(Actor::isBusy);
  }
}
