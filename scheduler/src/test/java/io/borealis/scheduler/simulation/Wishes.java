package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.LimitConstraint;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What tasks ask of the cluster, and what they are worth to it. Immutable.
 *
 * @param tier null for the usual one
 */
record Wishes(
    ImmutableSet<Constraint> constraints,
    ImmutableSet<Resource> resources,
    @Nullable String tier,
    int priority) {
  /** The role for which the last host of a larger cluster is kept. */
  static final String DEDICATED_ROLE = "www-data";

  private static final String DEDICATED_TO = DEDICATED_ROLE + "/web.multi";

  /** A place anywhere. */
  static final Wishes PLAIN =
      new Wishes(
          ImmutableSet.of(),
          ImmutableSet.of(
              new Resource.NumCpus(1.0), new Resource.RamMb(16L), new Resource.DiskMb(16L)),
          null,
          0);

  static Wishes draw(Random random, String role, Parts parts) {
    ImmutableSet.Builder<Resource> resources = ImmutableSet.builder();
    resources.add(
        new Resource.NumCpus(0.5 * (1 + random.nextInt(5))),
        new Resource.RamMb(16L * (1 + random.nextInt(8))),
        new Resource.DiskMb(16L));
    for (int i = random.nextInt(4) - 1; i > 0; i--) {
      resources.add(new Resource.NamedPort("port-" + i));
    }
    return new Wishes(
        constraints(random, role), resources.build(), tier(random, parts), random.nextInt(3));
  }

  /** Production needs quota; some CPUs of each host can be taken away. */
  private static @Nullable String tier(Random random, Parts parts) {
    int dice = random.nextInt(5);
    if (dice < 2) {
      return parts.quota() ? "preferred" : null;
    }
    return dice == 2 ? "preemptible" : dice == 3 ? "revocable" : null;
  }

  private static ImmutableSet<Constraint> constraints(Random random, String role) {
    ImmutableSet.Builder<Constraint> all = ImmutableSet.builder();
    if (role.equals(DEDICATED_ROLE) && random.nextInt(3) > 0) {
      all.add(value("dedicated", false, DEDICATED_TO));
    }
    switch (random.nextInt(6)) {
      case 0 -> all.add(limit("host", 1 + random.nextInt(2)));
      case 1 -> all.add(limit("rack", 1 + random.nextInt(3)));
      case 2 -> all.add(value("rack", random.nextBoolean(), "a", "b"));
      case 3 -> all.add(value("host", true, "host-" + (1 + random.nextInt(3))));
      case 4 -> all.add(limit("host", 2), value("rack", true, "c"));
      default -> {}
    }
    return all.build();
  }

  private static Constraint value(String name, boolean negated, String... values) {
    return new Constraint(
        name, new TaskConstraint.Value(new ValueConstraint(negated, ImmutableSet.copyOf(values))));
  }

  private static Constraint limit(String name, int limit) {
    return new Constraint(name, new TaskConstraint.Limit(new LimitConstraint(limit)));
  }

  void addTo(TaskConfig.Builder config) {
    config.resources(resources);
    if (!constraints.isEmpty()) {
      config.constraints(constraints);
    }
    if (tier != null) {
      config.tier(tier);
    }
    if (priority > 0) {
      config.priority(priority);
    }
  }
}
