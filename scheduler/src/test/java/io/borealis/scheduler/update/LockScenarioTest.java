package io.borealis.scheduler.update;

import static io.borealis.api.JobUpdateStatus.ROLLED_FORWARD;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.pulsed;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobLock;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.scheduler.store.Fixtures;
import java.time.Duration;
import org.junit.Test;

/** The lock of a job, lost or released (update rules, section 11.2). */
public class LockScenarioTest {
  private static final String LOST = ": Updater has lost its exclusive lock, unable to proceed.";
  private static final Op LOSS = new Op.RemoveJobLock(new RemoveJobLock(Fixtures.JOB));

  private static UpdateScenario started() {
    return scenario().job(running(0, 1)).update(to("new")).start();
  }

  // ---- A lock that is gone ---------------------------------------------------------------------

  @Test
  public void newsOfATaskEndInError() {
    started()
        .tamper(LOSS)
        .task(0, ScheduleStatus.KILLED)
        .events("ROLLING_FORWARD by ann", "ERROR" + LOST)
        .history("0 updating")
        .tasks("1 old RUNNING");
  }

  @Test
  public void pausingEndsInError() {
    started().tamper(LOSS).pause("wait").events("ROLLING_FORWARD by ann", "ERROR by ann" + LOST);
  }

  @Test
  public void resumingEndsInErrorAndTouchesNothing() {
    started()
        .killed(0)
        .pause()
        .tamper(LOSS)
        .resume()
        .events("ROLLING_FORWARD by ann", "ROLL_FORWARD_PAUSED by ann", "ERROR by ann" + LOST)
        .tasks("0 new PENDING", "1 old RUNNING");
  }

  @Test
  public void abortingEndsInError() {
    started().tamper(LOSS).abort().events("ROLLING_FORWARD by ann", "ERROR by ann" + LOST);
  }

  @Test
  public void rollingBackEndsInErrorAndTouchesNothing() {
    started()
        .replaced(0)
        .tamper(LOSS)
        .rollback()
        .events("ROLLING_FORWARD by ann", "ERROR by ann" + LOST)
        .tasks("0 new RUNNING", "1 old KILLING");
  }

  @Test
  public void aPulseThatWouldLetItGoOnEndsInError() {
    scenario()
        .job(running(0))
        .update(to("new"), pulsed(Duration.ofMinutes(1)))
        .start()
        .tamper(LOSS)
        .pulse()
        .events("ROLL_FORWARD_AWAITING_PULSE by ann", "ERROR" + LOST)
        .tasks("0 old RUNNING");
  }

  @Test
  public void theNextLeaderEndsItInError() {
    started()
        .tamper(LOSS)
        .failover()
        .events("ROLLING_FORWARD by ann", "ERROR" + LOST)
        .tasks("0 old KILLING", "1 old RUNNING");
  }

  @Test
  public void aLockOfSomebodyElseStays() {
    Lock foreign =
        Lock.builder()
            .key(new LockKey.Job(Fixtures.JOB))
            .token("foreign")
            .user("eve")
            .timestampMs(1)
            .build();
    UpdateScenario story =
        started()
            .pause()
            .tamper(new Op.SaveJobLock(new SaveJobLock(foreign)))
            .resume()
            .events("ROLLING_FORWARD by ann", "ROLL_FORWARD_PAUSED by ann", "ERROR by ann" + LOST);
    assertThat(story.store().state().locks().get(Fixtures.JOB)).isEqualTo(foreign);
  }

  // ---- A lock that is released -----------------------------------------------------------------

  @Test
  public void anUpdateWhoseLockIsReleasedEndsInErrorInTheSameTransaction() {
    UpdateScenario story = started().replaced(0);
    int entries = story.store().entries();
    story
        .releaseLock(true)
        .events("ROLLING_FORWARD by ann", "ERROR by eve" + LOST)
        .tasks("0 new RUNNING", "1 old KILLING");
    assertThat(story.store().entries()).isEqualTo(entries + 1);
    assertThat(story.store().state().locks().get(Fixtures.JOB)).isNull();
    story.killed(1).tasks("0 new RUNNING");
  }

  @Test
  public void aPausedUpdateWhoseLockIsReleasedEndsInErrorToo() {
    started()
        .pause()
        .releaseLock(true)
        .events("ROLLING_FORWARD by ann", "ROLL_FORWARD_PAUSED by ann", "ERROR by eve" + LOST);
  }

  @Test
  public void afterAReleaseAnotherUpdateCanStart() {
    started()
        .releaseLock(true)
        .killed(0)
        .update(to("newest"), instances(2), group(2))
        .start()
        .killed(1)
        .up(0, 1)
        .expect(ROLLED_FORWARD)
        .releaseLock(false);
  }

  @Test
  public void aLockThatNoUpdateHoldsJustGoes() {
    Lock stuck =
        Lock.builder()
            .key(new LockKey.Job(Fixtures.JOB))
            .token("stuck")
            .user("bob")
            .timestampMs(1)
            .message("by hand")
            .build();
    UpdateScenario story =
        scenario().job(running(0)).tamper(new Op.SaveJobLock(new SaveJobLock(stuck)));
    JobLock lock = JobLock.of(story.store().state(), Fixtures.JOB);
    assertThat(lock.held())
        .isEqualTo(
            "www-data/prod/hello is locked by bob (by hand), but no active update holds the lock.");
    assertThat(lock.consequence()).isEqualTo("The lock goes; nothing else changes.");
    story.releaseLock(true).tasks("0 old RUNNING");
    assertThat(story.store().state().locks().get(Fixtures.JOB)).isNull();
  }

  @Test
  public void whatAReleaseWillDoIsSaidInWords() {
    UpdateScenario story = started().replaced(0);
    JobLock lock = JobLock.of(story.store().state(), Fixtures.JOB);
    assertThat(lock.held())
        .isEqualTo(
            "www-data/prod/hello is locked by ann for update u1, which is ROLLING_FORWARD: 1 of 2"
                + " instances done, 1 under way, 0 failed.");
    assertThat(lock.consequence())
        .isEqualTo(
            "The lock goes, and the update ends in ERROR with \"Updater has lost its exclusive"
                + " lock, unable to proceed.\"; its instances stay as they are.");
    assertThat(JobLock.all(story.store().state())).containsExactly(lock);
  }
}
