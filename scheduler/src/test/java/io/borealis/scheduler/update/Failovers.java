package io.borealis.scheduler.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.rules.TestRule;
import org.junit.runner.Description;
import org.junit.runners.model.Statement;

/**
 * Runs each test again and again: with a new leader after its first step, after its second and so
 * on, and at last after every step. The test must pass each time and its stories must end alike.
 */
final class Failovers implements TestRule {
  private IntPredicate plan = step -> false;
  private List<UpdateScenario> told = new ArrayList<>();

  /** Begins a story. */
  UpdateScenario scenario() {
    UpdateScenario story = UpdateScenario.scenario(plan);
    told.add(story);
    return story;
  }

  @Override
  public Statement apply(Statement test, Description description) {
    return new Statement() {
      @Override
      public void evaluate() throws Throwable {
        List<List<String>> plain = run(test, step -> false);
        int steps = told.stream().mapToInt(UpdateScenario::steps).max().orElse(0);
        for (int i = 1; i <= steps; i++) {
          int last = i;
          again(test, step -> step == last, plain, "after step " + i);
        }
        again(test, step -> true, plain, "after every step");
      }
    };
  }

  private void again(
      Statement test, IntPredicate failsOver, List<List<String>> plain, String when) {
    try {
      assertThat(run(test, failsOver)).isEqualTo(plain);
    } catch (Throwable failure) {
      throw new AssertionError("With a failover " + when + ": " + failure.getMessage(), failure);
    }
  }

  private List<List<String>> run(Statement test, IntPredicate failsOver) throws Throwable {
    plan = failsOver;
    told = new ArrayList<>();
    test.evaluate();
    return told.stream().map(UpdateScenario::ending).toList();
  }
}
