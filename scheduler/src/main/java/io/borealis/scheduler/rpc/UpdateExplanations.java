package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import io.borealis.api.GetJobUpdateDetailsResult;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Response;
import io.borealis.api.ResponseDetail;
import io.borealis.api.Result;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.update.Explainer;
import io.borealis.scheduler.update.Explanation;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of the updates in an answer what they wait for. Thread-safe. */
public final class UpdateExplanations {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateExplanations.class);

  /** Who asks sooner has an update that moves; recorded conversations get the recorded answer. */
  private static final Duration STILL = Duration.ofSeconds(10);

  private final Supplier<State> state;
  private final Explainer explainer;
  private final Clock clock;

  public UpdateExplanations(Supplier<State> state, Explainer explainer, Clock clock) {
    this.state = state;
    this.explainer = explainer;
    this.clock = clock;
  }

  /** Explains each active update that the answer tells of, in its order. */
  ImmutableList<Explanation> of(Response answer) {
    State now = state.get();
    ImmutableList.Builder<Explanation> explanations = ImmutableList.builder();
    for (JobUpdateKey key : keys(answer.result())) {
      UpdateRecord update = now.updates().get(key);
      Explanation explanation = update == null ? null : explained(now, update);
      if (explanation != null) {
        explanations.add(explanation);
      }
    }
    return explanations.build();
  }

  /** An explanation is a courtesy: what it stumbles over must not keep the answer back. */
  private @Nullable Explanation explained(State now, UpdateRecord update) {
    try {
      return explainer.explain(now, update, clock.wallMillis());
    } catch (RuntimeException defect) {
      LOG.error("Update {} cannot be explained", Identifiers.path(update.key()), defect);
      return null;
    }
  }

  /**
   * Adds a message to the answer if it tells of one update, and that has been still for a while.
   */
  Response with(Response answer) {
    ImmutableList<JobUpdateKey> keys = keys(answer.result());
    if (keys.size() != 1 || !isStill(keys.get(0))) {
      return answer;
    }
    ImmutableList<Explanation> explanations = of(answer);
    if (explanations.isEmpty()) {
      return answer;
    }
    return answer.toBuilder()
        .details(
            ImmutableList.<ResponseDetail>builder()
                .addAll(answer.details())
                .add(new ResponseDetail("Not moving: " + explanations.get(0).sentence()))
                .build())
        .build();
  }

  private boolean isStill(JobUpdateKey key) {
    UpdateRecord update = state.get().updates().get(key);
    return update != null && clock.wallMillis() - update.modifiedMs() >= STILL.toMillis();
  }

  private static ImmutableList<JobUpdateKey> keys(@Nullable Result result) {
    if (result instanceof Result.GetJobUpdateSummariesResult summaries) {
      return summaries.value().updateSummaries().stream()
          .map(JobUpdateSummary::key)
          .collect(ImmutableList.toImmutableList());
    } else if (result instanceof Result.GetJobUpdateDetailsResult details) {
      return keys(details.value());
    }
    return ImmutableList.of();
  }

  private static ImmutableList<JobUpdateKey> keys(GetJobUpdateDetailsResult result) {
    JobUpdateDetails one = result.details();
    return (one == null ? result.detailsList() : ImmutableList.of(one))
        .stream()
            .map(details -> details.update().summary().key())
            .collect(ImmutableList.toImmutableList());
  }
}
