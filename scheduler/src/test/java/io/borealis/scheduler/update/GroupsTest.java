package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.borealis.api.BatchJobUpdateStrategy;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.QueueJobUpdateStrategy;
import io.borealis.api.VariableBatchJobUpdateStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** How many instances begin together (update rules, sections 6.1 to 6.3 and 9.6). */
public class GroupsTest {
  private static JobUpdateStrategy queue(int size) {
    return new JobUpdateStrategy.QueueStrategy(new QueueJobUpdateStrategy(size));
  }

  private static JobUpdateStrategy batch(int size, boolean pauses) {
    return new JobUpdateStrategy.BatchStrategy(new BatchJobUpdateStrategy(size, pauses));
  }

  private static JobUpdateStrategy variable(boolean pauses, Integer... sizes) {
    return new JobUpdateStrategy.VarBatchStrategy(
        new VariableBatchJobUpdateStrategy(ImmutableList.copyOf(sizes), pauses));
  }

  /** The groups of a pass over so many instances, each beginning when the one before has ended. */
  private static List<Integer> groups(JobUpdateStrategy strategy, int count, boolean rollback) {
    List<Integer> groups = new ArrayList<>();
    for (int started = 0; started < count; ) {
      int group = Groups.next(strategy, count, started, 0, rollback);
      assertThat(group).isPositive();
      groups.add(group);
      started += group;
    }
    return groups;
  }

  /** ST-1, ST-2 and ST-3. */
  @Test
  public void aQueueKeepsItsNumberOfInstancesUnderWay() {
    assertThat(Groups.next(queue(3), 6, 0, 0, false)).isEqualTo(3);
    assertThat(Groups.next(queue(3), 6, 2, 2, false)).isEqualTo(1);
    assertThat(Groups.next(queue(3), 6, 5, 1, false)).isEqualTo(1);
    assertThat(Groups.next(queue(3), 5, 0, 0, false)).isEqualTo(3);
    assertThat(Groups.next(queue(3), 5, 3, 1, false)).isEqualTo(2);
    assertThat(Groups.next(queue(3), 6, 3, 3, false)).isZero();
    assertThat(Groups.next(queue(2), 6, 3, 3, false)).isZero();
    assertThat(Groups.next(queue(3), 6, 6, 0, false)).isZero();
    assertThat(Groups.next(queue(3), 6, 2, 2, true)).isEqualTo(1);
  }

  /** ST-4. */
  @Test
  public void aBatchBeginsWhenTheOneBeforeHasEnded() {
    for (boolean back : new boolean[] {false, true}) {
      assertThat(Groups.next(batch(2, false), 5, 0, 0, back)).isEqualTo(2);
      assertThat(Groups.next(batch(2, false), 5, 2, 1, back)).isZero();
      assertThat(groups(batch(2, false), 5, back)).containsExactly(2, 2, 1);
    }
    assertThat(Groups.next(variable(false, 1, 2), 3, 1, 1, false)).isZero();
  }

  /** Sizes, and the groups of a pass forward and back over as many instances: section 6.3. */
  private static final ImmutableList<String> TABLE =
      ImmutableList.of(
          "1,2,3   | 1,2,3       | 3,2,1",
          "1,2,3   | 1,2,3,3,2   | 2,3,3,2,1",
          "1,2     | 1,2,2,1     | 1,2,2,1",
          "1,2     | 1,2,2,2,2,1 | 1,2,2,2,2,1",
          "2,3     | 2,2         | 2,2",
          "3,2,1   | 3,2,1,1     | 1,1,2,3",
          "1,3,2,4 | 1,3,2,4     | 4,2,3,1",
          "2,3,5   | 2,3,5,5,5   | 5,5,5,3,2",
          // of section 9.6
          "3,2,1   | 3,2,1       | 1,2,3",
          "1,2,3   | 1,2         | 2,1",
          "1,2     | 1,2,2,2     | 2,2,2,1");

  /** ST-6, ST-7, ST-8 and ST-9. */
  @Test
  public void variableBatchesGoBackAsTheyCame() {
    for (String row : TABLE) {
      List<List<Integer>> columns =
          Splitter.on('|').splitToStream(row).map(GroupsTest::numbers).toList();
      JobUpdateStrategy strategy = variable(false, columns.get(0).toArray(Integer[]::new));
      int count = columns.get(1).stream().mapToInt(size -> size).sum();
      assertThat(groups(strategy, count, false)).as(row).isEqualTo(columns.get(1));
      assertThat(groups(strategy, count, true)).as(row).isEqualTo(columns.get(2));
    }
  }

  private static List<Integer> numbers(String text) {
    return Splitter.on(',').trimResults().splitToStream(text).map(Integer::valueOf).toList();
  }

  /** ST-10. */
  @Test
  public void backwardGroupsAreForwardGroupsReversedForEverySizesAndCount() {
    Random random = new Random(6);
    for (int round = 0; round < 2_000; round++) {
      Integer[] sizes = new Integer[1 + random.nextInt(5)];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = 1 + random.nextInt(6);
      }
      int count = 1 + random.nextInt(40);
      JobUpdateStrategy strategy = variable(false, sizes);
      assertThat(groups(strategy, count, true))
          .as("%s of %s", List.of(sizes), count)
          .isEqualTo(Lists.reverse(groups(strategy, count, false)));
    }
  }

  @Test
  public void hugeSizesDoNotOverflow() {
    JobUpdateStrategy huge = variable(false, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThat(groups(huge, 10, false)).containsExactly(10);
    assertThat(groups(huge, 10, true)).containsExactly(10);
    assertThat(groups(queue(Integer.MAX_VALUE), 10, false)).containsExactly(10);
  }

  /** ST-5. */
  @Test
  public void sizesMustBePositive() {
    List<JobUpdateStrategy> broken =
        List.of(
            queue(0),
            queue(-1),
            batch(0, false),
            variable(false),
            variable(true, 1, 0),
            new JobUpdateStrategy.Unknown(9));
    for (JobUpdateStrategy strategy : broken) {
      assertThat(Groups.isUsable(strategy)).as("%s", strategy).isFalse();
      assertThatThrownBy(() -> Groups.next(strategy, 3, 0, 0, false))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Groups.next(queue(0), 3, 0, 0, false))
        .hasMessage("Update group size(s) must be positive.");
    assertThat(Groups.isUsable(queue(1))).isTrue();
    assertThat(Groups.isUsable(batch(1, true))).isTrue();
    assertThat(Groups.isUsable(variable(true, 1, 2))).isTrue();
  }

  @Test
  public void onlyBatchesCanPauseByThemselves() {
    assertThat(Groups.autoPauses(queue(1))).isFalse();
    assertThat(Groups.autoPauses(batch(1, false))).isFalse();
    assertThat(Groups.autoPauses(variable(false, 1))).isFalse();
    assertThat(Groups.autoPauses(batch(1, true))).isTrue();
    assertThat(Groups.autoPauses(variable(true, 1))).isTrue();
  }
}
