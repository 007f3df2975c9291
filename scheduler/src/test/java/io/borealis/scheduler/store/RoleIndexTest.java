package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJob;
import io.borealis.api.storage.SaveCronJob;
import org.junit.Test;

public class RoleIndexTest {
  private static final JobKey A = new JobKey("shop", "prod", "a");
  private static final JobKey B = new JobKey("shop", "prod", "b");
  private static final JobKey C = new JobKey("bank", "prod", "a");

  @Test
  public void cronJobsAreFoundByRoleUntilTheyAreRemoved() {
    State state = State.EMPTY;
    for (JobKey key : new JobKey[] {A, B, C, A}) {
      state = state.apply(new Op.SaveCronJob(new SaveCronJob(template(key))));
    }
    assertThat(keys(state, "shop")).containsExactlyInAnyOrder(A, B);
    assertThat(keys(state, "bank")).containsExactly(C);
    assertThat(keys(state, "nobody")).isEmpty();

    State restored = Snapshots.toState(Snapshots.of(state));
    assertThat(keys(restored, "shop")).containsExactlyInAnyOrder(A, B);

    state = state.apply(new Op.RemoveJob(new RemoveJob(A)));
    state = state.apply(new Op.RemoveJob(new RemoveJob(C)));
    state = state.apply(new Op.RemoveJob(new RemoveJob(C)));
    assertThat(keys(state, "shop")).containsExactly(B);
    assertThat(keys(state, "bank")).isEmpty();
    assertThat(state.cronJobs().size()).isEqualTo(1);
  }

  private static JobConfiguration template(JobKey key) {
    return JobConfiguration.builder().key(key).instanceCount(1).cronSchedule("* * * * *").build();
  }

  private static ImmutableSet<JobKey> keys(State state, String role) {
    return ImmutableSet.copyOf(
        Iterables.transform(state.cronJobs().ofRole(role), JobConfiguration::key));
  }
}
