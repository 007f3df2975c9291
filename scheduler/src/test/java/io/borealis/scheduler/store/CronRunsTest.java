package io.borealis.scheduler.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJob;
import io.borealis.api.storage.RemoveWaitingCronRun;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.SaveWaitingCronRun;
import io.borealis.api.storage.Transaction;
import io.borealis.api.storage.WaitingCronRun;
import io.borealis.scheduler.journal.EntryCodec;
import java.util.Random;
import org.junit.Test;

/** What State knows of cron runs, on the leader, on followers and after a snapshot. */
public class CronRunsTest {
  private final EntryCodec codec = new EntryCodec();

  private static JobConfiguration template(JobKey job) {
    return JobConfiguration.builder()
        .key(job)
        .cronSchedule("* * * * *")
        .taskConfig(Fixtures.config(job))
        .instanceCount(3)
        .build();
  }

  private static Op op(Random random) {
    JobKey job = new JobKey("role", "prod", "job" + random.nextInt(4));
    return switch (random.nextInt(6)) {
      case 0 -> new Op.SaveCronJob(new SaveCronJob(template(job)));
      case 1, 2 ->
          new Op.SaveCronProgress(
              new SaveCronProgress(
                  ImmutableList.of(
                      new CronProgress(job, random.nextInt(1000)),
                      new CronProgress(new JobKey("role", "prod", "job0"), 5))));
      case 3 ->
          new Op.SaveWaitingCronRun(
              new SaveWaitingCronRun(
                  new WaitingCronRun(
                      template(job),
                      random.nextInt(1000),
                      ImmutableSet.of("t" + random.nextInt(9), "s", "r"))));
      case 4 -> new Op.RemoveWaitingCronRun(new RemoveWaitingCronRun(job));
      default -> new Op.RemoveJob(new RemoveJob(job));
    };
  }

  @Test
  public void leaderFollowerAndSnapshotAgree() throws Exception {
    int waited = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      State leader = State.EMPTY;
      Replica follower = new Replica(codec);
      for (int number = 1; number <= 8; number++) {
        Transaction transaction =
            Transaction.builder()
                .number(number)
                .stampMs(1000 + number)
                .ops(ImmutableList.of(op(random), op(random)))
                .build();
        leader = leader.apply(transaction);
        follower.onEntry(number, codec.encode(ImmutableList.of(transaction)));
      }
      byte[] snapshot = codec.encodeSnapshot(Snapshots.of(leader));
      State loaded = Snapshots.toState(codec.decodeSnapshot(snapshot));

      for (State other : ImmutableList.of(follower.durable(), loaded)) {
        assertThat(codec.encodeSnapshot(Snapshots.of(other)))
            .as("seed %d", seed)
            .isEqualTo(snapshot);
        assertThat(other.cronRuns().progress()).isEqualTo(leader.cronRuns().progress());
        assertThat(other.cronRuns().waiting().asMap())
            .isEqualTo(leader.cronRuns().waiting().asMap());
      }
      waited += leader.cronRuns().waiting().size();
    }
    assertThat(waited).isGreaterThan(50);
  }

  @Test
  public void aJobThatIsRemovedTakesItsRunsWithIt() {
    JobKey job = new JobKey("role", "prod", "job");
    State state =
        State.EMPTY
            .apply(new Op.SaveCronJob(new SaveCronJob(template(job))))
            .apply(
                new Op.SaveCronProgress(
                    new SaveCronProgress(ImmutableList.of(new CronProgress(job, 7)))))
            .apply(
                new Op.SaveWaitingCronRun(
                    new SaveWaitingCronRun(
                        new WaitingCronRun(template(job), 7, ImmutableSet.of("t")))));
    assertThat(state.cronRuns().considered(job)).isEqualTo(7);

    State after = state.apply(new Op.RemoveJob(new RemoveJob(job)));

    assertThat(after.cronJobs().contains(job)).isFalse();
    assertThat(after.cronRuns().considered(job)).isNull();
    assertThat(after.cronRuns().waiting(job)).isNull();
  }
}
