package io.borealis.scheduler.update;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.PARTITIONED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.scheduler.update.Ask.group;
import static io.borealis.scheduler.update.Ask.instances;
import static io.borealis.scheduler.update.Ask.to;
import static io.borealis.scheduler.update.UpdateScenario.have;
import static io.borealis.scheduler.update.UpdateScenario.running;
import static io.borealis.scheduler.update.UpdateScenario.scenario;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.LimitConstraint;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Resource;
import io.borealis.api.TaskConstraint;
import java.time.Duration;
import org.junit.Test;

/** Agents that are kept for what an update replaces (update rules, sections 7.2 and 7.6). */
public class AffinityScenarioTest {
  private static final Duration HOLD = Duration.ofMinutes(3);

  /** D-1 and H-5. */
  @Test
  public void theAgentOfAReplacedTaskIsKeptUntilItsReplacementIsPlaced() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(2))
        .start()
        .keeps(0, "agent-0")
        .keeps(1, null)
        .killed(0)
        .keeps(0, "agent-0")
        .why(
            "waiting for instance 0 to be RUNNING (PENDING since T+0s because agent agent-0, which"
                + " is kept for it, has no room)")
        .task(0, ASSIGNED)
        .placed(0)
        .keeps(0, null);
  }

  /** H-5: a task without an agent leaves no place. */
  @Test
  public void nothingIsKeptForATaskThatHadNoPlace() {
    scenario()
        .job(have("old", PENDING, Duration.ofDays(1), 0))
        .update(to("new"), instances(1))
        .start()
        .keeps(0, null);
  }

  @Test
  public void nothingIsKeptOnAnAgentThatIsOutOfSight() {
    scenario()
        .job(have("old", PARTITIONED, Duration.ofDays(1), 0))
        .update(to("new"), instances(1))
        .start()
        .keeps(0, null);
  }

  @Test
  public void nothingIsKeptOnAHostThatTakesNoTasks() {
    scenario()
        .job(running(0, 1, 2))
        .onHost(0, "host-0", MaintenanceMode.DRAINING)
        .onHost(1, "host-1", MaintenanceMode.DRAINED)
        .onHost(2, "host-2", MaintenanceMode.SCHEDULED)
        .update(to("new"), instances(3), group(3))
        .start()
        .keeps(0, null)
        .keeps(1, null)
        .keeps(2, "agent-2");
  }

  /** H-8: to the millisecond, where the original counts whole minutes (W-35). */
  @Test
  public void theAgentIsKeptToTheMillisecond() {
    scenario()
        .job(running(0))
        .update(to("new"), instances(1))
        .start()
        .killed(0)
        .advance(HOLD.minusMillis(1))
        .keeps(0, "agent-0")
        .advance(Duration.ofMillis(1))
        .keeps(0, null);
  }

  /** W-35. */
  @Test
  public void nothingIsKeptForAnUpdateThatHasEnded() {
    scenario()
        .job(running(0, 1))
        .update(to("new"), instances(2), group(2))
        .start()
        .keeps(0, "agent-0")
        .keeps(1, "agent-1")
        .pause()
        .keeps(0, "agent-0")
        .abort()
        .keeps(0, null)
        .keeps(1, null);
  }

  /** D-2. */
  @Test
  public void whatNeedsMoreThanWasThereIsPlacedAnywhere() {
    scenario()
        .version("new", config -> config.resources(ImmutableSet.of(new Resource.NumCpus(8))))
        .version("old", config -> config.resources(ImmutableSet.of(new Resource.NumCpus(2))))
        .job(running(0))
        .update(to("new"), instances(1))
        .start()
        .keeps(0, null);
  }

  /** D-17: ports count by their number, and fewer of anything fit. */
  @Test
  public void whatNeedsLessFitsInThePlace() {
    scenario()
        .version("new", config -> config.resources(ImmutableSet.of(new Resource.NamedPort("a"))))
        .version(
            "old",
            config ->
                config.resources(
                    ImmutableSet.of(
                        new Resource.NumCpus(2),
                        new Resource.NamedPort("x"),
                        new Resource.NamedPort("y"))))
        .job(running(0))
        .update(to("new"), instances(1))
        .start()
        .keeps(0, "agent-0");
  }

  /** D-3. */
  @Test
  public void underOtherConstraintsThePlaceMayBeWrong() {
    scenario()
        .version(
            "new",
            config ->
                config.constraints(
                    ImmutableSet.of(
                        new Constraint("rack", new TaskConstraint.Limit(new LimitConstraint(1))))))
        .job(running(0))
        .update(to("new"), instances(1))
        .start()
        .keeps(0, null);
  }

  /** Removing leaves nothing to keep a place for. */
  @Test
  public void nothingIsKeptForWhatIsRemoved() {
    scenario().job(running("new", 0, 1)).update(to("new"), instances(1)).start().keeps(1, null);
  }
}
