package io.borealis.agent.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.agent.executor.StatusChain.Member;
import io.borealis.api.agent.AgentTaskState;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.Test;

public class StatusChainGoldenTest {
  @Test
  public void everyCombinationIsDecidedAsRecorded() throws IOException {
    JsonNode rows;
    try (InputStream in = getClass().getResourceAsStream("/golden/chained-status.json")) {
      rows = new ObjectMapper().readTree(in).get("rows");
    }
    assertThat(rows).hasSize(125);
    for (JsonNode row : rows) {
      List<TaskStatus> said = new ArrayList<>();
      for (int i = 0; i < row.get("checkers").size(); i++) {
        JsonNode one = row.get("checkers").get(i);
        if (!one.isNull()) {
          said.add(TaskStatus.of(AgentTaskState.valueOf(one.asText()), "r" + i));
        }
      }
      JsonNode result = row.get("result");
      Optional<TaskStatus> expected =
          result.isNull()
              ? Optional.empty()
              : Optional.of(
                  TaskStatus.of(
                      AgentTaskState.valueOf(result.get(0).asText()), result.get(1).asText()));
      assertThat(StatusChain.combine(said.stream())).as("%s", row).isEqualTo(expected);
    }
  }

  @Test
  public void theFirstEndSticks() {
    StatusChain chain = new StatusChain();
    TaskStatus unhealthy = TaskStatus.failed("unhealthy");
    assertThat(chain.set(Member.HEALTH, unhealthy)).contains(unhealthy);
    assertThat(chain.set(Member.RUNNER, TaskStatus.killed("later"))).contains(unhealthy);
    assertThat(chain.set(Member.HEALTH, TaskStatus.of(AgentTaskState.TASK_RUNNING)))
        .contains(unhealthy);
  }
}
