package io.borealis.scheduler.scheduling;

import io.borealis.api.HostAttributes;
import io.borealis.api.JobKey;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges hosts of one State as they would be if some tasks had left them and others had come. For
 * one thread.
 */
public final class Prospects {
  private final Matcher matcher;
  private final State state;
  private final long nowMs;
  private final Map<JobKey, JobSpread> spreads = new HashMap<>();

  /**
   * @param nowMs wall time, for planned maintenance
   */
  public Prospects(Matcher matcher, State state, long nowMs) {
    this.matcher = matcher;
    this.state = state;
    this.nowMs = nowMs;
  }

  /** The prospects of tasks of a configuration. */
  public Prospect of(TaskConfig config) {
    return new Prospect(matcher.request(config));
  }

  /** The host as State has it; null when State does not know its attributes. */
  public @Nullable HostView host(String name, @Nullable Long unavailableFromMs) {
    HostAttributes stored = state.hosts().get(name);
    if (stored == null) {
      return null;
    }
    return new HostView(
        name, HostView.attributesOf(stored.attributes()), HostMode.of(stored), unavailableFromMs);
  }

  private JobSpread spread(JobKey job) {
    return spreads.computeIfAbsent(job, key -> JobSpread.of(state, key));
  }

  /** The prospects of the tasks of one configuration. */
  public final class Prospect {
    private final Matcher.Request request;

    private Prospect(Matcher.Request request) {
      this.request = request;
    }

    /** Whether it matters where other tasks of the job are. */
    public boolean isLimited() {
      return request.constraints().stream()
          .anyMatch(constraint -> constraint.constraint() instanceof TaskConstraint.Limit);
    }

    /**
     * Whether the host would take a task.
     *
     * @param available what it would have for it
     * @param gone how many tasks of the same job would have left the host
     */
    public boolean fits(ResourceVector available, HostView host, int gone) {
      return matcher
          .vetoes(request, available, host, () -> spreadWithout(host, gone), nowMs)
          .isEmpty();
    }

    private JobSpread spreadWithout(HostView host, int gone) {
      JobSpread spread = spread(request.config().job());
      if (gone > 0) {
        spread = spread.extend();
        spread.add(host.attributes(), -gone);
      }
      return spread;
    }

    /** From now on one more task of the job counts on the host, and {@code gone} fewer. */
    public void place(HostView host, int gone) {
      spread(request.config().job()).add(host.attributes(), 1 - gone);
    }
  }
}
