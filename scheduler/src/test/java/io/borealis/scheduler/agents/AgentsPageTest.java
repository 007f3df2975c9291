package io.borealis.scheduler.agents;

import static io.borealis.scheduler.agents.FleetStory.has;
import static io.borealis.scheduler.agents.FleetStory.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.agent.AgentTaskState;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.Test;

public class AgentsPageTest {
  private static JsonNode page(FleetStory story) throws Exception {
    AgentsPage page =
        new AgentsPage(
            story.cluster,
            host -> host.equals("host-a") ? MaintenanceMode.DRAINING : MaintenanceMode.NONE);
    CompletableFuture<HttpReply> reply =
        page.show(new HttpCall("GET", "/agents", "", ImmutableMap.of(), new byte[0], "127.0.0.1"))
            .toCompletableFuture();
    return new ObjectMapper().readTree(story.now(reply).body());
  }

  @Test
  public void withoutALeaderThereAreNone() throws Exception {
    assertThat(page(new FleetStory(false))).isEmpty();
  }

  @Test
  public void eachAgentIsShownWithWhatItHasAndWhereItsPagesAre() throws Exception {
    FleetStory story = new FleetStory(false);
    story.lead(1, task("t", "b", ScheduleStatus.RUNNING));
    String unused =
        story.begin(
            story
                .registration("a", has("u", AgentTaskState.TASK_RUNNING))
                .observer("host-a:1338")
                .build());
    story.runtimes.advance(Duration.ofSeconds(3));
    JsonNode all = page(story);
    assertThat(all).hasSize(2);
    JsonNode here = all.get(0);
    assertThat(here.path("host").asText()).isEqualTo("host-a");
    assertThat(here.path("agentId").asText()).isEqualTo("a");
    assertThat(here.path("state").asText()).isEqualTo("REGISTERED");
    assertThat(here.path("mode").asText()).isEqualTo("DRAINING");
    assertThat(here.path("observer").asText()).isEqualTo("http://host-a:1338");
    assertThat(here.path("silentMs").asLong()).isEqualTo(3000);
    assertThat(here.path("tasks").asInt()).isEqualTo(1);
    assertThat(here.at("/attributes/rack/0").asText()).isEqualTo("r1");
    assertThat(here.at("/total/cpus").asDouble()).isEqualTo(4);
    assertThat(here.at("/free/cpus").asDouble()).isEqualTo(3);
    assertThat(here.at("/free/ports").asInt()).isEqualTo(10);
    JsonNode awaited = all.get(1);
    assertThat(awaited.path("state").asText()).isEqualTo("AWAITED");
    assertThat(awaited.path("silentMs").isNull()).isTrue();
    assertThat(awaited.path("tasks").asInt()).isEqualTo(1);
  }
}
