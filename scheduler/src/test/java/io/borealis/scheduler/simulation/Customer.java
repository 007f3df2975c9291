package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.GetJobUpdateDetailsResult;
import io.borealis.api.Identity;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdatePulseStatus;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.Range;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.UpdateTable;
import io.borealis.scheduler.update.Ask;
import io.borealis.scheduler.update.RandomAsk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Owns a job and plays with it, through the API of whoever leads or seems to. A call that was
 * refused for the moment is made again; one whose end is unknown only after a look at what became
 * of it. For one thread.
 */
final class Customer implements Actor {
  private static final int MOST = 6;

  /** How many configurations of its tasks there are. */
  static final int VERSIONS = 4;

  private static final int MANY_CARES = 240;
  private static final int SOME_CARES = 60;

  /** By the value of this metadata the scheduler knows a start again. */
  static final String IDEMPOTENCY_KEY = "io.borealis.idempotency_key";

  /** Tells nobody but the customer anything. */
  private static final String TAG = "tag";

  private static final ImmutableList<String> FATES =
      ImmutableList.of("", "", "", "", "", "", "fail", "fail", "finish", "lost", "nokill");

  private final World world;
  private final Answers answers;
  private final Caller caller;
  private final Random random;
  private final JobKey job;
  private final ImmutableList<Wishes> wishes;
  private final ImmutableList<String> fates;
  private final List<Optional<SlaPolicy>> policies = new ArrayList<>();
  private final String tagKey;
  private final Map<JobUpdateKey, Integer> shownEvents = new HashMap<>();
  private @Nullable JobUpdateKey update;
  private boolean created;
  private boolean starting;
  private boolean pulses = true;
  private int intents;
  private int cares;

  /** Owns a job whose tasks need nothing special. */
  Customer(World world, Answers answers, List<SimulatedScheduler> schedulers, String name) {
    this(world, answers, schedulers, new JobKey("shop", "prod", name), ImmutableList.of());
  }

  /**
   * @param wishes what its tasks ask for, for each version of their configuration; none if it is to
   *     update its job most of the time
   */
  Customer(
      World world,
      Answers answers,
      List<SimulatedScheduler> schedulers,
      JobKey job,
      ImmutableList<Wishes> wishes) {
    this.world = world;
    this.answers = answers;
    this.caller = new Caller(world, answers, schedulers, job.name());
    this.random = world.random();
    this.job = job;
    this.wishes = wishes;
    ImmutableList.Builder<String> drawn = ImmutableList.builder();
    drawn.add("");
    policies.add(Optional.ofNullable(RandomAsk.policy(random)));
    for (int i = 1; i < VERSIONS; i++) {
      policies.add(Optional.ofNullable(RandomAsk.policy(random)));
      drawn.add(FATES.get(random.nextInt(FATES.size())));
    }
    this.fates = drawn.build();
    this.tagKey = random.nextBoolean() ? TAG : IDEMPOTENCY_KEY;
  }

  // ---- What it does ----------------------------------------------------------------------------

  @Override
  public void act() {
    if (caller.isBusy()) {
      return;
    }
    UpdateRecord active = active();
    int dice = random.nextInt(100);
    if (!created) {
      create();
    } else if (active == null && !isPlain()) {
      trade(dice);
    } else if (active == null || dice < 5) {
      disturb(dice);
    } else {
      update = active.key();
      steer(active.key(), dice);
    }
  }

  @Override
  public boolean isBusy() {
    return caller.isBusy();
  }

  /** What it would see on a screen. */
  private @Nullable UpdateRecord active() {
    return Iterables.getFirst(world.truth().now().updates().activeOf(job), null);
  }

  private boolean isPlain() {
    return wishes.isEmpty();
  }

  /** Its job is gone and comes again, grows and shrinks, and is updated now and then. */
  private void trade(int dice) {
    if (world.truth().now().tasks().ofJob(job).active().isEmpty()) {
      create();
    } else if (dice < 15) {
      kill(ImmutableSet.of());
    } else if (dice < 60) {
      disturb(dice / 3);
    } else {
      disturb(dice);
    }
  }

  private void kill(ImmutableSet<Integer> some) {
    caller.attempt(
        Attempt.Kind.KILL, null, (api, call) -> api.killTasks(call, job, some, null), done -> {});
  }

  private void disturb(int dice) {
    if (dice < 8) {
      kill(ImmutableSet.of(0, 1 + random.nextInt(MOST)));
    } else if (dice < 14) {
      ImmutableSet<Integer> one = ImmutableSet.of(random.nextInt(MOST));
      caller.attempt(
          Attempt.Kind.RESTART, null, (api, call) -> api.restartShards(call, job, one), done -> {});
    } else if (dice < 18) {
      caller.attempt(
          Attempt.Kind.ADD,
          null,
          (api, call) -> api.addInstances(call, new InstanceKey(job, 0), 1),
          done -> {});
    } else if (dice < 25 && update != null) {
      look(update);
    } else {
      start(request(), "i" + ++intents);
    }
  }

  private void steer(JobUpdateKey key, int dice) {
    if (dice < 20) {
      look(key);
    } else if (dice < 45) {
      // Pulses come by themselves.
      pulses = random.nextInt(4) > 0;
    } else if (dice < 63) {
      caller.attempt(
          Attempt.Kind.PAUSE, key, (api, call) -> api.pauseJobUpdate(call, key, null), done -> {});
    } else if (dice < 92) {
      resume(key);
    } else if (dice < 98) {
      caller.attempt(
          Attempt.Kind.ROLLBACK,
          key,
          (api, call) -> api.rollbackJobUpdate(call, key, null),
          done -> {});
    } else {
      abort(key);
    }
  }

  private void abort(JobUpdateKey key) {
    caller.attempt(
        Attempt.Kind.ABORT, key, (api, call) -> api.abortJobUpdate(call, key, null), done -> {});
  }

  private void resume(JobUpdateKey key) {
    caller.attempt(
        Attempt.Kind.RESUME, key, (api, call) -> api.resumeJobUpdate(call, key, null), done -> {});
  }

  /** Helps an update on that waits for somebody, or ends it if it waits in vain. */
  void care() {
    UpdateRecord active = active();
    pulses = true;
    cares++;
    if (active == null || caller.isBusy()) {
      return;
    } else if (active.status().name().endsWith("PAUSED")) {
      resume(active.key());
    } else if (cares > (world.parts().isTight() ? SOME_CARES : MANY_CARES) && waitsInVain(active)) {
      abort(active.key());
    }
  }

  /** There is no room for all of it, or its policy lets no task go for others that never run. */
  private boolean waitsInVain(UpdateRecord active) {
    return (world.parts().isTight() && isCrowded())
        || (Boolean.TRUE.equals(active.update().instructions().settings().slaAware())
            && Iterables.any(
                world.truth().now().tasks().ofJob(job).active().values(),
                task -> task.status() != ScheduleStatus.RUNNING));
  }

  private boolean isCrowded() {
    return Iterables.any(
        world.truth().now().tasks().ofJob(job).active().values(),
        task -> task.status() == ScheduleStatus.PENDING);
  }

  /** Pulses its update as a monitor does, unless the monitor is down. */
  void pulse() {
    UpdateRecord active = active();
    Integer timeout =
        active == null ? null : active.update().instructions().settings().blockIfNoPulsesAfterMs();
    if (!pulses || timeout == null || timeout == 0) {
      return;
    }
    long since = world.truth().transaction();
    // Others may know of it before the leader that begins it, if that one is cut off meanwhile.
    boolean confirmed = !starting;
    caller.call(
        caller.anybody(),
        "pulse",
        (api, call) -> api.pulseJobUpdate(call, active.key()),
        answer -> {
          if (answer.result() instanceof Result.PulseJobUpdateResult result
              && result.value().status() == JobUpdatePulseStatus.FINISHED
              && confirmed
              && world.isPolite()) {
            world
                .truth()
                .require(
                    wasInactive(active.key(), since), "a pulse came to nothing: " + active.key());
          }
        });
  }

  private boolean wasInactive(JobUpdateKey key, long since) {
    for (long i = since; i <= world.truth().transaction(); i++) {
      UpdateRecord update = world.truth().at(i).updates().get(key);
      if (update == null || !UpdateTable.isActive(update.status())) {
        return true;
      }
    }
    return false;
  }

  // ---- Jobs and updates ------------------------------------------------------------------------

  private void create() {
    Attempt attempt = answers.begin(Attempt.Kind.CREATE, (JobUpdateKey) null);
    TaskConfig config = config(0).toBuilder().contactEmail(attempt.user).build();
    JobConfiguration description =
        JobConfiguration.builder()
            .key(job)
            .owner(new Identity("ann"))
            .taskConfig(config)
            .instanceCount(instances(0))
            .build();
    caller.attempt(
        attempt,
        (api, call) -> api.createJob(call, description),
        done -> created = !world.truth().now().tasks().ofJob(job).active().isEmpty());
  }

  /** Few are not allowed where that would leave a policy without anybody to let go. */
  private int instances(int version) {
    int least = policies.get(version).isPresent() ? 3 : 1;
    return least + random.nextInt(MOST + 1 - least);
  }

  private TaskConfig config(int version) {
    TaskConfig.Builder config =
        TaskConfig.builder()
            .job(job)
            .owner(new Identity("ann"))
            .isService(true)
            .maxTaskFailures(1)
            .slaPolicy(policies.get(version).orElse(null))
            .executorConfig(new ExecutorConfig("AuroraExecutor", "v" + version));
    (isPlain() ? Wishes.PLAIN : wishes.get(version)).addTo(config);
    if (!fates.get(version).isEmpty()) {
      config.metadata(ImmutableSet.of(new Metadata("peer", fates.get(version))));
    }
    return config.build();
  }

  private JobUpdateRequest request() {
    List<Ask.Word> words = RandomAsk.draw(random, Duration.ofMillis(500), Duration.ofSeconds(3));
    JobUpdateSettings settings = Ask.of(words.toArray(Ask.Word[]::new)).settings();
    int version = random.nextInt(fates.size());
    int count = instances(version);
    if (random.nextInt(5) == 0) {
      int first = random.nextInt(count);
      settings =
          settings.toBuilder()
              .updateOnlyTheseInstances(
                  ImmutableSet.of(new Range(first, first + random.nextInt(count - first))))
              .build();
    } else if (random.nextInt(10) == 0) {
      settings =
          settings.toBuilder()
              .updateStrategy(null)
              .updateGroupSize(1 + random.nextInt(3))
              .waitForBatchCompletion(random.nextBoolean())
              .build();
    }
    return JobUpdateRequest.builder()
        .taskConfig(config(version))
        .instanceCount(count)
        .settings(settings)
        .build();
  }

  private void start(JobUpdateRequest wanted, String tag) {
    JobUpdateRequest request =
        wanted.toBuilder().metadata(ImmutableSet.of(new Metadata(tagKey, tag))).build();
    starting = true;
    caller.attempt(
        Attempt.Kind.START,
        null,
        (api, call) -> api.startJobUpdate(call, request, null),
        attempt -> {
          starting = false;
          if (attempt.outcome == Attempt.Outcome.UNKNOWN) {
            if (tagKey.equals(TAG)) {
              lookFor(request, tag);
            } else {
              start(request, tag);
            }
          }
        });
  }

  /** Nobody knows whether the update was begun: it is begun again only if it was not. */
  private void lookFor(JobUpdateRequest request, String tag) {
    JobUpdateQuery query = JobUpdateQuery.builder().jobKey(job).build();
    caller.ask(
        caller.advertised(),
        "look",
        (api, call) -> api.getJobUpdateSummaries(call, query),
        answer -> {
          if (answer.isPresent()
              && answer.get().result() instanceof Result.GetJobUpdateSummariesResult found
              && !Iterables.any(
                  found.value().updateSummaries(), summary -> isTagged(summary, tag))) {
            start(request, tag);
          }
        });
  }

  private boolean isTagged(JobUpdateSummary summary, String tag) {
    return summary.metadata() != null && summary.metadata().contains(new Metadata(tagKey, tag));
  }

  /**
   * What it is shown was so, and is no older than what it was shown before. A leader that is cut
   * off need not know of an append that got through.
   */
  private void look(JobUpdateKey key) {
    caller.call(
        caller.anybody(),
        "look",
        (api, call) ->
            api.getJobUpdateDetails(call, null, JobUpdateQuery.builder().key(key).build()),
        answer -> {
          if (answer.result() instanceof Result.GetJobUpdateDetailsResult details) {
            check(key, details.value());
          }
        });
  }

  private void check(JobUpdateKey key, GetJobUpdateDetailsResult shown) {
    Truth truth = world.truth();
    UpdateRecord now = truth.now().updates().get(key);
    if (now == null) {
      return; // Forgotten.
    }
    int seen = 0;
    for (JobUpdateDetails details : shown.detailsList()) {
      List<?> events = details.updateEvents();
      seen = events.size();
      truth.require(
          seen <= now.events().size()
              && new ArrayList<>(now.events()).subList(0, seen).equals(new ArrayList<>(events)),
          "what was shown of " + key + " was never so");
    }
    truth.require(
        !world.isPolite() || seen >= shownEvents.getOrDefault(key, 0),
        "what was shown of " + key + " is old");
    shownEvents.merge(key, seen, Math::max);
  }
}
