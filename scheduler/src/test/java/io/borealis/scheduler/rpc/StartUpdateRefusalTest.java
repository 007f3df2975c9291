package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.Range;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.TaskConfig;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.Test;

/** What keeps an update from starting, before the job is looked at (update rules, section 3.2). */
public class StartUpdateRefusalTest {
  private final TestApi test = new TestApi();

  /** What is wrong with a request, and how it is refused. */
  private record Refused(JobUpdateRequest request, ResponseCode code, String text) {
    static Refused invalid(JobUpdateRequest request, String text) {
      return new Refused(request, ResponseCode.INVALID_REQUEST, text);
    }
  }

  /** Refused before anything is looked up, in the order of section 3.2; row by row. */
  private static List<Refused> wrong() {
    JobUpdateRequest good = Updates.request(s -> s);
    String nothing = "Update results in no instance being modified.";
    return List.of(
        // 2
        new Refused(
            good.toBuilder().taskConfig(null).build(),
            ResponseCode.ERROR,
            "request.taskConfig must be set"),
        // 3
        Refused.invalid(
            Samples.request(NEW.toBuilder().isService(false).build(), 3),
            "Updates are not supported for non-service tasks."),
        // 4
        Refused.invalid(good.toBuilder().settings(null).build(), "settings must be set."),
        // 5, A-23
        Refused.invalid(
            Updates.strategy(new JobUpdateStrategy.Unknown(9)),
            "Update strategy provided is unknown."),
        // 7
        Refused.invalid(variable(1, 0, 2), "All update group sizes must be positive."),
        Refused.invalid(variable(-1), "All update group sizes must be positive."),
        // 6 and 8
        Refused.invalid(variable(), nothing),
        Refused.invalid(Updates.request(s -> s.updateGroupSize(0)), nothing),
        Refused.invalid(Updates.request(s -> s.updateGroupSize(-1)), nothing),
        Refused.invalid(
            Updates.strategy(new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(0))),
            nothing),
        Refused.invalid(
            Updates.strategy(
                new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(0, true))),
            nothing),
        // 9 to 13
        Refused.invalid(
            Updates.request(s -> s.maxPerInstanceFailures(-1)),
            "maxPerInstanceFailures must be non-negative."),
        Refused.invalid(
            Updates.request(s -> s.maxFailedInstances(-1)),
            "maxFailedInstances must be non-negative."),
        Refused.invalid(Updates.request(s -> s.maxPerInstanceFailures(6667)), TOO_MANY_FAILURES),
        Refused.invalid(
            Updates.request(s -> s.minWaitInInstanceRunningMs(-1)),
            "minWaitInInstanceRunningMs must be non-negative."),
        Refused.invalid(
            Updates.request(s -> s.blockIfNoPulsesAfterMs(-1)),
            "blockIfNoPulsesAfterMs must be positive."),
        // 13a, A-26
        Refused.invalid(
            Updates.request(s -> s.slaAware(true)),
            "slaAware is true, but no task slaPolicy is specified."),
        // 13b, A-25
        Refused.invalid(
            Samples.request(NEW.toBuilder().resources(Samples.resources(0, 1, 1)).build(), 3),
            "num_cpus must be greater than 0.0"),
        Refused.invalid(
            Samples.request(NEW.toBuilder().tier("nope").build(), 3),
            "Invalid tier 'nope' in TaskConfig."),
        Refused.invalid(
            Samples.request(NEW.toBuilder().job(null).build(), 3), "Job key null is invalid."));
  }

  /** texts that are a little wrong are kept (W-25). */
  @Test
  public void whatIsWrongWithARequestIsNamedAndNothingIsStored() {
    test.refused(test.start(null), ResponseCode.ERROR, "request must be set");
    for (Refused each : wrong()) {
      test.refused(test.start(each.request()), each.code(), each.text());
    }
    assertThat(test.state().updates().size()).isZero();
    assertThat(test.meters.counter("thrift_workload_startJobUpdate").count()).isZero();
  }

  @Test
  public void ofSeveralFaultsTheFirstIsNamed() {
    JobUpdateRequest all =
        Updates.request(
                s ->
                    s.updateGroupSize(0)
                        .maxPerInstanceFailures(-1)
                        .maxFailedInstances(-1)
                        .minWaitInInstanceRunningMs(-1)
                        .blockIfNoPulsesAfterMs(-1)
                        .slaAware(true))
            .toBuilder()
            .taskConfig(NEW.toBuilder().isService(false).tier("nope").build())
            .instanceCount(-1)
            .build();
    List<String> texts = new ArrayList<>();
    JobUpdateRequest rest = all;
    for (UnaryOperator<JobUpdateRequest> repair : REPAIRS) {
      texts.add(test.get(test.start(rest)).details().get(0).message());
      rest = repair.apply(rest);
    }
    texts.add(test.get(test.start(rest)).details().get(0).message());

    assertThat(texts)
        .containsExactly(
            "Updates are not supported for non-service tasks.",
            "Update results in no instance being modified.",
            "maxPerInstanceFailures must be non-negative.",
            "maxFailedInstances must be non-negative.",
            "minWaitInInstanceRunningMs must be non-negative.",
            "blockIfNoPulsesAfterMs must be positive.",
            "slaAware is true, but no task slaPolicy is specified.",
            "Invalid tier 'nope' in TaskConfig.",
            "Instance count must be between 1 and 4000 inclusive.");
  }

  private static final List<UnaryOperator<JobUpdateRequest>> REPAIRS =
      List.of(
          request -> task(request, request.taskConfig().toBuilder().isService(true).build()),
          request -> with(request, request.settings().toBuilder().updateGroupSize(1)),
          request -> with(request, request.settings().toBuilder().maxPerInstanceFailures(0)),
          request -> with(request, request.settings().toBuilder().maxFailedInstances(0)),
          request -> with(request, request.settings().toBuilder().minWaitInInstanceRunningMs(0)),
          request -> with(request, request.settings().toBuilder().blockIfNoPulsesAfterMs(0)),
          request -> with(request, request.settings().toBuilder().slaAware(false)),
          request -> task(request, NEW));

  private static JobUpdateRequest task(JobUpdateRequest request, TaskConfig config) {
    return request.toBuilder().taskConfig(config).build();
  }

  private static JobUpdateRequest with(
      JobUpdateRequest request, JobUpdateSettings.Builder settings) {
    return request.toBuilder().settings(settings.build()).build();
  }

  private static JobUpdateRequest variable(Integer... sizes) {
    return Updates.strategy(
        new JobUpdateStrategy.VarBatchStrategy(
            new VariableBatchJobUpdateStrategy(ImmutableList.copyOf(sizes), false)));
  }

  private static final String TOO_MANY_FAILURES =
      "Your update allows too many failures to occur, consider decreasing the per-instance"
          + " failures or maxFailedInstances.";

  /** A-20, W-24. */
  @Test
  public void theFailureLimitDoesNotOverflow() {
    // 4,000 times this is 2^31 + 352, less than nothing in 32 bits.
    test.invalid(
        test.start(
            Updates.request(s -> s.maxPerInstanceFailures(536_871)).toBuilder()
                .instanceCount(4000)
                .build()),
        TOO_MANY_FAILURES);
    // 3 times this is 2 in 32 bits.
    test.invalid(
        test.start(Updates.request(s -> s.maxPerInstanceFailures(1_431_655_766))),
        TOO_MANY_FAILURES);
    Result unused = test.result(test.start(Updates.request(s -> s.maxPerInstanceFailures(6666))));
  }

  /** W-24. */
  @Test
  public void startRefusesScopesThatAreNotSetsOfRanges() {
    test.invalid(
        test.start(Updates.only(3, new Range(2, 1))),
        "updateOnlyTheseInstances: the first instance of a range must not be above its last:"
            + " [2..1]");
    test.invalid(
        test.start(Updates.only(3, new Range(0, 1), new Range(1, 2))),
        "updateOnlyTheseInstances: ranges must not overlap: [0..1] and [1..2]");
  }

  /** */
  @Test
  public void startNamesInstancesItCannotTouch() {
    String irrelevant =
        "The update request attempted to update specific instances, but some are irrelevant to the"
            + " update and current job state: ";
    test.invalid(test.start(Updates.only(2, new Range(1, 5))), irrelevant + "[2, 3, 4, 5]");
    TaskConfig unused = test.haveRunning(0, 1, 2);

    test.invalid(test.start(Updates.only(3, new Range(2, 4))), irrelevant + "[3, 4]");
    test.invalid(test.start(Updates.only(3, new Range(-2, -1))), irrelevant + "[-2, -1]");
    Response huge = test.get(test.start(Updates.only(3, new Range(0, Integer.MAX_VALUE))));
    assertThat(huge.details().get(0).message())
        .startsWith(irrelevant + "[3, 4, ")
        .endsWith(", 1002, ...]");
  }
}
