package io.borealis.scheduler.rpc;

import static io.borealis.scheduler.rpc.Samples.JOB;
import static io.borealis.scheduler.rpc.Updates.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Result;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** W-27: who reads page by page meets every update once, whatever happens to them meanwhile. */
public class UpdatePagingTest {
  private final TestApi test;

  public UpdatePagingTest() {
    this(new TestApi());
  }

  private UpdatePagingTest(TestApi test) {
    this.test = test;
  }

  private void have(String... ids) {
    for (String id : ids) {
      test.haveUpdate(Updates.of(JOB, id, NEW, 1), JobUpdateStatus.ROLLING_FORWARD);
      test.store.runtimes().advance(Duration.ofMillis(1));
    }
  }

  /** Makes it the one that changed last. */
  private void touch(String id) {
    test.haveEvent(new JobUpdateKey(JOB, id), 0, JobUpdateAction.INSTANCE_UPDATING);
    test.store.runtimes().advance(Duration.ofMillis(1));
  }

  private void delete(String... ids) {
    for (String id : ids) {
      test.store.change(
          tx ->
              tx.change(
                  new Op.RemoveJobUpdate(
                      new RemoveJobUpdates(ImmutableSet.of(new JobUpdateKey(JOB, id))))));
    }
  }

  private List<String> page(int offset, int limit) {
    return page(test.call(), JobUpdateQuery.builder().role("shop"), offset, limit);
  }

  private List<String> page(CallContext call, JobUpdateQuery.Builder query, int offset, int limit) {
    Result result =
        test.result(
            test.api.getJobUpdateSummaries(call, query.offset(offset).limit(limit).build()));
    return ((Result.GetJobUpdateSummariesResult) result)
        .value().updateSummaries().stream().map(summary -> summary.key().id()).toList();
  }

  private List<String> details(int offset, int limit) {
    JobUpdateQuery query =
        JobUpdateQuery.builder().role("shop").offset(offset).limit(limit).build();
    Result result = test.result(test.api.getJobUpdateDetails(test.call(), null, query));
    return ((Result.GetJobUpdateDetailsResult) result)
        .value().detailsList().stream().map(one -> one.update().summary().key().id()).toList();
  }

  @Test
  public void laterPagesKeepTheOrderOfTheFirst() {
    have("a", "b", "c", "d", "e");

    assertThat(page(0, 2)).containsExactly("e", "d");
    touch("a");
    have("f");
    assertThat(page(2, 2)).containsExactly("c", "b");
    touch("c");
    assertThat(page(4, 2)).containsExactly("a");
    assertThat(page(5, 2)).isEmpty();
    assertThat(page(6, 2)).isEmpty();
  }

  @Test
  public void aFirstPageIsAlwaysNew() {
    have("a", "b", "c");
    assertThat(page(0, 2)).containsExactly("c", "b");
    touch("a");

    assertThat(page(0, 2)).containsExactly("a", "c");
    assertThat(page(2, 2)).containsExactly("b");
  }

  @Test
  public void theContentsOfALaterPageAreNew() {
    have("a", "b");
    assertThat(page(0, 1)).containsExactly("b");
    test.haveUpdate(Updates.of(JOB, "a", NEW, 1), JobUpdateStatus.ABORTED);

    Result result =
        test.result(
            test.api.getJobUpdateSummaries(
                test.call(), JobUpdateQuery.builder().role("shop").offset(1).limit(1).build()));

    assertThat(
            ((Result.GetJobUpdateSummariesResult) result)
                .value()
                .updateSummaries()
                .get(0)
                .state()
                .status())
        .isEqualTo(JobUpdateStatus.ABORTED);
  }

  @Test
  public void theSamePageCanBeAskedForAgain() {
    have("a", "b", "c", "d");
    assertThat(page(0, 1)).containsExactly("d");
    assertThat(page(1, 2)).containsExactly("c", "b");
    touch("a");
    assertThat(page(1, 2)).containsExactly("c", "b");
    assertThat(page(3, 0)).containsExactly("a");
  }

  @Test
  public void detailsAreReadInTheSameWay() {
    have("a", "b", "c");
    assertThat(details(0, 1)).containsExactly("c");
    touch("a");
    assertThat(details(1, 1)).containsExactly("b");
    assertThat(details(2, 1)).containsExactly("a");
  }

  /** A page that is not full would tell many clients that it is the last. */
  @Test
  public void whatIsDeletedMeanwhileMakesRoomForWhatFollows() {
    have("a", "b", "c", "d", "e", "f");
    assertThat(page(0, 2)).containsExactly("f", "e");
    delete("f", "d");
    assertThat(page(2, 2)).containsExactly("c", "b");
    delete("b");
    assertThat(page(4, 2)).containsExactly("a");
  }

  @Test
  public void otherCallersAndOtherQuestionsHaveTheirOwnOrder() {
    have("a", "b", "c");
    CallContext call = test.call();
    CallContext bob = new CallContext("r2", "bob", call.remoteAddress(), call.deadlineNanos());
    CallContext elsewhere = new CallContext("r3", "ann", "10.9.9.9", call.deadlineNanos());
    assertThat(page(0, 2)).containsExactly("c", "b");
    touch("a");

    assertThat(page(bob, JobUpdateQuery.builder().role("shop"), 0, 2)).containsExactly("a", "c");
    assertThat(page(elsewhere, JobUpdateQuery.builder().role("shop"), 2, 2)).containsExactly("b");
    assertThat(page(call, JobUpdateQuery.builder().jobKey(JOB), 2, 2)).containsExactly("b");
    assertThat(page(2, 2)).containsExactly("a");
  }

  @Test
  public void anOffsetAtWhichNoPageEndedIsAnsweredAfresh() {
    have("a", "b", "c");
    assertThat(page(0, 2)).containsExactly("c", "b");
    touch("a");
    assertThat(page(1, 2)).containsExactly("c", "b");
  }

  @Test
  public void anOrderIsForgottenAMinuteAfterItsLastUse() {
    have("a", "b", "c", "d");
    assertThat(page(0, 1)).containsExactly("d");
    touch("a");
    test.store.runtimes().advance(Duration.ofSeconds(59));
    assertThat(page(1, 1)).containsExactly("c");
    test.store.runtimes().advance(Duration.ofSeconds(59));
    assertThat(page(2, 1)).containsExactly("b");
    test.store.runtimes().advance(Duration.ofSeconds(61));
    assertThat(page(3, 1)).containsExactly("b");
  }

  @Test
  public void onlyTheLatestOrdersAreKept() {
    have("a", "b");
    assertThat(page(0, 1)).containsExactly("b");
    touch("a");
    firstPagesOfOthers(63);
    assertThat(page(1, 1)).containsExactly("a");
    firstPagesOfOthers(64);
    assertThat(page(1, 1)).containsExactly("b");
  }

  private void firstPagesOfOthers(int count) {
    for (int i = 0; i < count; i++) {
      CallContext other =
          new CallContext("r" + i, "ann", "10.0.1." + i, test.call().deadlineNanos());
      assertThat(page(other, JobUpdateQuery.builder().role("shop"), 0, 1)).containsExactly("a");
    }
  }

  /** Such as the answers to those who only wait for an update. */
  @Test
  public void anAnswerThatWasReadWholeTakesNoRoom() {
    have("a", "b");
    assertThat(page(0, 1)).containsExactly("b");
    touch("a");
    for (int i = 0; i < 100; i++) {
      assertThat(page(test.call(), JobUpdateQuery.builder().user("u" + i), 0, 1)).isEmpty();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(page(test.call(), JobUpdateQuery.builder().user("u" + i), 0, 0)).isEmpty();
    }
    assertThat(page(1, 1)).containsExactly("a");
  }

  /** Both habits of clients: to go on after what they asked for, and after what they got. */
  @Test
  public void whateverHappensMeanwhileEachUpdateIsMetOnce() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      UpdatePagingTest story = new UpdatePagingTest(new TestApi());
      List<String> left = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        left.add("u" + i);
      }
      story.have(left.toArray(String[]::new));
      List<String> survivors = new ArrayList<>(left);
      List<String> met = new ArrayList<>();
      int limit = 1 + random.nextInt(7);
      boolean byLimit = random.nextBoolean();
      int offset = 0;
      while (true) {
        List<String> page = story.page(offset, limit);
        met.addAll(page);
        if (page.isEmpty()) {
          break;
        }
        offset += byLimit ? limit : page.size();
        for (int i = 0; i < 3; i++) {
          String one = survivors.get(random.nextInt(survivors.size()));
          if (random.nextInt(5) == 0 && survivors.size() > 1) {
            story.delete(one);
            survivors.remove(one);
          } else {
            story.touch(one);
          }
        }
        story.have("new" + offset);
      }
      assertThat(met).as("seed %d", seed).doesNotHaveDuplicates().containsAll(survivors);
      assertThat(left).as("seed %d", seed).containsAll(met);
    }
  }
}
