package io.borealis.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.backup.Staged;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import org.junit.Test;

/** What an import writes into an empty journal. */
public class BackupImportTest {
  @Test
  public void timeBeginsAnewHoweverFarAheadTheBackupIs() {
    JobKey key = new JobKey("www-data", "prod", "nightly");
    JobConfiguration cron =
        JobConfiguration.builder()
            .key(key)
            .cronSchedule("0 3 * * *")
            .taskConfig(Fixtures.config(key))
            .instanceCount(1)
            .build();
    State ahead =
        State.EMPTY.apply(
            Transaction.builder()
                .number(90)
                .stampMs(9_000_000)
                .ops(ImmutableList.of(new Op.SaveCronJob(new SaveCronJob(cron))))
                .build());

    State loaded = State.EMPTY.apply(BackupImport.transaction(new Staged("b", ahead), 1_000));

    assertThat(loaded.transaction()).isEqualTo(1);
    assertThat(loaded.stampMs()).isEqualTo(1_000);
    assertThat(loaded.cronRuns().considered(key)).isEqualTo(1_000);
    assertThat(loaded.cronJobs().get(key)).isEqualTo(cron);
  }
}
