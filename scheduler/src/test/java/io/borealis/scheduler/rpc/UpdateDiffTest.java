package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ConfigGroup;
import io.borealis.api.GetJobUpdateDiffResult;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Range;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.Test;

/** What an update would change (update rules, sections 3.3 and 3.9; AURORA-1501). */
public class UpdateDiffTest {
  private final TestApi test = new TestApi();

  private GetJobUpdateDiffResult diff(JobUpdateRequest request) {
    Result result = test.result(test.api.getJobUpdateDiff(test.call(), request));
    return ((Result.GetJobUpdateDiffResult) result).value();
  }

  private static ConfigGroup group(TaskConfig config, int first, int last) {
    return new ConfigGroup(config, ImmutableSet.of(new Range(first, last)));
  }

  /** DF-1. */
  @Test
  public void instancesOutsideTheScopeAreUnchanged() {
    List<TaskConfig> old = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      old.add(Samples.stored(JOB).toBuilder().priority(10 + i).build());
      var unused = test.have(old.get(i), ScheduleStatus.RUNNING, ids(10 * i, 10 * i + 9));
    }

    assertThat(diff(Updates.only(60, new Range(10, 59))))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .add(ImmutableSet.of(group(NEW, 50, 59)))
                .update(
                    ImmutableSet.of(
                        group(old.get(1), 10, 19),
                        group(old.get(2), 20, 29),
                        group(old.get(3), 30, 39),
                        group(old.get(4), 40, 49)))
                .unchanged(ImmutableSet.of(group(old.get(0), 0, 9)))
                .build());
  }

  /** DF-2. */
  @Test
  public void instancesAboveTheCountAreRemoved() {
    TaskConfig old = test.haveRunning(ids(0, 9));
    TaskConfig older = old.toBuilder().priority(3).build();
    var unused = test.have(older, ScheduleStatus.RUNNING, ids(10, 29));

    assertThat(diff(Samples.request(NEW, 20)))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .remove(ImmutableSet.of(group(older, 20, 29)))
                .update(ImmutableSet.of(group(old, 0, 9), group(older, 10, 19)))
                .build());
  }

  private static int[] ids(int first, int last) {
    return IntStream.rangeClosed(first, last).toArray();
  }

  /** DF-3. */
  @Test
  public void whatIsAsItShallBeIsUnchanged() {
    TaskConfig old = test.haveRunning(0, 1, 2);

    assertThat(diff(Samples.request(old, 3)))
        .isEqualTo(
            GetJobUpdateDiffResult.builder().unchanged(ImmutableSet.of(group(old, 0, 2))).build());
  }

  /** DF-4. */
  @Test
  public void withoutSettingsThereIsNoScope() {
    TaskConfig old = test.haveRunning(0);

    assertThat(diff(Samples.request(NEW, 2).toBuilder().settings(null).build()))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .add(ImmutableSet.of(group(NEW, 1, 1)))
                .update(ImmutableSet.of(group(old, 0, 0)))
                .build());
  }

  /** DF-5. */
  @Test
  public void holesAreAdded() {
    TaskConfig old = test.haveRunning(0, 4);
    TaskConfig older = old.toBuilder().priority(3).build();
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 1);
    unused = test.have(older, ScheduleStatus.RUNNING, 3);

    assertThat(diff(Samples.request(NEW, 5)))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .add(ImmutableSet.of(group(NEW, 2, 2)))
                .update(
                    ImmutableSet.of(
                        new ConfigGroup(old, ImmutableSet.of(new Range(0, 0), new Range(4, 4))),
                        group(older, 3, 3)))
                .unchanged(ImmutableSet.of(group(NEW, 1, 1)))
                .build());
  }

  /** DF-6 and DF-7. */
  @Test
  public void aScopeInWhichNothingChangesLeavesEverythingUnchanged() {
    TaskConfig old = test.haveRunning(0, 1, 2);
    for (int count : new int[] {1, 5}) {
      assertThat(diff(Updates.only(count, new Range(0, 0)).toBuilder().taskConfig(old).build()))
          .isEqualTo(
              GetJobUpdateDiffResult.builder()
                  .unchanged(ImmutableSet.of(group(old, 0, 2)))
                  .build());
    }
  }

  @Test
  public void theDiffSortsInstancesByWhatWouldHappenToThem() {
    TaskConfig old = test.haveRunning(0, 1, 4);
    var unused = test.have(NEW, ScheduleStatus.RUNNING, 2);

    assertThat(diff(Samples.request(NEW, 4)))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .add(ImmutableSet.of(group(NEW, 3, 3)))
                .remove(ImmutableSet.of(group(old, 4, 4)))
                .update(ImmutableSet.of(group(old, 0, 1)))
                .unchanged(ImmutableSet.of(group(NEW, 2, 2)))
                .build());
    assertThat(diff(Updates.only(4, new Range(0, 0), new Range(8, 9))))
        .isEqualTo(
            GetJobUpdateDiffResult.builder()
                .update(ImmutableSet.of(group(old, 0, 0)))
                .unchanged(
                    ImmutableSet.of(
                        new ConfigGroup(old, ImmutableSet.of(new Range(1, 1), new Range(4, 4))),
                        group(NEW, 2, 2)))
                .build());
  }

  @Test
  public void theDiffDoesNotCareAboutHowAnUpdateWouldRun() {
    JobUpdateRequest odd =
        Updates.request(s -> s.updateGroupSize(0).maxFailedInstances(-1)).toBuilder()
            .taskConfig(NEW.toBuilder().isService(false).build())
            .instanceCount(4001)
            .build();

    assertThat(diff(odd).add())
        .containsExactly(group(NEW.toBuilder().isService(false).build(), 0, 4000));
  }

  @Test
  public void theDiffRefusesWhatCannotBeCompared() {
    test.refused(
        test.api.getJobUpdateDiff(test.call(), null), ResponseCode.ERROR, "request must be set");
    test.refused(
        test.api.getJobUpdateDiff(test.call(), JobUpdateRequest.builder().build()),
        ResponseCode.ERROR,
        "request.taskConfig must be set");
    refuses(
        Samples.request(NEW.toBuilder().resources(ImmutableSet.of()).build(), 3),
        "num_cpus must be greater than 0.0");
    refuses(Samples.request(NEW, -1), "Instance count must be between 1 and 1000000 inclusive.");
    refuses(
        Updates.only(3, new Range(2, 1)),
        "updateOnlyTheseInstances: the first instance of a range must not be above its last:"
            + " [2..1]");
    test.haveCron(JOB);
    refuses(Samples.request(NEW, 3), "Cron jobs are not supported.");
    refuses(
        Samples.request(NEW.toBuilder().resources(ImmutableSet.of()).build(), 3),
        "num_cpus must be greater than 0.0");
  }

  private void refuses(JobUpdateRequest request, String text) {
    test.invalid(test.api.getJobUpdateDiff(test.call(), request), text);
  }
}
