package io.borealis.scheduler.update;

import io.borealis.scheduler.sla.SlaDenial;
import org.jspecify.annotations.Nullable;

/**
 * An instance whose task an update may not take down yet. Times are in milliseconds since the
 * epoch. Immutable.
 *
 * @param sinceMs since when this leader tries
 * @param attempts how often it has tried
 * @param nextAttemptMs when it tries again, unless tasks of the job let it do so sooner
 * @param denial why the last attempt failed; null before its end
 */
public record SlaWait(
    String taskId, long sinceMs, int attempts, long nextAttemptMs, @Nullable SlaDenial denial) {}
