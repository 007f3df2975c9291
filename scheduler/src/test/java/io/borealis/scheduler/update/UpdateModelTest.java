package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * Updates to which anything may happen, drawn from seeds: after each transaction they keep their
 * promises, and in the end they end. A seed that fails is named and fails again; {@code
 * -Dborealis.seeds} tries more of them.
 */
public class UpdateModelTest {
  private static final int SEEDS = Integer.getInteger("borealis.seeds", 200);
  private static final int STEPS = 80;

  @Test
  public void updatesKeepTheirPromisesWhateverHappens() {
    Set<JobUpdateStatus> ends = EnumSet.noneOf(JobUpdateStatus.class);
    for (int seed = 1; seed <= SEEDS; seed++) {
      RandomUpdate update = new RandomUpdate(seed);
      try {
        ends.add(tell(update));
      } catch (Throwable failure) {
        throw new AssertionError(
            "Seed " + seed + " after " + update.told() + ": " + failure.getMessage(), failure);
      }
    }
    assertThat(ends)
        .containsExactlyInAnyOrder(
            JobUpdateStatus.ROLLED_FORWARD,
            JobUpdateStatus.ROLLED_BACK,
            JobUpdateStatus.FAILED,
            JobUpdateStatus.ABORTED);
  }

  private static JobUpdateStatus tell(RandomUpdate update) {
    UpdateScenario story = update.story();
    Watch watch = new Watch(update);
    update.start();
    watch.look();
    for (int i = 0; i < STEPS; i++) {
      update.step();
      watch.look();
    }
    update.settle(watch::look);
    JobUpdateStatus end = story.record().status();
    assertThat(end).as("the update ends").matches(status -> !UpdateTransitions.isActive(status));
    if (end == JobUpdateStatus.ROLLED_FORWARD || end == JobUpdateStatus.ROLLED_BACK) {
      tasksAreAsWanted(update);
    }
    return end;
  }

  /** Looks at each transaction once it is durable. */
  private static final class Watch {
    private final UpdateScenario story;
    private final UpdateInvariants invariants;
    private State state;
    private int entries;

    Watch(RandomUpdate update) {
      story = update.story();
      state = story.store().state();
      entries = story.store().entries();
      invariants = new UpdateInvariants(story.key(), state, update::letGo);
    }

    void look() {
      for (Transaction transaction : story.store().transactionsSince(entries)) {
        state = state.apply(transaction);
        if (state.updates().get(story.key()) != null) {
          invariants.check(state);
        }
      }
      entries = story.store().entries();
    }
  }

  private static void tasksAreAsWanted(RandomUpdate random) {
    UpdateScenario story = random.story();
    UpdateRecord update = story.record();
    boolean back = update.progress().rollback();
    for (int instance : update.plan().instances()) {
      if (!random.gone().contains(instance)) {
        @Nullable ScheduledTask task =
            story.store().state().tasks().activeOf(story.job(), instance);
        @Nullable TaskConfig config = task == null ? null : task.assignedTask().task();
        assertThat(config)
            .as("instance %s", instance)
            .isEqualTo(update.plan().targetOf(instance, back));
      }
    }
  }
}
