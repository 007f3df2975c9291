package io.borealis.scheduler.update;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Range;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the update of a scenario asks for: the static methods are the words of a request, such as
 * {@code update(to("new"), instances(3), group(1))}. For one thread.
 */
public final class Ask {
  private final JobUpdateSettings.Builder settings =
      JobUpdateSettings.builder()
          .minWaitInInstanceRunningMs(2_000)
          .rollbackOnFailure(true)
          .updateStrategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(1)));
  private @Nullable String target;
  private int count = Integer.MAX_VALUE;
  private @Nullable ImmutableSet<Integer> scope;
  private ImmutableSet<Integer> listed = ImmutableSet.of();

  /** One word of a request. */
  public interface Word extends Consumer<Ask> {}

  /** The version the instances shall have. */
  static Word to(String version) {
    return ask -> ask.target = version;
  }

  /** How many instances the job shall have; as many as it has unless given. */
  static Word instances(int count) {
    return ask -> ask.count = count;
  }

  /** Only these instances may change. */
  static Word only(Integer... instances) {
    return ask -> ask.scope = ImmutableSet.copyOf(instances);
  }

  /** These instances are part of the update although they are already as they shall be. */
  static Word listing(Integer... instances) {
    return ask -> ask.listed = ImmutableSet.copyOf(instances);
  }

  static Word group(int size) {
    return strategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(size)));
  }

  static Word batch(int size) {
    return strategy(new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(size, false)));
  }

  static Word pausingBatch(int size) {
    return strategy(new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(size, true)));
  }

  static Word batches(Integer... sizes) {
    return variable(false, sizes);
  }

  static Word pausingBatches(Integer... sizes) {
    return variable(true, sizes);
  }

  private static Word variable(boolean autopause, Integer... sizes) {
    return strategy(
        new JobUpdateStrategy.VarBatchStrategy(
            new VariableBatchJobUpdateStrategy(ImmutableList.copyOf(sizes), autopause)));
  }

  private static Word strategy(JobUpdateStrategy strategy) {
    return setting(settings -> settings.updateStrategy(strategy));
  }

  /** How long an instance must run. */
  static Word watch(Duration time) {
    return setting(settings -> settings.minWaitInInstanceRunningMs((int) time.toMillis()));
  }

  /** How many exits of one instance are tolerated. */
  static Word toleratedExits(int exits) {
    return setting(settings -> settings.maxPerInstanceFailures(exits));
  }

  /** How many failed instances are tolerated. */
  static Word toleratedFailures(int instances) {
    return setting(settings -> settings.maxFailedInstances(instances));
  }

  static Word noRollback() {
    return setting(settings -> settings.rollbackOnFailure(false));
  }

  /** Tasks go only as their policies allow. */
  static Word slaAware() {
    return setting(settings -> settings.slaAware(true));
  }

  /** The update waits when no pulse has come for so long. */
  static Word pulsed(Duration timeout) {
    return setting(settings -> settings.blockIfNoPulsesAfterMs((int) timeout.toMillis()));
  }

  private static Word setting(Consumer<JobUpdateSettings.Builder> change) {
    return ask -> change.accept(ask.settings);
  }

  /** A request in these words. */
  public static Ask of(Word... words) {
    Ask ask = new Ask();
    for (Word word : words) {
      word.accept(ask);
    }
    return ask;
  }

  /** How the update shall run. */
  public JobUpdateSettings settings() {
    return settings.build();
  }

  /** The difference between what the job has and what is asked for. */
  JobUpdateInstructions instructions(
      Map<Integer, TaskConfig> active, Function<String, TaskConfig> configs) {
    TaskConfig wanted = target == null ? null : configs.apply(target);
    int size = count == Integer.MAX_VALUE ? active.size() : count;
    Map<TaskConfig, Set<Integer>> initial = new HashMap<>();
    Set<Integer> desired = new TreeSet<>();
    Set<Integer> all = new TreeSet<>(active.keySet());
    all.addAll(ContiguousSet.create(Range.closedOpen(0, size), DiscreteDomain.integers()));
    Map<Integer, TaskConfig> had = new TreeMap<>(active);
    for (int id : all) {
      TaskConfig old = had.get(id);
      boolean stays = id < size && wanted != null;
      boolean changes = stays ? !wanted.equals(old) : id >= size && old != null;
      if (!listed.contains(id) && (!changes || (scope != null && !scope.contains(id)))) {
        continue;
      }
      if (old != null) {
        initial.computeIfAbsent(old, unused -> new TreeSet<>()).add(id);
      }
      if (stays) {
        desired.add(id);
      }
    }
    ImmutableSet.Builder<InstanceTaskConfig> before = ImmutableSet.builder();
    initial.forEach((config, ids) -> before.add(new InstanceTaskConfig(config, ranges(ids))));
    return JobUpdateInstructions.builder()
        .initialState(before.build())
        .desiredState(desired.isEmpty() ? null : new InstanceTaskConfig(wanted, ranges(desired)))
        .settings(settings.build())
        .build();
  }

  private static ImmutableSet<io.borealis.api.Range> ranges(Collection<Integer> ids) {
    ImmutableSet.Builder<io.borealis.api.Range> ranges = ImmutableSet.builder();
    Integer first = null;
    Integer last = null;
    for (int id : new TreeSet<>(ids)) {
      if (last == null || id != last + 1) {
        if (last != null) {
          ranges.add(new io.borealis.api.Range(first, last));
        }
        first = id;
      }
      last = id;
    }
    if (last != null) {
      ranges.add(new io.borealis.api.Range(first, last));
    }
    return ranges.build();
  }
}
