package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.TierConfig;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.store.NotAppliedException;
import io.borealis.scheduler.store.OutcomeUnknownException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.Test;

public class SchedulerApiTest {
  private final TestApi test = new TestApi();

  @Test
  public void tiersAreToldWithTheDefault() {
    Result result = test.result(test.api.getTierConfigs(test.call()));

    var tiers = ((Result.GetTierConfigResult) result).value();
    assertThat(tiers.defaultTierName()).isEqualTo("preemptible");
    assertThat(tiers.tiers())
        .containsExactly(
            tier("preferred", "false", "false"),
            tier("preemptible", "true", "false"),
            tier("revocable", "true", "true"));
  }

  private static TierConfig tier(String name, String preemptible, String revocable) {
    return new TierConfig(
        name, ImmutableMap.of("preemptible", preemptible, "revocable", revocable));
  }

  /** FO-16. */
  @Test
  public void writesOfALeaderThatSteppedDownMayBeRepeated() {
    test.store.writer().close("Storage is not READY");

    test.refused(
        test.api.createJob(test.call(), Samples.job(1)),
        ResponseCode.ERROR_TRANSIENT,
        "Storage is not READY");
    JobUpdateKey key = new JobUpdateKey(Samples.JOB, "u");
    for (CompletionStage<Response> call :
        List.of(
            test.start(Samples.request(Updates.NEW, 1)),
            test.api.pauseJobUpdate(test.call(), key, null),
            test.api.resumeJobUpdate(test.call(), key, null),
            test.api.abortJobUpdate(test.call(), key, null),
            test.api.rollbackJobUpdate(test.call(), key, null))) {
      test.refused(call, ResponseCode.ERROR_TRANSIENT, "Storage is not READY");
    }
  }

  @Test
  public void writesWhoseTimeIsUpAreNotBegun() {
    CallContext late = new CallContext("r", "ann", "x", test.store.clock().nanoTime() - 1);

    test.refused(
        test.api.createJob(late, Samples.job(1)),
        ResponseCode.ERROR_TRANSIENT,
        "The deadline passed before the write was begun");
    assertThat(test.state().tasks().size()).isZero();
  }

  @Test
  public void failuresOfAllKindsHaveTheirCodes() {
    TestApi.assertAnswer(
        Responses.failure(new CompletionException(new NotAppliedException("full"))),
        ResponseCode.ERROR_TRANSIENT,
        "full");
    TestApi.assertAnswer(
        Responses.failure(new OutcomeUnknownException("no answer")),
        ResponseCode.ERROR,
        "Outcome unknown: no answer; check before repeating");
    TestApi.assertAnswer(
        Responses.failure(Refusal.invalid("wrong")), ResponseCode.INVALID_REQUEST, "wrong");
  }

  @Test
  public void faultsAreNoAnswers() {
    IllegalStateException fault = new IllegalStateException("odd");
    assertThatThrownBy(() -> Responses.failure(new CompletionException(fault))).isSameAs(fault);
    OutOfMemoryError error = new OutOfMemoryError();
    assertThatThrownBy(() -> Responses.failure(error)).hasCause(error);
  }

  @Test
  public void aRefusalUndoesWhatTheCallHadChanged() {
    int entries = test.store.entries();
    var unused = test.haveRunning(0);

    test.invalid(
        test.api.restartShards(test.call(), Samples.JOB, ImmutableSet.of(0, 5)),
        "Not all requested shards are active.");

    assertThat(test.statuses(Samples.JOB)).containsExactly("0:RUNNING");
    assertThat(test.store.entries()).isEqualTo(entries + 1);
  }
}
