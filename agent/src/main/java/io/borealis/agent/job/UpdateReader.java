package io.borealis.agent.job;

import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.VariableBatchJobUpdateStrategy;

/** Reads how a job is to be updated. Pure. */
final class UpdateReader {
  private static final int MS_PER_SECOND = 1000;
  private static final int LEAST_PULSE_SECONDS = 60;

  private UpdateReader() {}

  static JobUpdateSettings settings(Fields update) throws InvalidTaskException {
    int size = update.numberFrom("batch_size", 1);
    boolean waits = update.flag("wait_for_batch_completion");
    if (update.has("update_strategy") && (waits || size > 1)) {
      throw update
          .place()
          .invalid(
              "update_strategy says how to go on; neither batch_size nor"
                  + " wait_for_batch_completion may say it too");
    }
    JobUpdateSettings.Builder settings =
        JobUpdateSettings.builder()
            .updateGroupSize(size)
            .waitForBatchCompletion(waits)
            .maxPerInstanceFailures(update.numberFrom("max_per_shard_failures", 0))
            .maxFailedInstances(update.numberFrom("max_total_failures", 0))
            .minWaitInInstanceRunningMs(millis(update, "watch_secs", 0))
            .rollbackOnFailure(update.flag("rollback_on_failure"))
            .slaAware(update.flag("sla_aware"));
    if (update.has("pulse_interval_secs")) {
      settings.blockIfNoPulsesAfterMs(millis(update, "pulse_interval_secs", LEAST_PULSE_SECONDS));
    }
    if (update.has("update_strategy")) {
      settings.updateStrategy(strategy(update.fields("update_strategy")));
    }
    return settings.build();
  }

  private static JobUpdateStrategy strategy(Fields strategy) throws InvalidTaskException {
    Type.Struct type = strategy.struct().type();
    if (type == Schema.QUEUE_UPDATE_STRATEGY) {
      return new JobUpdateStrategy.QueueStrategy(
          new QueueJobUpdateStrategy(strategy.numberFrom("batch_size", 1)));
    }
    boolean pauses = strategy.flag("autopause_after_batch");
    return type == Schema.BATCH_UPDATE_STRATEGY
        ? new JobUpdateStrategy.BatchStrategy(
            new BatchJobUpdateStrategy(strategy.numberFrom("batch_size", 1), pauses))
        : new JobUpdateStrategy.VarBatchStrategy(
            new VariableBatchJobUpdateStrategy(strategy.numbers("batch_sizes"), pauses));
  }

  private static int millis(Fields fields, String name, int least) throws InvalidTaskException {
    int seconds = fields.numberFrom(name, least);
    if (seconds > Integer.MAX_VALUE / MS_PER_SECOND) {
      throw fields.place().member(name).invalid("is out of range: " + seconds);
    }
    return seconds * MS_PER_SECOND;
  }
}
