package io.borealis.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.cluster.ClusterListener;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.StatusUpdate;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.borealis.scheduler.tier.TierRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** Clusters, jobs and mishaps drawn at random, and what must hold in all of them. */
public class SchedulingPropertyTest {
  private static final int SEEDS = Integer.getInteger("borealis.seeds", 150);
  private static final Demands DEMANDS =
      new Demands(ExecutorRegistry.stock(), TierRegistry.stock(), true, false);

  @Test
  public void everyPlaceIsGoodAndEveryTaskThatHasOneFindsIt() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        new Life(seed).live();
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private static final class Life implements ClusterListener {
    final Random random;
    final TestStore store = TestStore.create();
    final SeededCluster cluster;
    final Matcher matcher = new Matcher(DEMANDS::of, Duration.ofMinutes(6));
    final OfferBook book;
    final SchedulingLoop scheduling;
    int jobs;
    int ids;

    Life(long seed) {
      random = new Random(seed);
      cluster = new SeededCluster(random, DEMANDS, 2 + random.nextInt(9));
      ImmutableList<OfferOrder.Key> keys = ImmutableList.copyOf(OfferOrder.Key.values());
      OfferOrder order =
          new OfferOrder(
              random.nextBoolean()
                  ? ImmutableList.of()
                  : ImmutableList.of(keys.get(random.nextInt(keys.size()))));
      book = new OfferBook(order);
      EventLoop loop = store.runtimes().newLoop("scheduling");
      SchedulingSettings usual = SchedulingSettings.DEFAULT;
      scheduling =
          new SchedulingLoop(
              new SchedulingSettings(
                  usual.firstDelay(),
                  usual.initialPenalty(),
                  usual.maxPenalty(),
                  1 + random.nextInt(8),
                  usual.offerHold(),
                  usual.offerHoldJitter(),
                  random.nextBoolean(),
                  usual.offerRefusal(),
                  order,
                  Duration.ZERO),
              loop,
              store.clock(),
              store::state,
              store.writer(),
              cluster,
              Tasks::assign,
              Affinity.NONE,
              Claims.NONE,
              matcher,
              book,
              new SimpleMeterRegistry());
      store.react(scheduling);
    }

    void live() {
      scheduling.start();
      cluster.begin(this);
      for (int step = 0; step < 40; step++) {
        act();
        store.runtimes().advance(Duration.ofMillis(random.nextInt(20)));
        check();
      }
      // Long enough for all that is under way, too short for a retry without a cause.
      store.runtimes().advance(Duration.ofMillis(100));
      check();
      checkNobodyIsForgotten();
    }

    private void act() {
      SeededCluster.Host host = cluster.hosts().get(random.nextInt(cluster.hosts().size()));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> insert(config(), 1 + random.nextInt(12));
        case 3, 4 -> endOne();
        case 5 -> setMode(host.name, random.nextBoolean());
        case 6 -> {
          cluster.rescind(host);
          host.offer();
        }
        default -> cluster.offerTwice(host);
      }
    }

    private TaskConfig config() {
      List<Constraint> constraints = new ArrayList<>();
      switch (random.nextInt(6)) {
        case 0 -> constraints.add(Tasks.limit("rack", random.nextInt(3)));
        case 1 -> constraints.add(Tasks.limit("host", 1));
        case 2 -> constraints.add(Tasks.value("rack", "r" + random.nextInt(4)));
        case 3 -> constraints.add(Tasks.not("rack", "r0"));
        default -> {}
      }
      if (random.nextInt(5) == 0) {
        constraints.add(Tasks.value("dedicated", "www-data/db"));
      }
      ImmutableSet.Builder<Resource> resources = ImmutableSet.builder();
      resources.add(new Resource.NumCpus(0.25 * (1 + random.nextInt(8))));
      resources.add(new Resource.RamMb(64L * (1 + random.nextInt(8))));
      resources.add(new Resource.DiskMb(64));
      for (int port = random.nextInt(3); port > 0; port--) {
        resources.add(new Resource.NamedPort("p" + port));
      }
      if (random.nextInt(10) == 0) {
        resources.add(new Resource.NumGpus(1));
      }
      boolean isNew = jobs == 0 || random.nextInt(3) > 0;
      return Tasks.config(
              "j" + (isNew ? ++jobs : jobs), 1, 1, constraints.toArray(new Constraint[0]))
          .toBuilder()
          .resources(resources.build())
          .tier(random.nextInt(4) == 0 ? "revocable" : "preemptible")
          .build();
    }

    private void insert(TaskConfig config, int count) {
      store.change(
          tx -> {
            for (int i = 0; i < count; i++) {
              int id = ++ids;
              tx.save(Tasks.pending("t" + id, config, id));
            }
          });
    }

    private void endOne() {
      for (ScheduledTask task : store.state().tasks().all()) {
        if (random.nextInt(4) == 0) {
          String id = task.assignedTask().taskId();
          cluster.end(id);
          store.change(tx -> tx.removeTask(id));
          return;
        }
      }
    }

    private void setMode(String host, boolean drains) {
      HostAttributes stored = store.state().hosts().get(host);
      if (stored != null) {
        store.change(
            tx ->
                tx.change(
                    new Op.SaveHostAttributes(
                        new SaveHostAttributes(
                            stored.toBuilder()
                                .mode(drains ? MaintenanceMode.DRAINING : MaintenanceMode.NONE)
                                .build()))));
      }
    }

    /** Hosts have what was put on them, and it may be there. */
    private void check() {
      for (SeededCluster.Host host : cluster.hosts()) {
        assertThat(host.free()).isNotNull();
        for (ScheduledTask task : host.tasks.values()) {
          checkConstraints(task.assignedTask().task(), host);
        }
      }
    }

    private void checkConstraints(TaskConfig config, SeededCluster.Host host) {
      HostView view =
          new HostView(
              host.name, HostView.attributesOf(host.attributes), MaintenanceMode.NONE, null);
      if (view.attributes().containsKey("dedicated")) {
        assertThat(config.constraints()).extracting(Constraint::name).contains("dedicated");
      }
      JobSpread spread = JobSpread.of(store.state(), config.job());
      for (Constraint constraint : config.constraints()) {
        if (constraint.constraint() instanceof TaskConstraint.Limit limit) {
          int allowed = limit.value().limit();
          // Other configurations of the job may have gone beyond this one's limit before or after.
          if (soleConfiguration(config)) {
            for (String value : view.attributes().get(constraint.name())) {
              assertThat(spread.count(constraint.name(), value)).isLessThanOrEqualTo(allowed);
            }
          }
        } else if (constraint.constraint() instanceof TaskConstraint.Value wanted) {
          boolean has =
              wanted.value().values().stream()
                  .anyMatch(view.attributes().get(constraint.name())::contains);
          assertThat(has).isNotEqualTo(wanted.value().negated());
        }
      }
    }

    private boolean soleConfiguration(TaskConfig config) {
      for (ScheduledTask task : store.state().tasks().ofJob(config.job()).active().values()) {
        if (!task.assignedTask().task().equals(config)) {
          return false;
        }
      }
      return true;
    }

    /** Whatever waits has no place, and every host with something free is on offer. */
    private void checkNobodyIsForgotten() {
      State state = store.state();
      assertThat(book.size()).isEqualTo(cluster.hosts().size());
      for (ScheduledTask task : state.tasks().all()) {
        if (task.status() != ScheduleStatus.PENDING) {
          continue;
        }
        TaskConfig config = task.assignedTask().task();
        Matcher.Request request = matcher.request(config);
        for (OfferBook.Held held : book.held()) {
          Offer offer = held.offer();
          assertThat(
                  matcher.vetoes(
                      request,
                      offer.capacity().view(request.need()),
                      HostView.of(offer, state.hosts().get(offer.host())),
                      () -> JobSpread.of(state, config.job()),
                      store.clock().wallMillis()))
              .as("%s on %s", config, offer)
              .isNotEmpty();
        }
      }
    }

    @Override
    public void onOffer(Offer offer) {
      scheduling.onOffer(offer);
    }

    @Override
    public void onOfferRescinded(String offerId) {
      scheduling.onOfferRescinded(offerId);
    }

    @Override
    public void onStatus(StatusUpdate update) {}

    @Override
    public void onAgentLost(String agentId) {
      scheduling.onAgentLost(agentId);
    }
  }
}
