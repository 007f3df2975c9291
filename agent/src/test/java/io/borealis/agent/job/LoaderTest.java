package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.Test;

public final class LoaderTest {
  private static RunnerTask task(String members) throws InvalidTaskException {
    String json =
        "{\"name\": \"t\", \"processes\": [{\"name\": \"p\", \"cmdline\": \"x\"%s}]}"
            .formatted(members);
    return TaskTemplate.read(json).bind("i", "u", Map.of());
  }

  private static TaskProcess process(String members) throws InvalidTaskException {
    return task(members).process("p");
  }

  @Test
  public void absentMembersAndNullHaveTheirStandardValues() throws InvalidTaskException {
    TaskProcess standard =
        new TaskProcess("p", "x", 1, false, false, Duration.ofSeconds(5), false, null);

    assertThat(process("")).isEqualTo(standard);
    assertThat(process(", \"max_failures\": null, \"logger\": null")).isEqualTo(standard);
    assertThat(process(", \"logger\": {}").logger()).isEqualTo(ProcessLogger.DEFAULT);
    RunnerTask task = task("");
    assertThat(task.maxFailures()).isEqualTo(1);
    assertThat(task.maxConcurrency()).isZero();
    assertThat(task.finalizationWait()).isEqualTo(Duration.ofSeconds(30));
    assertThat(task.orders()).isEmpty();
    assertThat(task.resources()).isNull();
    assertThat(task.user()).isNull();
  }

  @Test
  public void unknownMembersArePassedOverWhateverTheyHold() throws InvalidTaskException {
    assertThat(process(", \"colour\": [[{\"x\": \"{{nope}}\"}]], \"logger\": {\"level\": 1}"))
        .isEqualTo(process(", \"logger\": {}"));
  }

  @Test
  public void numbersMayBeTextsAndFractionsAreCut() throws InvalidTaskException {
    assertThat(process(", \"max_failures\": \"3\"").maxFailures()).isEqualTo(3);
    assertThat(process(", \"max_failures\": \" +3.9 \"").maxFailures()).isEqualTo(3);
    assertThat(process(", \"max_failures\": -3.9").maxFailures()).isEqualTo(-3);
    assertThat(process(", \"max_failures\": 2e3").maxFailures()).isEqualTo(2000);
    assertThat(process(", \"max_failures\": \"2e3\"").maxFailures()).isEqualTo(2000);
    assertThat(process(", \"cmdline\": 12").cmdline()).isEqualTo("12");
    assertThat(process(", \"cmdline\": 1.50").cmdline()).isEqualTo("1.5");
    assertThat(process(", \"cmdline\": 100000000.0").cmdline()).isEqualTo("100000000.0");
  }

  @Test
  public void whatIsNoNumberIsRefused() {
    for (String no : new String[] {"\"0x10\"", "\"1d\"", "\"NaN\"", "\"\"", "\"١\"", "true"}) {
      assertThatThrownBy(() -> process(", \"max_failures\": " + no))
          .as(no)
          .hasMessageStartingWith("task.processes[0].max_failures: must be a whole number, not ");
    }
    for (String no : new String[] {"[1]", "{}"}) {
      assertThatThrownBy(() -> process(", \"max_failures\": " + no))
          .hasMessage("task.processes[0].max_failures: must be a text, a number or true or false");
    }
  }

  @Test
  public void numbersThatAreTooLargeAreRefusedAndCostNothing() {
    for (String no :
        new String[] {
          "2147483648", "1e18", "1e30", "1e308", "1e999", "1e999999999", "\"1e99\"", "9".repeat(400)
        }) {
      assertThatThrownBy(() -> process(", \"max_failures\": " + no))
          .as(no)
          .hasMessageStartingWith("task.processes[0].max_failures: is out of range");
    }
    assertThatThrownBy(() -> process(", \"max_failures\": \"1e999999999\""))
        .hasMessageContaining("must be a whole number");
    assertThatThrownBy(() -> process(", \"max_failures\": " + "9".repeat(2000)))
        .hasMessageStartingWith("the configuration is no JSON: ");
  }

  @Test
  public void switchesMayBeTextsAndNumbers() throws InvalidTaskException {
    for (String on : new String[] {"true", "\"TRUE\"", "\"1\"", "1", "-2", "0.5"}) {
      assertThat(process(", \"daemon\": " + on).daemon()).as(on).isTrue();
    }
    for (String off : new String[] {"false", "\"False\"", "\"0\"", "0", "0.0"}) {
      assertThat(process(", \"daemon\": " + off).daemon()).as(off).isFalse();
    }
    assertThatThrownBy(() -> process(", \"cmdline\": true"))
        .hasMessage("task.processes[0].cmdline: must be a text or a number, not true");
  }

  @Test
  public void shapesMustFit() {
    assertThatThrownBy(() -> process(", \"logger\": []"))
        .hasMessage("task.processes[0].logger: must be an object");
    assertThatThrownBy(() -> TaskTemplate.read("{\"processes\": {}}"))
        .hasMessage("task.processes: must be a list");
    assertThatThrownBy(() -> TaskTemplate.read("{\"processes\": [7]}"))
        .hasMessage("task.processes[0]: must be an object");
    assertThatThrownBy(
            () -> TaskTemplate.read("{\"processes\": [], \"constraints\": [{\"order\": 1}]}"))
        .hasMessage("task.constraints[0].order: must be a list");
  }

  @Test
  public void whatIsNoJsonObjectIsRefused() {
    assertThatThrownBy(() -> TaskTemplate.read("[]"))
        .hasMessage("the configuration must be an object of JSON");
    for (String no : new String[] {"{", "{} {}", "{\"a\": NaN}", "nope", "{'a': 1}"}) {
      assertThatThrownBy(() -> TaskTemplate.read(no))
          .as(no)
          .hasMessageStartingWith("the configuration is no JSON: ");
    }
    assertThatThrownBy(() -> TaskTemplate.read(""))
        .hasMessageStartingWith("the configuration must be an object of JSON");
  }

  @Test
  public void depthLengthAndNumberOfValuesAreLimited() {
    assertThatThrownBy(() -> process(", \"x\": " + "[".repeat(100_000)))
        .hasMessageStartingWith("the configuration is no JSON: ")
        .hasMessageContaining("nesting depth");
    assertThatThrownBy(() -> process(", \"x\": \"" + "x".repeat(1 << 20) + "\""))
        .hasMessageMatching("the configuration has \\d+ characters, the most are 1048576");
    String many = "{\"name\":\"a\",\"cmdline\":\"\"},".repeat(15_000) + "{}";
    assertThatThrownBy(() -> TaskTemplate.read("{\"processes\": [" + many + "]}"))
        .hasMessageEndingWith("the configuration has more than 100000 values");
  }
}
