package io.borealis.scheduler.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateState;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateStrategy;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Range;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.QuotaConfiguration;
import io.borealis.api.storage.SaveCronProgress;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredCronJob;
import io.borealis.api.storage.StoredJobUpdateDetails;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryCodecStreams;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Backups that Aurora wrote, present and old, and what cannot be taken from them. */
public class ConversionTest {
  private static final TaskConfig CONFIG = Fixtures.config(Fixtures.JOB);
  private static final JobUpdateKey UPDATE = new JobUpdateKey(Fixtures.JOB, "u1");

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void aBackupOfAuroraNeedsNoneOfOurFields() throws Exception {
    BackupContent content =
        read(
            Snapshot.builder()
                .timestamp(77)
                .tasks(List.of(running("t1", CONFIG)))
                .jobUpdateDetails(List.of(update(event(JobUpdateStatus.ROLLING_FORWARD, 5)))));
    assertThat(content.unreadable()).isEmpty();
    assertThat(content.ours()).isFalse();
    assertThat(content.madeMs()).isEqualTo(77);
    assertThat(content.counts()).containsEntry("tasks", 1).containsEntry("updates", 1);
    UpdateRecord update = content.state().updates().get(UPDATE);
    assertThat(update.status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(update.progress().started()).isZero();
  }

  @Test
  public void updatesWithoutAStrategyGetThatOfTheirSettings() throws Exception {
    BackupContent content =
        read(
            Snapshot.builder()
                .jobUpdateDetails(List.of(update(event(JobUpdateStatus.ROLLING_FORWARD, 5)))));
    JobUpdateSettings settings =
        content.state().updates().get(UPDATE).update().instructions().settings();
    assertThat(settings.updateStrategy()).isInstanceOf(JobUpdateStrategy.QueueStrategy.class);
    assertThat(content.converted())
        .containsEntry("updates without a strategy were given that of their settings", 1);
  }

  @Test
  public void configurationsWithoutATierGetThatOfTheirProductionFlag() throws Exception {
    TaskConfig production = CONFIG.toBuilder().tier(null).production(true).build();
    TaskConfig neither = CONFIG.toBuilder().tier(null).production(null).build();
    TaskConfig tierOnly = CONFIG.toBuilder().tier("preferred").production(null).build();
    State state =
        read(Snapshot.builder()
                .tasks(
                    List.of(
                        running("a", production),
                        instance(1, running("b", neither)),
                        instance(2, running("c", tierOnly)))))
            .state();
    assertThat(config(state, "a").tier()).isEqualTo("preferred");
    assertThat(config(state, "b").tier()).isEqualTo("preemptible");
    assertThat(config(state, "b").production()).isFalse();
    assertThat(config(state, "c").production()).isTrue();
  }

  @Test
  public void hostsWithoutAnAgentAreLeftOutAndThoseWithoutAModeHaveNone() throws Exception {
    BackupContent content =
        read(
            Snapshot.builder()
                .hostAttributes(
                    List.of(
                        HostAttributes.builder().host("gone").mode(MaintenanceMode.NONE).build(),
                        HostAttributes.builder().host("here").slaveId("s1").build())));
    assertThat(content.state().hosts().asMap().keySet()).containsExactly("here");
    assertThat(content.state().hosts().get("here").mode()).isEqualTo(MaintenanceMode.NONE);
    assertThat(content.unreadable()).isEmpty();
  }

  @Test
  public void eventsComeInTheOrderOfTheirTimes() throws Exception {
    UpdateRecord update =
        read(Snapshot.builder()
                .jobUpdateDetails(
                    List.of(
                        update(
                            event(JobUpdateStatus.ROLL_FORWARD_PAUSED, 9),
                            event(JobUpdateStatus.ROLLING_FORWARD, 5)))))
            .state()
            .updates()
            .get(UPDATE);
    assertThat(update.status()).isEqualTo(JobUpdateStatus.ROLL_FORWARD_PAUSED);
    assertThat(update.createdMs()).isEqualTo(5);
  }

  @Test
  public void anUpdateWithoutEventsHasTheStatusItsSummarySaysOrIsNotTaken() throws Exception {
    JobUpdateDetails none = update().details();
    JobUpdate told =
        none.update().toBuilder()
            .summary(
                none.update().summary().toBuilder()
                    .state(new JobUpdateState(JobUpdateStatus.ABORTED, 3, 8))
                    .build())
            .build();
    State state =
        read(Snapshot.builder()
                .jobUpdateDetails(
                    List.of(new StoredJobUpdateDetails(none.toBuilder().update(told).build()))))
            .state();
    assertThat(state.updates().get(UPDATE).status()).isEqualTo(JobUpdateStatus.ABORTED);
    assertThat(state.updates().get(UPDATE).modifiedMs()).isEqualTo(8);
    assertThat(read(Snapshot.builder().jobUpdateDetails(List.of(update()))).unreadable())
        .containsExactly(
            "update www-data/prod/hello u1: it has no events, so nobody knows its status");
  }

  @Test
  public void tasksInInitWaitAndTasksWithoutEventsGetOne() throws Exception {
    ScheduledTask init =
        Fixtures.task("i", CONFIG, 0, ScheduleStatus.INIT).toBuilder()
            .taskEvents(ImmutableList.of())
            .build();
    ScheduledTask silent =
        instance(1, running("s", CONFIG)).toBuilder().taskEvents(ImmutableList.of()).build();
    State state = read(Snapshot.builder().timestamp(50).tasks(List.of(init, silent))).state();
    assertThat(state.tasks().get("i").status()).isEqualTo(ScheduleStatus.PENDING);
    assertThat(state.tasks().pending()).containsKey("i");
    assertThat(Iterables.getOnlyElement(state.tasks().get("s").taskEvents()).timestamp())
        .isEqualTo(50);
    assertThat(Iterables.getLast(state.tasks().get("i").taskEvents()).status())
        .isEqualTo(ScheduleStatus.PENDING);
  }

  @Test
  public void whatCannotBeTakenIsNamedAndTheRestIsThere() throws Exception {
    ScheduledTask sound = running("sound", CONFIG);
    ScheduledTask noStatus = instance(1, sound("t1")).toBuilder().status(null).build();
    ScheduledTask noJob = instance(2, running("t2", CONFIG.toBuilder().job(null).build()));
    ScheduledTask noConfig = instance(3, running("t3", null));
    ScheduledTask again = instance(4, running("sound", CONFIG));
    ScheduledTask second = running("t5", CONFIG);
    ScheduledTask nowhere = Fixtures.task("t6", CONFIG, 6, ScheduleStatus.RUNNING);
    BackupContent content =
        read(
            Snapshot.builder()
                .tasks(List.of(sound, noStatus, noJob, noConfig, again, second, nowhere))
                .cronJobs(
                    List.of(
                        new StoredCronJob(
                            JobConfiguration.builder()
                                .key(Fixtures.JOB)
                                .taskConfig(CONFIG)
                                .build())))
                .quotaConfigurations(
                    List.of(
                        new QuotaConfiguration(
                            null, new ResourceAggregate(ImmutableSet.<Resource>of()))))
                .hostAttributes(List.of(HostAttributes.builder().slaveId("s").build()))
                .jobUpdateDetails(
                    List.of(
                        new StoredJobUpdateDetails(
                            update(event(JobUpdateStatus.ABORTED, 1)).details().toBuilder()
                                .update(reversed())
                                .build()))));
    assertThat(content.unreadable())
        .containsExactlyInAnyOrder(
            "task t1: it has no status, or one that is not known",
            "task t2: the job of its configuration is not complete",
            "task t3: it has no configuration",
            "task sound: another task has the same id",
            "task t5: its instance has another active task, sound",
            "task t6: it is RUNNING and has no agent",
            "cron job www-data/prod/hello: it has no cronSchedule",
            "quota of null: it has no role",
            "host null: it has no name",
            "update www-data/prod/hello u1: its instances are 5 to 2");
    assertThat(content.state().tasks().size()).isEqualTo(1);
  }

  @Test
  public void whatIsRestoredHasLocksOfItsOwnAndIdsThatWereNotLaunched() throws Exception {
    ScheduledTask waits = Fixtures.task("waits", CONFIG, 0, ScheduleStatus.PENDING);
    ScheduledTask waitsStill = Fixtures.task("still", CONFIG, 1, ScheduleStatus.PENDING);
    ScheduledTask runs = instance(2, running("runs", CONFIG));
    State backup =
        read(Snapshot.builder()
                .tasks(List.of(waits, waitsStill, runs))
                .jobUpdateDetails(List.of(update(event(JobUpdateStatus.ROLLING_FORWARD, 5)))))
            .state();
    State live =
        read(Snapshot.builder().tasks(List.of(running("waits", CONFIG), waitsStill))).state();
    State restored = new Staged("b", backup).toRestore(live, UUID::randomUUID, 99);
    assertThat(restored.tasks().size()).isEqualTo(3);
    assertThat(restored.tasks().get("waits")).isNull();
    assertThat(restored.tasks().get("still")).isEqualTo(waitsStill);
    assertThat(restored.tasks().get("runs")).isEqualTo(runs);
    assertThat(restored.tasks().activeOf(Fixtures.JOB, 0).taskEvents())
        .isEqualTo(waits.taskEvents());
    String token = restored.locks().get(Fixtures.JOB).token();
    assertThat(token).isNotEmpty();
    assertThat(restored.updates().get(UPDATE).progress().lockToken()).isEqualTo(token);
  }

  @Test
  public void cronJobsRunTheirOwnTasksAndHaveAtLeastOne() throws Exception {
    JobKey key = new JobKey("www-data", "prod", "nightly");
    JobConfiguration foreign =
        JobConfiguration.builder()
            .key(key)
            .cronSchedule("0 3 * * *")
            .taskConfig(CONFIG)
            .instanceCount(2)
            .build();
    JobConfiguration none =
        foreign.toBuilder().key(new JobKey("www-data", "prod", "none")).instanceCount(-5).build();
    BackupContent content =
        read(
            Snapshot.builder()
                .cronJobs(List.of(new StoredCronJob(foreign), new StoredCronJob(none))));
    assertThat(content.state().cronJobs().get(key).taskConfig().job()).isEqualTo(key);
    assertThat(content.converted())
        .containsEntry("cron jobs whose tasks were of another job were given their own", 1);
    assertThat(content.unreadable())
        .containsExactly("cron job www-data/prod/none: its instanceCount is -5");
  }

  @Test
  public void whatHasNoResourcesInThePresentFormIsNamed() throws Exception {
    TaskConfig old = CONFIG.toBuilder().resources(ImmutableSet.of()).build();
    ResourceAggregate aggregate =
        new ResourceAggregate(ImmutableSet.of(new Resource.NumCpus(1), new Resource.RamMb(1)));
    BackupContent content =
        read(
            Snapshot.builder()
                .tasks(List.of(running("t1", old)))
                .quotaConfigurations(List.of(new QuotaConfiguration("www-data", aggregate))));
    assertThat(content.unreadable())
        .containsExactlyInAnyOrder(
            "task t1: its configuration has no resources",
            "quota of www-data: it is not of CPU, RAM and disk, one each");
  }

  @Test
  public void anUpdateChangesTasksOfItsOwnJobOnly() throws Exception {
    TaskConfig other = Fixtures.config(new JobKey("www-data", "prod", "other"));
    JobUpdateDetails details = update(event(JobUpdateStatus.ABORTED, 1)).details();
    JobUpdate foreign =
        details.update().toBuilder()
            .instructions(
                details.update().instructions().toBuilder()
                    .desiredState(new InstanceTaskConfig(other, ImmutableSet.of(new Range(0, 2))))
                    .build())
            .build();
    BackupContent content =
        read(
            Snapshot.builder()
                .jobUpdateDetails(
                    List.of(
                        new StoredJobUpdateDetails(details.toBuilder().update(foreign).build()))));
    assertThat(content.unreadable())
        .containsExactly(
            "update www-data/prod/hello u1: it has tasks of another job, www-data/prod/other");
  }

  @Test
  public void nothingIsTakenThatCouldNotBeWrittenAgain() {
    SlaPolicy policy = new SlaPolicy.Unknown((short) 77);
    Snapshot snapshot =
        Snapshot.builder()
            .hostMaintenanceRequests(
                List.of(
                    HostMaintenanceRequest.builder().host("h").defaultSlaPolicy(policy).build()))
            .build();
    assertThat(BackupContent.of(snapshot, new EntryCodec()).unreadable())
        .containsExactly("maintenance request of h: its policy is of no known kind");
  }

  @Test
  public void whatWasFiredOfACronJobBeforeIsNotFiredAgain() throws Exception {
    JobKey key = new JobKey("www-data", "prod", "nightly");
    JobConfiguration cron =
        JobConfiguration.builder()
            .key(key)
            .cronSchedule("0 3 * * *")
            .taskConfig(Fixtures.config(key))
            .instanceCount(2)
            .build();
    State backup = read(Snapshot.builder().cronJobs(List.of(new StoredCronJob(cron)))).state();
    State restored = new Staged("b", backup).toRestore(State.EMPTY, UUID::randomUUID, 99);
    assertThat(restored.cronRuns().considered(key)).isEqualTo(99);
    State again = new Staged("b", restored).toRestore(State.EMPTY, UUID::randomUUID, 500);
    assertThat(again.cronRuns().considered(key)).isEqualTo(99);
    State later =
        restored.apply(
            new Op.SaveCronProgress(
                new SaveCronProgress(ImmutableList.of(new CronProgress(key, 300)))));
    assertThat(
            new Staged("b", restored)
                .toRestore(later, UUID::randomUUID, 500)
                .cronRuns()
                .considered(key))
        .as("what was fired since the backup")
        .isEqualTo(300);
  }

  private static JobUpdate reversed() {
    JobUpdate update = update().details().update();
    return update.toBuilder()
        .instructions(
            update.instructions().toBuilder()
                .desiredState(new InstanceTaskConfig(CONFIG, ImmutableSet.of(new Range(5, 2))))
                .build())
        .build();
  }

  private static TaskConfig config(State state, String task) {
    return state.tasks().get(task).assignedTask().task();
  }

  private static ScheduledTask sound(String id) {
    return running(id, CONFIG);
  }

  private static ScheduledTask running(String id, TaskConfig config) {
    return BackupSamples.task(id, config, 0, ScheduleStatus.RUNNING);
  }

  private static ScheduledTask instance(int instance, ScheduledTask task) {
    return task.toBuilder()
        .assignedTask(task.assignedTask().toBuilder().instanceId(instance).build())
        .build();
  }

  private static JobUpdateEvent event(JobUpdateStatus status, long atMs) {
    return JobUpdateEvent.builder().status(status).timestampMs(atMs).build();
  }

  private static StoredJobUpdateDetails update(JobUpdateEvent... events) {
    return new StoredJobUpdateDetails(
        JobUpdateDetails.builder()
            .update(
                Fixtures.update(
                    "u1",
                    CONFIG,
                    Fixtures.config(Fixtures.JOB, "two"),
                    3,
                    JobUpdateSettings.builder().updateGroupSize(2).build()))
            .updateEvents(List.of(events))
            .build());
  }

  /** As Aurora writes it: the plain struct, without a checksum. */
  private BackupContent read(Snapshot.Builder snapshot) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    EntryCodecStreams.write(Snapshot.TYPE, snapshot.build(), bytes);
    Path file = temporary.newFile().toPath();
    Files.write(file, bytes.toByteArray());
    return BackupDirectory.load(file, new EntryCodec());
  }
}
