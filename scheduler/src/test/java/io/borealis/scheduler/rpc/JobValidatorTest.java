package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.api.Identity;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.Test;

public class JobValidatorTest {
  private final JobValidator validator =
      new JobValidator(
          JobLimits.DEFAULT,
          new TaskConfigValidator(JobLimits.DEFAULT, TierRegistry.stock(), config -> config));

  private JobConfiguration validate(UnaryOperator<JobConfiguration.Builder> change) {
    return validator.validate(change.apply(Samples.job(3).toBuilder()).build());
  }

  private void refuses(UnaryOperator<JobConfiguration.Builder> change, String text) {
    assertThatThrownBy(() -> validate(change)).isInstanceOf(Refusal.class).hasMessage(text);
  }

  private static UnaryOperator<JobConfiguration.Builder> key(JobKey key) {
    return job -> job.key(key).taskConfig(Samples.config(key));
  }

  @Test
  public void aGoodJobComesBackWithItsDefaults() {
    JobConfiguration job = validate(j -> j);

    assertThat(job)
        .isEqualTo(Samples.job(3).toBuilder().taskConfig(Samples.stored(Samples.JOB)).build());
  }

  @Test
  public void theFirstBrokenRuleIsNamed() {
    refuses(
        job -> job.taskConfig(null).instanceCount(0),
        "Job configuration must have taskConfig set.");
    refuses(job -> job.instanceCount(0).key(null), "Instance count must be positive.");
    refuses(job -> job.instanceCount(-1), "Instance count must be positive.");
    refuses(job -> job.key(null), "Job key null is invalid.");
    refuses(job -> job.owner(new Identity("a b")), "Job user contains illegal characters: a b");
    refuses(job -> job.owner(new Identity(null)), "Job user contains illegal characters: null");
    refuses(
        job -> job.taskConfig(Samples.config().toBuilder().tier("x y").build()),
        "Tier contains illegal characters: x y");
    refuses(
        job -> job.cronSchedule("* * * * *"),
        "A service task may not be run on a cron schedule: shop/prod/cart");
  }

  @Test
  public void anOwnerMayBeMissing() {
    assertThat(validate(job -> job.owner(null)).owner()).isNull();
  }

  @Test
  public void namesHaveTheAllowedCharactersAndLength() {
    String longest = "x".repeat(255);
    for (String good : List.of("a.b-c_d", "A9", longest)) {
      assertThat(validate(key(new JobKey("shop", "prod", good))).key().name()).isEqualTo(good);
    }
    for (String bad : List.of("", "a b", "a/b", "n\u00e4me", "a\n", longest + "x")) {
      refuses(key(new JobKey("shop", "prod", bad)), "Job key shop/prod/" + bad + " is invalid.");
    }
  }

  @Test
  public void environmentsMustMatchWhole() {
    for (String good : List.of("prod", "devel", "test", "staging", "staging12")) {
      assertThat(validate(key(new JobKey("shop", good, "cart"))).key().environment())
          .isEqualTo(good);
    }
    for (String bad : List.of("Prod", "testing", "staging1x")) {
      refuses(
          key(new JobKey("shop", bad, "cart")),
          "Job environment " + bad + " doesn't match: ^(prod|devel|test|staging\\d*)$");
    }
  }

  @Test
  public void tasksCannotBeSmuggledIntoAnotherJob() {
    refuses(
        job -> job.taskConfig(Samples.config(new JobKey("other", "prod", "cart"))),
        "Job key shop/prod/cart must be the same as taskConfig.job other/prod/cart.");
  }
}
