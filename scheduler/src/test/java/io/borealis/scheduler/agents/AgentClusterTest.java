package io.borealis.scheduler.agents;

import static io.borealis.scheduler.agents.FleetStory.has;
import static io.borealis.scheduler.agents.FleetStory.task;
import static io.borealis.scheduler.agents.FleetStory.update;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.agent.AgentReplyCode;
import io.borealis.api.agent.AgentResources;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.api.agent.PollReply;
import io.borealis.api.agent.PollRequest;
import io.borealis.api.agent.RegisterReply;
import io.borealis.api.agent.RegisterRequest;
import io.borealis.scheduler.cluster.ClusterTaskState;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.PortRange;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.TaskRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class AgentClusterTest {
  private static final Duration MOMENT = Duration.ofSeconds(1);

  @Test
  public void withoutALeaderAgentsAreToldSoAtOnce() {
    FleetStory story = new FleetStory(false);
    RegisterReply reply = story.send(story.registration("a").build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.NOT_LEADING);
    assertThat(story.poll("a", "any", 0).join().code()).isEqualTo(AgentReplyCode.NOT_LEADING);
    assertThat(story.report("a", "any", 1).code()).isEqualTo(AgentReplyCode.NOT_LEADING);
  }

  @Test
  public void whatAnAgentHasIsOffered() {
    FleetStory story = FleetStory.led();
    story.register("a");
    Offer offer = story.offer();
    assertThat(offer.agentId()).isEqualTo("a");
    assertThat(offer.host()).isEqualTo("host-a");
    assertThat(offer.resources()).isEqualTo(ResourceVector.of(4, 4096, 10_000, 10));
    assertThat(offer.ports()).containsExactly(new PortRange(31000, 31009));
    assertThat(offer.attributes())
        .containsExactly(
            new Attribute("host", ImmutableSet.of("host-a")),
            new Attribute("rack", ImmutableSet.of("r1")));
    assertThat(story.gauge("agents_registered")).isEqualTo(1);
  }

  @Test
  public void whatItsTasksUseIsNot() {
    FleetStory story = FleetStory.led();
    story.register("a", has("unknown", AgentTaskState.TASK_RUNNING));
    assertThat(story.offer().resources()).isEqualTo(ResourceVector.of(3, 3072, 9_900, 10));
  }

  @Test
  public void aLaunchUsesTheOfferUpAndTheRestIsOfferedAnew() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    story.launch(task("t", "a", ScheduleStatus.ASSIGNED, 31000, 31005));
    assertThat(story.commands("a", session, 0)).containsExactly("1 launch t");
    Offer rest = story.offer();
    assertThat(rest.resources()).isEqualTo(ResourceVector.of(3, 3072, 9_900, 8));
    assertThat(rest.ports())
        .containsExactly(new PortRange(31001, 31004), new PortRange(31006, 31009));
  }

  @Test
  public void moreThanWasOfferedIsDropped() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    story.launch(
        task("one", "a", ScheduleStatus.ASSIGNED, 31000),
        task("same-port", "a", ScheduleStatus.ASSIGNED, 31000),
        task("no-port", "a", ScheduleStatus.ASSIGNED, 99),
        task("two", "a", ScheduleStatus.ASSIGNED),
        task("three", "a", ScheduleStatus.ASSIGNED),
        task("four", "a", ScheduleStatus.ASSIGNED),
        task("five", "a", ScheduleStatus.ASSIGNED));
    assertThat(story.commands("a", session, 0))
        .containsExactly("1 launch one", "2 launch two", "3 launch three", "4 launch four");
    assertThat(story.takeHeard())
        .containsExactly(
            "same-port TASK_DROPPED REASON_INVALID_OFFERS",
            "no-port TASK_DROPPED REASON_INVALID_OFFERS",
            "five TASK_DROPPED REASON_INVALID_OFFERS");
  }

  @Test
  public void aLaunchOnAnOfferThatIsGoneIsDropped() {
    FleetStory story = FleetStory.led();
    story.register("a");
    String offer = story.offer().id();
    story.runtimes.advance(FleetStory.TIMEOUT.plus(MOMENT));
    assertThat(story.takeHeard()).containsExactly("rescinded", "lost a");
    story.driver.launch(offer, ImmutableList.of(task("t", "a", ScheduleStatus.ASSIGNED)));
    story.runtimes.runReady();
    assertThat(story.takeHeard()).containsExactly("t TASK_DROPPED REASON_INVALID_OFFERS");
  }

  @Test
  public void whatWasDeclinedIsOfferedAgainLaterOrWhenATaskEnds() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    story.driver.decline(story.offer().id(), Duration.ofSeconds(30));
    story.offers.clear();
    story.runtimes.advance(Duration.ofSeconds(29));
    assertThat(story.offers).isEmpty();
    story.runtimes.advance(Duration.ofSeconds(2));
    assertThat(story.offer().resources().cpus()).isEqualTo(3);
    story.driver.decline(story.offer().id(), Duration.ofSeconds(30));
    story.offers.clear();
    var unused = story.report("a", session, 1, update("t", AgentTaskState.TASK_FINISHED));
    assertThat(story.offer().resources().cpus()).isEqualTo(4);
  }

  // ---- Commands --------------------------------------------------------------------------------

  @Test
  public void aPollIsHeldUntilThereIsACommandOrItsTimeIsUp() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    CompletableFuture<PollReply> first = story.poll("a", session, 0);
    story.runtimes.advance(Duration.ofSeconds(19));
    assertThat(first).isNotDone();
    story.driver.kill("t");
    story.runtimes.runReady();
    assertThat(FleetStory.shown(first.join())).containsExactly("1 kill t");
    CompletableFuture<PollReply> second = story.poll("a", session, 1);
    story.runtimes.advance(Duration.ofSeconds(19));
    assertThat(second).isNotDone();
    story.runtimes.advance(Duration.ofSeconds(1));
    assertThat(second.join().commands()).isEmpty();
  }

  @Test
  public void commandsComeAgainUntilTheyAreDone() {
    FleetStory story = FleetStory.led();
    String session =
        story.register(
            "a", has("t", AgentTaskState.TASK_RUNNING), has("u", AgentTaskState.TASK_RUNNING));
    story.driver.kill("t");
    story.driver.kill("u");
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill t", "2 kill u");
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill t", "2 kill u");
    assertThat(story.commands("a", session, 1)).containsExactly("2 kill u");
    assertThat(story.gauge("agent_commands_queued")).isEqualTo(1);
    assertThat(story.commands("a", session, 2)).isEmpty();
    assertThat(story.gauge("agent_commands_queued")).isZero();
  }

  @Test
  public void whatWasNeverAskedForCannotBeDone() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    PollReply reply = story.poll("a", session, 3).join();
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).startsWith("done: ");
  }

  @Test
  public void anotherPollEndsTheOneThatIsHeld() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    CompletableFuture<PollReply> first = story.poll("a", session, 0);
    CompletableFuture<PollReply> second = story.poll("a", session, 0);
    assertThat(first.join().commands()).isEmpty();
    story.driver.kill("t");
    story.runtimes.runReady();
    assertThat(FleetStory.shown(second.join())).containsExactly("1 kill t");
  }

  @Test
  public void whatAnAgentThatStartedAnewHasNotDoneComesAgain() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    story.launch(
        task("begun", "a", ScheduleStatus.ASSIGNED), task("unheard", "a", ScheduleStatus.ASSIGNED));
    story.driver.kill("t");
    assertThat(story.commands("a", session, 0)).hasSize(3);
    String next =
        story.register(
            "a", has("t", AgentTaskState.TASK_RUNNING), has("begun", AgentTaskState.TASK_STARTING));
    assertThat(story.commands("a", next, 0)).containsExactly("1 launch unheard", "2 kill t");
    assertThat(story.takeHeard())
        .containsExactly(
            "t TASK_RUNNING REASON_AGENT_REREGISTERED",
            "t TASK_RUNNING REASON_AGENT_REREGISTERED",
            "begun TASK_STARTING REASON_AGENT_REREGISTERED");
  }

  @Test
  public void anEarlierSessionIsOver() {
    FleetStory story = FleetStory.led();
    String old = story.register("a");
    CompletableFuture<PollReply> held = story.poll("a", old, 0);
    String next = story.register("a");
    assertThat(held).isDone();
    assertThat(story.poll("a", old, 0).join().code()).isEqualTo(AgentReplyCode.REGISTER);
    assertThat(story.report("a", old, 1).code()).isEqualTo(AgentReplyCode.REGISTER);
    assertThat(story.poll("a", next, 0)).isNotDone();
  }

  // ---- Reports ---------------------------------------------------------------------------------

  @Test
  public void updatesAreToldAndAcknowledged() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    story.launch(task("t", "a", ScheduleStatus.ASSIGNED));
    var unused = story.report("a", session, 1, update("t", AgentTaskState.TASK_RUNNING));
    assertThat(story.takeHeard()).containsExactly("t TASK_RUNNING null");
    assertThat(story.updates.get(0).agentId()).isEqualTo("a");
    assertThat(story.updates.get(0).source()).isEqualTo("SOURCE_AGENT");
    assertThat(story.updates.get(0).timestampMs()).isEqualTo(5);
    story.driver.acknowledge(story.updates.get(0));
    assertThat(story.commands("a", session, 1)).containsExactly("2 acknowledge t");
  }

  @Test
  public void aReportThatWasOvertakenIsLeftOut() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_STAGING));
    story.heard.clear();
    var unused = story.report("a", session, 2, update("t", AgentTaskState.TASK_RUNNING));
    assertThat(story.report("a", session, 1, update("t", AgentTaskState.TASK_STARTING)).code())
        .isEqualTo(AgentReplyCode.OK);
    assertThat(story.takeHeard()).containsExactly("t TASK_RUNNING null");
  }

  @Test
  public void thatATaskIsBeingKilledDoesNotCountAsItsEnd() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    story.heard.clear();
    var unused = story.report("a", session, 1, update("t", AgentTaskState.TASK_KILLING));
    assertThat(story.takeHeard()).containsExactly("t TASK_RUNNING null");
  }

  @Test
  public void theNewestStateCountsForWhatIsFree() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_STAGING));
    story.driver.decline(story.offer().id(), Duration.ofHours(1));
    story.offers.clear();
    var unused =
        story.report(
            "a",
            session,
            1,
            update("t", AgentTaskState.TASK_STARTING).toBuilder()
                .latest(AgentTaskState.TASK_FAILED)
                .build());
    assertThat(story.offer().resources().cpus()).isEqualTo(4);
  }

  @Test
  public void aTaskNobodyLaunchedCanBeKilledOnceItIsReported() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    story.driver.kill("t");
    story.runtimes.runReady();
    assertThat(story.takeHeard()).containsExactly("t TASK_LOST REASON_RECONCILIATION");
    var unused = story.report("a", session, 1, update("t", AgentTaskState.TASK_RUNNING));
    story.driver.kill("t");
    story.driver.kill("t");
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill t");
  }

  // ---- Silence and return ----------------------------------------------------------------------

  @Test
  public void anAgentThatPollsIsNeverLost() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    for (int i = 0; i < 20; i++) {
      CompletableFuture<PollReply> poll = story.poll("a", session, 0);
      story.runtimes.advance(Duration.ofSeconds(20));
      assertThat(poll.join().code()).isEqualTo(AgentReplyCode.OK);
    }
    assertThat(story.takeHeard()).isEmpty();
  }

  @Test
  public void tasksOfASilentAgentAreToldLost() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    var offer = story.offer();
    assertThat(offer).isNotNull();
    story.heard.clear();
    story.runtimes.advance(FleetStory.TIMEOUT);
    assertThat(story.takeHeard())
        .containsExactly("rescinded", "lost a", "t TASK_LOST REASON_AGENT_REMOVED");
    assertThat(story.gauge("agents_lost")).isEqualTo(1);
    assertThat(story.poll("a", session, 0).join().code()).isEqualTo(AgentReplyCode.REGISTER);
  }

  @Test
  public void orOutOfReachWhereThatIsKnown() {
    FleetStory story = new FleetStory(true);
    story.lead(1);
    story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    story.heard.clear();
    story.runtimes.advance(FleetStory.TIMEOUT);
    assertThat(story.takeHeard()).contains("lost a", "t TASK_UNREACHABLE REASON_AGENT_REMOVED");
    story.driver.reconcile(List.of(new TaskRef("t", "a")));
    story.runtimes.runReady();
    assertThat(story.takeHeard()).containsExactly("t TASK_UNREACHABLE REASON_RECONCILIATION");
  }

  @Test
  public void anAgentThatIsBackTellsItsTasksAnewAndLearnsWhatItMissed() {
    FleetStory story = new FleetStory(true);
    story.lead(1);
    story.register(
        "a", has("t", AgentTaskState.TASK_RUNNING), has("gone", AgentTaskState.TASK_RUNNING));
    story.runtimes.advance(FleetStory.TIMEOUT);
    story.driver.kill("t");
    story.driver.kill("gone");
    story.runtimes.runReady();
    story.heard.clear();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    assertThat(story.takeHeard())
        .containsExactly(
            "gone TASK_GONE REASON_AGENT_RESTARTED", "t TASK_RUNNING REASON_AGENT_REREGISTERED");
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill t");
    assertThat(story.offer().resources().cpus()).isEqualTo(3);
  }

  @Test
  public void whatWasOnItsWayToAnAgentThatWasLostIsNotSentAnyMore() {
    FleetStory story = FleetStory.led();
    story.register("a");
    story.launch(task("t", "a", ScheduleStatus.ASSIGNED));
    story.runtimes.advance(FleetStory.TIMEOUT);
    story.heard.clear();
    String session = story.register("a");
    assertThat(story.commands("a", session, 0)).isEmpty();
    assertThat(story.takeHeard()).containsExactly("t TASK_LOST REASON_AGENT_RESTARTED");
  }

  @Test
  public void tasksWhoseUpdatesAreOnTheirWayAreNotToldByTheRegistration() {
    FleetStory story = FleetStory.led();
    story.register("a", has("t", AgentTaskState.TASK_RUNNING).toBuilder().pending(true).build());
    assertThat(story.takeHeard()).isEmpty();
  }

  // ---- A new leader ----------------------------------------------------------------------------

  @Test
  public void aNewLeaderWaitsForTheAgentsOfItsTasks() {
    FleetStory story = new FleetStory(false);
    story.lead(
        5,
        task("t", "a", ScheduleStatus.RUNNING),
        task("dying", "a", ScheduleStatus.KILLING),
        task("elsewhere", "b", ScheduleStatus.RUNNING));
    story.driver.kill("dying");
    story.driver.reconcile(
        List.of(new TaskRef("t", "a"), new TaskRef("elsewhere", "b"), new TaskRef("unknown", "c")));
    story.driver.reconcile(List.of());
    story.runtimes.advance(Duration.ofMinutes(1));
    assertThat(story.takeHeard()).isEmpty();
    assertThat(story.gauge("agents_awaited")).isEqualTo(2);
    String session =
        story.register(
            "a", has("t", AgentTaskState.TASK_RUNNING), has("dying", AgentTaskState.TASK_RUNNING));
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill dying");
    assertThat(story.takeHeard())
        .containsExactly(
            "t TASK_RUNNING REASON_AGENT_REREGISTERED",
            "dying TASK_RUNNING REASON_AGENT_REREGISTERED");
    story.runtimes.advance(Duration.ofMinutes(1));
    assertThat(story.takeHeard()).contains("lost b", "elsewhere TASK_LOST REASON_AGENT_REMOVED");
    story.driver.reconcile(List.of(new TaskRef("unknown", "c")));
    story.runtimes.runReady();
    assertThat(story.takeHeard()).contains("unknown TASK_LOST REASON_RECONCILIATION");
  }

  @Test
  public void anAgentThatComesWithoutATaskIsToldToHaveLostIt() {
    FleetStory story = new FleetStory(true);
    story.lead(5, task("t", "a", ScheduleStatus.RUNNING));
    story.register("a");
    assertThat(story.takeHeard()).containsExactly("t TASK_GONE REASON_AGENT_RESTARTED");
  }

  @Test
  public void aLaunchThatAnEarlierLeaderDidNotGetAcrossIsMade() {
    FleetStory story = new FleetStory(true);
    story.lead(
        5,
        task("arrived", "a", ScheduleStatus.ASSIGNED),
        task("lost", "a", ScheduleStatus.ASSIGNED, 31005),
        task("dying", "a", ScheduleStatus.ASSIGNED));
    story.driver.kill("dying");
    String session = story.register("a", has("arrived", AgentTaskState.TASK_STARTING));
    assertThat(story.commands("a", session, 0)).containsExactly("1 launch lost");
    assertThat(story.takeHeard())
        .contains(
            "dying TASK_GONE REASON_AGENT_RESTARTED",
            "arrived TASK_STARTING REASON_AGENT_REREGISTERED")
        .noneMatch(line -> line.startsWith("lost TASK"));
  }

  @Test
  public void whatIsLaunchedAnewTakesRoom() {
    FleetStory story = new FleetStory(true);
    story.lead(5, task("lost", "a", ScheduleStatus.ASSIGNED, 31005));
    story.register("a");
    story.runtimes.advance(MOMENT);
    var free = story.offers.get(story.offers.size() - 1);
    assertThat(free.resources().milliCpus()).isEqualTo(3000);
    assertThat(free.ports()).noneMatch(range -> range.first() <= 31005 && range.last() >= 31005);
  }

  @Test
  public void nothingIsLaunchedAnewOnAnAgentThatWasGivenUp() {
    FleetStory story = new FleetStory(false);
    story.lead(5, task("lost", "a", ScheduleStatus.ASSIGNED));
    story.runtimes.advance(Duration.ofMinutes(3));
    assertThat(story.takeHeard()).contains("lost TASK_LOST REASON_AGENT_REMOVED");
    String session = story.register("a");
    assertThat(story.commands("a", session, 0)).isEmpty();
  }

  @Test
  public void registeredAgentsAreAskedForTheirTasksThemselves() {
    FleetStory story = new FleetStory(true);
    story.lead(1);
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    story.runtimes.advance(Duration.ofSeconds(60));
    story.heard.clear();
    story.driver.reconcile(
        List.of(new TaskRef("t", "a"), new TaskRef("u", "a"), new TaskRef("v", "nobody")));
    story.driver.reconcile(List.of());
    assertThat(story.commands("a", session, 0))
        .containsExactly("1 reconcile [t]", "2 reconcile []");
    assertThat(story.takeHeard()).containsExactly("u TASK_GONE REASON_RECONCILIATION");
    story.runtimes.advance(Duration.ofSeconds(61));
    story.driver.reconcile(List.of(new TaskRef("v", "nobody")));
    story.runtimes.runReady();
    assertThat(story.takeHeard()).containsExactly("v TASK_UNKNOWN REASON_RECONCILIATION");
  }

  @Test
  public void whenALeaderEndsThoseWhoWaitAreToldToLookElsewhere() {
    FleetStory story = FleetStory.led();
    String session = story.register("a");
    CompletableFuture<PollReply> held = story.poll("a", session, 0);
    story.driver.close();
    story.runtimes.runReady();
    assertThat(held.join().code()).isEqualTo(AgentReplyCode.NOT_LEADING);
    story.driver.kill("t");
    story.runtimes.runReady();
    assertThat(story.takeHeard()).isEmpty();
    story.lead(2);
    assertThat(story.poll("a", session, 0).join().code()).isEqualTo(AgentReplyCode.REGISTER);
  }

  @Test
  public void aLeaderStepsAsideForANewerOne() {
    FleetStory story = FleetStory.led();
    RegisterReply reply = story.send(story.registration("a").epoch(4).build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.OLD_LEADER);
    assertThat(reply.epoch()).isEqualTo(1);
    assertThat(story.stepDowns).hasSize(1);
    PollReply again =
        story.now(story.cluster.poll(PollRequest.builder().agentId("a").epoch(4).build()));
    assertThat(again.code()).isEqualTo(AgentReplyCode.OLD_LEADER);
    assertThat(story.stepDowns).hasSize(1);
    story.driver.close();
    story.lead(5);
    assertThat(story.send(story.registration("a").epoch(4).build()).code())
        .isEqualTo(AgentReplyCode.OK);
  }

  @Test
  public void butNotTwiceForOneThatNeverWas() {
    FleetStory story = FleetStory.led();
    var unused = story.send(story.registration("a").epoch(100).build());
    assertThat(story.stepDowns).hasSize(1);
    story.driver.close();
    story.lead(2);
    RegisterReply reply = story.send(story.registration("a").epoch(100).build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).contains("another journal").contains("work directory");
    assertThat(story.stepDowns).hasSize(1);
  }

  // ---- Refusals --------------------------------------------------------------------------------

  @Test
  public void anAgentOnAnotherHostIsRefused() {
    FleetStory story = FleetStory.led();
    story.register("a");
    RegisterReply reply = story.send(story.registration("a").host("other").build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).contains("a is on host host-a").contains("work directory");
  }

  /** As when {@code up} is started again with an address for others than this machine. */
  @Test
  public void anAgentThatIsNotThereMayComeBackUnderAnotherName() {
    FleetStory story = new FleetStory(false);
    story.lead(3, task("t", "a", ScheduleStatus.RUNNING), task("u", "a", ScheduleStatus.KILLING));
    story.driver.kill("u");
    String session =
        story.begin(
            story
                .registration(
                    "a",
                    has("t", AgentTaskState.TASK_RUNNING),
                    has("u", AgentTaskState.TASK_RUNNING))
                .host("renamed")
                .build());
    assertThat(story.takeHeard())
        .containsExactly(
            "t TASK_RUNNING REASON_AGENT_REREGISTERED", "u TASK_RUNNING REASON_AGENT_REREGISTERED");
    assertThat(story.commands("a", session, 0)).containsExactly("1 kill u");
    assertThat(story.offer().host()).isEqualTo("renamed");
    story.runtimes.advance(FleetStory.TIMEOUT.plusSeconds(1));
    assertThat(story.takeHeard()).contains("lost a", "t TASK_LOST REASON_AGENT_REMOVED");
  }

  @Test
  public void twoAgentsWithOneWorkDirectoryDoNotTakeTurns() {
    FleetStory story = FleetStory.led();
    story.register("a");
    String second = story.register("a");
    RegisterReply reply = story.send(story.registration("a").number(1).build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).contains("copies of one work directory");
    assertThat(story.poll("a", second, 0)).isNotDone();
  }

  /** Copies made while the agent was stopped count alike: numbers do not tell them apart. */
  @Test
  public void aProcessThatAnotherOneHasFollowedDoesNotComeBack() {
    FleetStory story = FleetStory.led();
    var unused = story.begin(story.registration("a").process("one").build());
    String other =
        story.begin(
            story
                .registration("a", has("t", AgentTaskState.TASK_RUNNING))
                .process("other")
                .build());
    RegisterReply reply = story.send(story.registration("a").process("one").build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).contains("copies of one work directory");
    assertThat(story.poll("a", other, 0)).isNotDone();
    assertThat(story.takeHeard()).containsExactly("t TASK_RUNNING REASON_AGENT_REREGISTERED");
    String again = story.begin(story.registration("a").process("other").build());
    assertThat(story.poll("a", again, 0)).isNotDone();
  }

  @Test
  public void anAgentOfAnotherClusterIsRefused() {
    FleetStory story = FleetStory.led();
    RegisterReply reply = story.send(story.registration("a").frameworkId("other").build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).isEqualTo("Agent a belongs to other, and this is test");
  }

  @Test
  public void whatMakesNoSenseIsRefusedWithTheNameOfTheField() {
    FleetStory story = FleetStory.led();
    AgentResources.Builder machine = FleetStory.MACHINE.toBuilder();
    assertRefused(story, "agentId", story.registration("a/b"));
    assertRefused(story, "host", story.registration("a").host(""));
    assertRefused(story, "number", story.registration("a").number(0));
    assertRefused(story, "resources.cpus", story.registration("a").resources(null));
    assertRefused(
        story,
        "resources.cpus",
        story.registration("a").resources(machine.cpus(Double.NaN).build()));
    assertRefused(
        story,
        "resources.ramMb",
        story.registration("a").resources(machine.cpus(1).ramMb(-1).build()));
    assertRefused(
        story,
        "tasks",
        story.registration(
            "a", has("t", AgentTaskState.TASK_RUNNING), has("t", AgentTaskState.TASK_RUNNING)));
    assertRefused(story, "tasks.state", story.registration("a", has("t", null)));
    assertThat(story.meters.counter("agent_requests_refused").count()).isEqualTo(8);
    String session = story.register("a");
    assertThat(
            story
                .report(
                    "a",
                    session,
                    1,
                    update("t", AgentTaskState.TASK_RUNNING).toBuilder().state(null).build())
                .message())
        .startsWith("updates.state: ");
    assertThat(story.takeHeard()).isEmpty();
  }

  /** An agent that cannot run it answers under that id; it has other tasks to tell of, too. */
  @Test
  public void theIdOfATaskMayBeAsLongAsThatOfItsJobMakesIt() {
    FleetStory story = FleetStory.led();
    String job = "n".repeat(255);
    String id = job + "-prod-" + job + "-0-7aebf9ce-5509-4054-a08f-df123a11eaae";
    String session = story.register("a", has(id, AgentTaskState.TASK_RUNNING));
    assertThat(story.report("a", session, 1, update(id, AgentTaskState.TASK_ERROR)).code())
        .isEqualTo(AgentReplyCode.OK);
  }

  private static void assertRefused(
      FleetStory story, String field, RegisterRequest.Builder registration) {
    RegisterReply reply = story.send(registration.build());
    assertThat(reply.code()).isEqualTo(AgentReplyCode.INVALID);
    assertThat(reply.message()).startsWith(field + ": ");
  }

  // ---- Offers over registrations ---------------------------------------------------------------

  @Test
  public void anOfferOutlivesARegistrationThatChangesNothing() {
    FleetStory story = FleetStory.led();
    story.register("a");
    Offer offer = story.offer();
    story.register("a");
    assertThat(story.takeHeard()).isEmpty();
    assertThat(story.offer()).isEqualTo(offer);
  }

  @Test
  public void andIsTakenBackWhenTheMachineHasLess() {
    FleetStory story = FleetStory.led();
    story.register("a");
    assertThat(story.offer().resources().cpus()).isEqualTo(4);
    var unused =
        story.begin(
            story
                .registration("a")
                .resources(FleetStory.MACHINE.toBuilder().cpus(2).build())
                .build());
    assertThat(story.takeHeard()).containsExactly("rescinded");
    assertThat(story.offer().resources().cpus()).isEqualTo(2);
  }

  @Test
  public void aRegistrationWhoseAnswerNobodyWaitsForChangesNothing() {
    FleetStory story = new FleetStory(false);
    story.lead(3, task("t", "a", ScheduleStatus.RUNNING));
    RegisterReply stale = story.send(story.registration("a").build());
    assertThat(stale.code()).isEqualTo(AgentReplyCode.OK);
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    RegisterReply unheard = story.send(story.registration("a").build());
    assertThat(unheard.code()).isEqualTo(AgentReplyCode.OK);
    assertThat(story.takeHeard()).containsExactly("t TASK_RUNNING REASON_AGENT_REREGISTERED");
    assertThat(story.poll("a", session, 0)).isNotDone();
    assertThat(story.poll("a", stale.session(), 0).join().code())
        .isEqualTo(AgentReplyCode.REGISTER);
  }

  @Test
  public void aReportOfTheEndIsForgottenOnlyWhenItIsDurable() {
    FleetStory story = FleetStory.led();
    String session = story.register("a", has("t", AgentTaskState.TASK_RUNNING));
    var unused = story.report("a", session, 1, update("t", AgentTaskState.TASK_FINISHED));
    story.driver.kill("t");
    assertThat(story.commands("a", session, 0)).isEmpty();
    story.driver.acknowledge(story.updates.get(story.updates.size() - 1));
    assertThat(story.commands("a", session, 0)).containsExactly("1 acknowledge t");
    story.heard.clear();
    story.driver.kill("t");
    story.runtimes.runReady();
    assertThat(story.updates.get(story.updates.size() - 1).state())
        .isEqualTo(ClusterTaskState.TASK_LOST);
  }
}
