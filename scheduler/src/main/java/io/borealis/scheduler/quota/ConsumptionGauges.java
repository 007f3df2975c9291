package io.borealis.scheduler.quota;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.store.State;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gauges of what tasks use and of the quotas there are, counted anew at each interval. Started and
 * closed on the writer's loop; counts on another thread, as that takes time where there are many
 * tasks. Role names are in lower case, as in Aurora; roles that differ in case only are added up.
 */
public final class ConsumptionGauges {
  private final Supplier<State> state;
  private final EventLoop loop;
  private final Executor counting;
  private final Duration interval;
  private final MultiGauge consumed;
  private final MultiGauge consumedByRole;
  private final MultiGauge allocated;
  private final MultiGauge quotaByRole;
  private EventLoop.@Nullable Timer timer;
  private boolean closed;

  /**
   * @param state the durable State
   * @param loop the writer's
   * @param counting where State is looked at
   */
  public ConsumptionGauges(
      Supplier<State> state,
      EventLoop loop,
      Executor counting,
      Duration interval,
      MeterRegistry meters) {
    this.state = state;
    this.loop = loop;
    this.counting = counting;
    this.interval = interval;
    this.consumed = MultiGauge.builder("resources").register(meters);
    this.consumedByRole = MultiGauge.builder("resources_per_role").register(meters);
    this.allocated = MultiGauge.builder("resources_allocated_quota").register(meters);
    this.quotaByRole = MultiGauge.builder("quota_per_role").register(meters);
  }

  /** Counts at once, and then after each interval. */
  public void start() {
    counting.execute(this::count);
  }

  private void count() {
    Rows rows = Rows.of(state.get());
    loop.execute(
        () -> {
          if (!closed) {
            show(rows);
            timer = loop.schedule(interval, this::start);
          }
        });
  }

  private void show(Rows rows) {
    consumed.register(rows.consumed, true);
    consumedByRole.register(rows.consumedByRole, true);
    allocated.register(rows.allocated, true);
    quotaByRole.register(rows.quotaByRole, true);
  }

  /** Only a leader has these gauges: what it showed would be of the past. */
  public void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
    show(new Rows());
  }

  /** The readings of all four. For one thread at a time. */
  private static final class Rows {
    private final List<MultiGauge.Row<?>> consumed = new ArrayList<>();
    private final List<MultiGauge.Row<?>> consumedByRole = new ArrayList<>();
    private final List<MultiGauge.Row<?>> allocated = new ArrayList<>();
    private final List<MultiGauge.Row<?>> quotaByRole = new ArrayList<>();

    static Rows of(State state) {
      Rows rows = new Rows();
      Map<String, ImmutableMap<Consumption.Metric, QuotaAmount>> roles = new TreeMap<>();
      ImmutableMap<Consumption.Metric, QuotaAmount> total = ImmutableMap.of();
      for (var role : Consumption.byRole(state).entrySet()) {
        roles.merge(lower(role.getKey()), role.getValue(), Consumption::sum);
        total = Consumption.sum(total, role.getValue());
      }
      for (Consumption.Metric metric : Consumption.Metric.values()) {
        Tags kind = Tags.of("kind", lower(metric.name()));
        add(rows.consumed, kind, total.getOrDefault(metric, QuotaAmount.ZERO));
        roles.forEach(
            (role, used) ->
                add(
                    rows.consumedByRole,
                    kind.and("role", role),
                    used.getOrDefault(metric, QuotaAmount.ZERO)));
      }
      Map<String, QuotaAmount> quotas = new TreeMap<>();
      QuotaAmount all = QuotaAmount.ZERO;
      for (Map.Entry<String, ResourceAggregate> quota : state.quotas().asMap().entrySet()) {
        QuotaAmount amount = QuotaAmount.of(quota.getValue().resources());
        quotas.merge(lower(quota.getKey()), amount, QuotaAmount::plus);
        all = all.plus(amount);
      }
      add(rows.allocated, Tags.empty(), all);
      quotas.forEach((role, amount) -> add(rows.quotaByRole, Tags.of("role", role), amount));
      return rows;
    }

    private static void add(List<MultiGauge.Row<?>> rows, Tags tags, QuotaAmount amount) {
      for (Resource resource : amount.aggregate().resources()) {
        if (resource instanceof Resource.NumCpus cpus) {
          rows.add(MultiGauge.Row.of(tags.and("unit", "cpu_cores"), cpus.value()));
        } else if (resource instanceof Resource.RamMb ram) {
          rows.add(MultiGauge.Row.of(tags.and("unit", "ram_mb"), ram.value()));
        } else if (resource instanceof Resource.DiskMb disk) {
          rows.add(MultiGauge.Row.of(tags.and("unit", "disk_mb"), disk.value()));
        }
      }
    }

    private static String lower(String name) {
      return name.toLowerCase(Locale.ROOT);
    }
  }
}
