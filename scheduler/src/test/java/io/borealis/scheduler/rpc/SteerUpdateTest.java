package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.TaskConfig;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** Pause, resume, abort, rollback and pulse as calls (update rules, sections 3.6 and 3.7). */
public class SteerUpdateTest {
  private final TestApi test = new TestApi();

  private static final JobUpdateKey UNKNOWN = new JobUpdateKey(JOB, "nope");

  private List<CompletionStage<Response>> steer(
      @Nullable JobUpdateKey key, @Nullable String message) {
    return List.of(
        test.api.pauseJobUpdate(test.call(), key, message),
        test.api.resumeJobUpdate(test.call(), key, message),
        test.api.abortJobUpdate(test.call(), key, message),
        test.api.rollbackJobUpdate(test.call(), key, message));
  }

  /** W-32; AURORA-1721: who wants to go back says so. */
  @Test
  public void anUpdateIsRolledBackOnRequest() {
    TaskConfig old = test.haveRunning(0, 1);
    Result unused = test.result(test.start(Samples.request(NEW, 2)));
    JobUpdateKey key = test.updating().key();

    test.ok(test.api.rollbackJobUpdate(test.call(), key, "back"));

    assertThat(test.updating().status()).isEqualTo(JobUpdateStatus.ROLLING_BACK);
    assertThat(test.updating().events().get(1))
        .satisfies(
            event -> {
              assertThat(event.user()).isEqualTo("ann");
              assertThat(event.message()).isEqualTo("back");
            });
    assertThat(test.active(JOB).get(1).assignedTask().task()).isEqualTo(old);
  }

  @Test
  public void updatesArePausedResumedAndAborted() {
    TaskConfig unused = test.haveRunning(0, 1, 2);
    Result started = test.result(test.start(Samples.request(NEW, 3)));
    assertThat(started).isNotNull();
    JobUpdateKey key = test.updating().key();

    test.ok(test.api.pauseJobUpdate(test.call(), key, "wait"));
    assertThat(test.updating().status()).isEqualTo(JobUpdateStatus.ROLL_FORWARD_PAUSED);
    assertThat(test.updating().events().get(test.updating().events().size() - 1))
        .satisfies(
            event -> {
              assertThat(event.user()).isEqualTo("ann");
              assertThat(event.message()).isEqualTo("wait");
            });
    test.ok(test.api.resumeJobUpdate(test.call(), key, null));
    assertThat(test.updating().status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    test.ok(test.api.abortJobUpdate(test.call(), key, null));
    assertThat(test.state().updates().get(key).status()).isEqualTo(JobUpdateStatus.ABORTED);
  }

  /** SM-8. */
  @Test
  public void steeringNeedsAKeyOfAnUpdate() {
    for (CompletionStage<Response> call : steer(null, null)) {
      test.refused(call, ResponseCode.ERROR, "key must be set");
    }
    for (CompletionStage<Response> call : steer(new JobUpdateKey(null, "x"), null)) {
      test.refused(call, ResponseCode.ERROR, "key.job must be set");
    }
    for (CompletionStage<Response> call : steer(UNKNOWN, null)) {
      Response answer = test.get(call);
      assertThat(answer.responseCode()).isEqualTo(ResponseCode.INVALID_REQUEST);
      assertThat(answer.details().get(0).message()).startsWith("Update does not exist");
    }
  }

  /** */
  @Test
  public void messagesHaveALimitedLength() {
    String longest = "m".repeat(1024);
    for (CompletionStage<Response> call : steer(UNKNOWN, longest + "m")) {
      test.invalid(call, "message must have at most 1024 characters.");
    }
    test.invalid(
        test.api.startJobUpdate(test.call(), Samples.request(NEW, 3), longest + "m"),
        "message must have at most 1024 characters.");
    test.ok(
        test.api.startJobUpdate(test.call(), Samples.request(NEW, 0), longest + "m"),
        "Job is unchanged by proposed update.");
    Result unused =
        test.result(test.api.startJobUpdate(test.call(), Samples.request(NEW, 3), longest));
    // Beyond the first plane a character counts twice, as in Java and JavaScript.
    test.invalid(
        test.api.pauseJobUpdate(
            test.call(), test.updating().key(), Character.toString(0x1F680).repeat(513)),
        "message must have at most 1024 characters.");
    test.ok(
        test.api.pauseJobUpdate(
            test.call(), test.updating().key(), Character.toString(0x1F680).repeat(512)));
  }

  /** P-4 and P-6. */
  @Test
  public void pulsesOfUnknownUpdatesAreAnsweredWithFinished() {
    Result result = test.result(test.api.pulseJobUpdate(test.call(), UNKNOWN));

    assertThat(((Result.PulseJobUpdateResult) result).value().status())
        .isEqualTo(JobUpdatePulseStatus.FINISHED);
    test.refused(test.api.pulseJobUpdate(test.call(), null), ResponseCode.ERROR, "key must be set");
    for (String blank : new String[] {"", " ", "\t"}) {
      test.refused(
          test.api.pulseJobUpdate(test.call(), new JobUpdateKey(JOB, blank)),
          ResponseCode.ERROR,
          "Argument cannot be blank");
    }
    test.refused(
        test.api.pulseJobUpdate(
            test.call(), new JobUpdateKey(new JobKey("shop", "prod", "a b"), "u")),
        ResponseCode.ERROR,
        "key.job shop/prod/a b is not a valid job key");
  }
}
