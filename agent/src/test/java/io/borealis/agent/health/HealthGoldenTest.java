package io.borealis.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.junit.Test;

public class HealthGoldenTest {
  private static JsonNode golden(String name) throws IOException {
    try (InputStream in = HealthGoldenTest.class.getResourceAsStream("/golden/" + name)) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static HealthPolicy policy(JsonNode test) {
    JsonNode initial = test.get("initial_interval_secs");
    return HealthPolicy.of(
        test.get("interval_secs").asDouble(),
        initial.isNull() ? Optional.empty() : Optional.of(initial.asDouble()),
        test.get("max_consecutive_failures").asInt(),
        test.get("min_consecutive_successes").asInt());
  }

  @Test
  public void everyTraceIsFollowedAttemptByAttempt() throws IOException {
    JsonNode cases = golden("health-checker.json").get("cases");
    assertThat(cases).hasSizeGreaterThanOrEqualTo(55);
    for (JsonNode test : cases) {
      HealthPolicy policy = policy(test);
      assertThat(policy.forgiven())
          .as("%s", test.get("name"))
          .isEqualTo(test.get("forgiving_attempts").asInt());
      assertThat(policy.attemptsToRunning())
          .as("%s", test.get("name"))
          .isEqualTo(test.get("max_attempts_to_running").asInt());
      HealthState state = HealthState.starting();
      int number = 0;
      for (JsonNode step : test.get("steps")) {
        number++;
        String what = test.get("name").asText() + ", step " + number;
        boolean executed = state.mayAttempt(policy);
        assertThat(executed).as(what).isEqualTo(step.get("check_executed").asBoolean());
        CheckResult result =
            step.get("result").asText().equals("ok")
                ? CheckResult.healthy()
                : CheckResult.unhealthy("reason-" + number);
        state = executed ? state.after(policy, result) : state.outOfAttempts();
        check(state, step, what);
      }
    }
  }

  private static void check(HealthState state, JsonNode step, String what) {
    assertThat(state.attempts()).as(what).isEqualTo(step.get("attempts").asInt());
    assertThat(state.failures()).as(what).isEqualTo(step.get("consecutive_failures").asInt());
    assertThat(state.successes()).as(what).isEqualTo(step.get("consecutive_successes").asInt());
    assertThat(state.running()).as(what).isEqualTo(step.get("running").asBoolean());
    assertThat(state.failure().isEmpty()).as(what).isEqualTo(step.get("healthy").asBoolean());
    String verdict =
        switch (state.verdict()) {
          case STARTING -> "TASK_STARTING";
          case HEALTHY -> "TASK_RUNNING";
          case FAILED -> "TASK_FAILED";
        };
    JsonNode status = step.get("status");
    assertThat(verdict).as(what).isEqualTo(status.get(0).asText());
    assertThat(state.message().orElse(null))
        .as(what)
        .isEqualTo(status.get(1).isNull() ? null : status.get(1).asText());
  }

  @Test
  public void everyAnswerOverHttpIsJudgedAsRecorded() throws IOException {
    JsonNode rows = golden("http-check.json").get("rows");
    assertThat(rows).hasSizeGreaterThanOrEqualTo(17);
    for (JsonNode row : rows) {
      HttpHealthCheck.Expected expected =
          new HttpHealthCheck.Expected(
              row.path("expected_response").asText("").replace("null", ""),
              row.path("expected_response_code").asInt(0));
      LocalHttp.Reply reply =
          row.has("query_error")
              ? new LocalHttp.Reply.NoAnswer("Error within timeout")
              : new LocalHttp.Reply.Answer(row.get("code").asInt(), row.get("body").asText());
      CheckResult result = HttpHealthCheck.judge(LocalHttp.url(1234, "/health"), expected, reply);
      assertThat(result)
          .as("%s", row)
          .isEqualTo(
              row.get("ok").asBoolean()
                  ? CheckResult.healthy()
                  : CheckResult.unhealthy(row.get("reason").asText()));
    }
  }

  @Test
  public void absurdNumbersOfAJobAreBounded() {
    HealthPolicy policy =
        HealthPolicy.of(-1, Optional.of(Double.MAX_VALUE), Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThat(policy.interval()).isPositive();
    assertThat(policy.forgiven()).isPositive();
    assertThat(policy.attemptsToRunning()).isPositive();
    assertThat(HealthPolicy.of(Double.NaN, Optional.of(Double.NaN), 0, 1).interval())
        .isEqualTo(Duration.ofMillis(1));
  }
}
