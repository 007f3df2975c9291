package io.borealis.scheduler.backup;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Task configurations as this release keeps them. Immutable. */
final class ConfigForms {
  private static final String PREFERRED = "preferred";
  private static final String PREEMPTIBLE = "preemptible";
  private static final ImmutableSet<Resource.Kind> QUOTA =
      ImmutableSet.of(Resource.Kind.NUM_CPUS, Resource.Kind.RAM_MB, Resource.Kind.DISK_MB);

  private final UnaryOperator<TaskConfig> shared;
  private final Consumer<String> note;
  private final boolean ours;

  /**
   * @param shared makes equal configurations one object; throws for one that cannot be written
   * @param note told what was converted
   * @param ours whether nothing is to be converted
   */
  ConfigForms(UnaryOperator<TaskConfig> shared, Consumer<String> note, boolean ours) {
    this.shared = shared;
    this.note = note;
    this.ours = ours;
  }

  /**
   * Checks a configuration and fills in what old releases left out: before there were tiers, {@code
   * production} alone said what may take the place of a task.
   */
  TaskConfig convert(@Nullable TaskConfig config) throws Unfit {
    if (config == null) {
      throw new Unfit("it has no configuration");
    }
    Unfit.unless(
        TaskForms.isComplete(config.job()), "the job of its configuration is not complete");
    requireKnown(config.resources());
    // Very old releases kept them in fields that are read no more.
    Unfit.unless(ours || !config.resources().isEmpty(), "its configuration has no resources");
    TaskConfig next = config;
    if (!ours && config.tier() == null) {
      note.accept("configurations without a tier were given that of their production flag");
      boolean production = Boolean.TRUE.equals(config.production());
      next = config.toBuilder().tier(production ? PREFERRED : PREEMPTIBLE).build();
    }
    if (!ours && next.production() == null) {
      next = next.toBuilder().production(PREFERRED.equals(next.tier())).build();
    }
    try {
      return shared.apply(next);
    } catch (RuntimeException unwritable) {
      throw new Unfit("its configuration has a part that this release does not know");
    }
  }

  /** What a quota must consist of, wherever it comes from. */
  static void requireQuota(Iterable<Resource> resources) throws Unfit {
    requireKnown(resources);
    List<Resource.Kind> kinds = new ArrayList<>();
    resources.forEach(resource -> kinds.add(resource.kind()));
    Unfit.unless(
        kinds.size() == QUOTA.size() && QUOTA.containsAll(kinds) && kinds.containsAll(QUOTA),
        "it is not of CPU, RAM and disk, one each");
  }

  static void requireKnown(Iterable<Resource> resources) throws Unfit {
    for (Resource resource : resources) {
      Unfit.unless(
          !(resource instanceof Resource.Unknown), "it has a resource that is of no known kind");
    }
  }
}
