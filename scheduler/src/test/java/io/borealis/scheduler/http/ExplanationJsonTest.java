package io.borealis.scheduler.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduleStatus;
import io.borealis.scheduler.update.Explanation;
import io.borealis.scheduler.update.Wait;
import org.junit.Test;

public class ExplanationJsonTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final JobUpdateKey KEY =
      new JobUpdateKey(new JobKey("www-data", "prod", "hello"), "u1");

  private final ObjectNode answer = MAPPER.createObjectNode();

  private static Explanation explanation(Wait... waits) {
    return new Explanation(
        KEY,
        JobUpdateStatus.ROLLING_FORWARD,
        "all of it",
        ImmutableList.copyOf(waits),
        new Explanation.Progress(false, 5, 2, 1, 1),
        ImmutableList.of(new Explanation.Failure(4, 2, true)),
        2,
        new Explanation.PulseRecord(20_000, null, null),
        1_500,
        false);
  }

  @Test
  public void programsReadMembers() throws Exception {
    ExplanationJson.add(
        ImmutableList.of(
            explanation(
                new Wait.Watch(ImmutableList.of(3, 7), 8_000),
                new Wait.Place(
                    ImmutableList.of(1), ScheduleStatus.PENDING, 0, "no offer has 4 cpus"))),
        60_000,
        answer);
    assertThat(MAPPER.readTree(answer.toString()))
        .isEqualTo(
            MAPPER.readTree(
                """
                {"explanations": [{
                  "key": {
                    "job": {"role": "www-data", "environment": "prod", "name": "hello"},
                    "id": "u1"},
                  "status": "ROLLING_FORWARD",
                  "reason": "WATCHING",
                  "sentence": "all of it",
                  "waits": [
                    {"reason": "WATCHING", "sentence": "watching instances 3, 7 for 8 s more",
                     "instances": [3, 7], "leftMs": 8000},
                    {"reason": "TASKS_NOT_PLACED",
                     "sentence": "waiting for instance 1 to be RUNNING (PENDING since 1970-01-01T00:00:00Z because no offer has 4 cpus)",
                     "instances": [1], "status": "PENDING", "sinceMs": 0,
                     "because": "no offer has 4 cpus"}],
                  "progress": {"rollback": false, "instances": 5, "begun": 2, "underWay": 1,
                    "failed": 1},
                  "failures": [{"instance": 4, "exits": 2, "failed": true}],
                  "maxFailedInstances": 2,
                  "pulses": {"timeoutMs": 20000},
                  "stillForMs": 1500,
                  "stalled": false}]}
                """));
  }

  @Test
  public void whatIsNotThereIsNotSaid() {
    ExplanationJson.add(ImmutableList.of(), 0, answer);
    assertThat(answer).isEmpty();
  }
}
