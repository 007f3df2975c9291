package io.borealis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Where settings come from, who wins, and what is said when one cannot be used. */
public class SettingsReaderTest {

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aFlagWinsOverTheEnvironmentOverTheFileOverTheDefault() throws Exception {
    Path file = folder.newFile("borealis.yaml").toPath();
    Files.writeString(file, "http-port: 1\ncluster-name: fromfile\nhostname: h\n");
    Map<String, String> environment =
        Map.of("BOREALIS_HTTP_PORT", "2", "BOREALIS_HOSTNAME", "fromenv");
    DaemonSettings settings =
        DaemonSettings.of(
            Command.UP,
            SettingsReader.read(
                Command.UP, List.of("--config", file.toString(), "--http-port", "3"), environment));
    assertThat(settings.http().port()).isEqualTo(3);
    assertThat(settings.http().advertisedHost()).isEqualTo("fromenv");
    assertThat(settings.cluster().name()).isEqualTo("fromfile");
    assertThat(settings.http().host()).isEqualTo("127.0.0.1");
    assertThat(settings.zooKeeper().journalRoot()).isEqualTo("/borealis/fromfile");
  }

  @Test
  public void aurorasFlagsAreUnderstood() {
    Parsed parsed =
        SettingsReader.read(
            Command.SCHEDULER,
            List.of(
                "-zk_endpoints=a:2181,b:2182",
                "-serverset_path=/x/y",
                "-http_port",
                "9",
                "-cluster_name=main",
                "-zk_session_timeout=15secs",
                "-mesos_master_address=zk://x"),
            Map.of());
    DaemonSettings settings = DaemonSettings.of(Command.SCHEDULER, parsed);
    assertThat(settings.zooKeeper().connect()).isEqualTo("a:2181,b:2182");
    assertThat(settings.zooKeeper().serversetPath()).isEqualTo("/x/y");
    assertThat(settings.http().port()).isEqualTo(9);
    assertThat(settings.zooKeeper().sessionTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(parsed.warnings())
        .containsExactly("-mesos_master_address means nothing to Borealis and is ignored");
  }

  @Test
  public void aTimeZoneNobodyKnowsIsRefused() {
    assertThat(cron("-cron_timezone=Europe/Berlin").zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    assertThat(cron().zone()).isEqualTo(ZoneId.of("GMT"));
    assertThat(cron("--cron-catch-up", "0secs").catchUp()).isEqualTo(Duration.ZERO);
    assertThatThrownBy(() -> cron("-cron_timezone=Europe/Atlantis"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("--cron-timezone: 'Europe/Atlantis'")
        .hasMessageEndingWith("is not a time zone such as GMT, Europe/Berlin or +05:30");
  }

  private static DaemonSettings.Cron cron(String... flags) {
    return DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, List.of(flags), Map.of()))
        .cron();
  }

  /** W-24: of Aurora's two defaults the second is five times the first, and stays so. */
  @Test
  public void theLimitOfFailuresFollowsThatOfTasksUnlessItIsGiven() {
    assertThat(failures()).isEqualTo(20_000);
    assertThat(failures("--max-tasks-per-job", "10000")).isEqualTo(50_000);
    assertThat(failures("-max_tasks_per_job=2147483647")).isEqualTo(10_737_418_235L);
    assertThat(failures("--max-tasks-per-job", "10000", "-max_update_instance_failures=7"))
        .isEqualTo(7);
  }

  private static long failures(String... flags) {
    return DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, List.of(flags), Map.of()))
        .jobs()
        .maxUpdateInstanceFailures();
  }

  @Test
  public void clientsAreNeverToldAWildcard() throws Exception {
    assertThat(advertised("--http-host", "0.0.0.0"))
        .isEqualTo(InetAddress.getLocalHost().getCanonicalHostName());
    assertThat(advertised("--http-host", "0.0.0.0", "--hostname", "here")).isEqualTo("here");
    assertThat(advertised("--http-host", "10.0.0.7")).isEqualTo("10.0.0.7");
  }

  private static String advertised(String... flags) {
    return DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, List.of(flags), Map.of()))
        .http()
        .advertisedHost();
  }

  @Test
  public void aValueThatCannotBeReadIsNamedWithItsSourceAndKind() {
    assertThatThrownBy(
            () ->
                SettingsReader.read(Command.UP, List.of(), Map.of("BOREALIS_HTTP_PORT", "eighty")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "--http-port: 'eighty' (environment variable BOREALIS_HTTP_PORT) is not a whole"
                + " number");
  }

  @Test
  public void aValueAgainstTheRuleIsNamedWithTheRule() {
    assertThatThrownBy(
            () -> SettingsReader.read(Command.UP, List.of("--http-port", "70000"), Map.of()))
        .hasMessage("--http-port: '70000' (flag) must be 0 (any) to 65535");
  }

  @Test
  public void anUnknownFlagIsNamedWithTheNearestOne() {
    assertThatThrownBy(() -> SettingsReader.read(Command.UP, List.of("--http-prot", "1"), Map.of()))
        .hasMessageContaining("--http-prot")
        .hasMessageContaining("--http-port");
    assertThatThrownBy(() -> SettingsReader.read(Command.UP, List.of("-no_such_flag=1"), Map.of()))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  public void aRequiredSettingIsAskedFor() {
    assertThatThrownBy(
            () ->
                DaemonSettings.of(
                    Command.SCHEDULER, SettingsReader.read(Command.SCHEDULER, List.of(), Map.of())))
        .hasMessageStartingWith("--zk-endpoints is required");
  }

  @Test
  public void anUnknownKeyInAFileIsNamed() throws Exception {
    Path file = folder.newFile("borealis.yaml").toPath();
    Files.writeString(file, "http-prot: 1\n");
    assertThatThrownBy(
            () -> SettingsReader.read(Command.UP, List.of("--config", file.toString()), Map.of()))
        .hasMessageContaining("'http-prot', which is no setting");
  }

  @Test
  public void helpNamesEverySettingOfTheCommand() {
    String help = SettingsReader.read(Command.SCHEDULER, List.of("--help"), Map.of()).help();
    for (Setting<?> setting : Settings.of(Command.SCHEDULER)) {
      assertThat(help).contains(setting.flag());
    }
    assertThat(help).doesNotContain("--data-dir");
  }

  @Test
  public void aMemberOfAnEnsembleMustBeInIt() {
    Parsed parsed =
        SettingsReader.read(
            Command.ZOOKEEPER,
            List.of("--data-dir", "d", "--id", "3", "--servers", "1=h:1:2,2=h:3:4"),
            Map.of());
    assertThatThrownBy(() -> DaemonSettings.zooKeeperServer(Command.ZOOKEEPER, parsed))
        .hasMessageContaining("--id: '3'");
  }

  @Test
  public void timesAndSizesComeInManyUnits() {
    Parsed parsed =
        SettingsReader.read(
            Command.SCHEDULER,
            List.of(
                "--zk-endpoints=a:1",
                "--snapshot-interval=PT2H",
                "--max-request-size=1MB",
                "--simulated-start-ms=250"),
            Map.of());
    DaemonSettings settings = DaemonSettings.of(Command.SCHEDULER, parsed);
    assertThat(settings.snapshots().interval()).isEqualTo(Duration.ofHours(2));
    assertThat(settings.http().maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(settings.simulation().start()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  public void withoutAnythingSaidTheDefaultsApply() {
    DaemonSettings settings =
        DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, List.of(), Map.of()));
    assertThat(settings.http().host()).isEqualTo("127.0.0.1");
    assertThat(settings.http().port()).isEqualTo(8081);
    assertThat(settings.http().advertisedHost()).isEqualTo("127.0.0.1");
    assertThat(settings.cluster()).isEqualTo(new DaemonSettings.Cluster("local", "agents", false));
    assertThat(settings.zooKeeper().sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
    assertThat(settings.zooKeeper().serversetPath()).isEqualTo("/aurora/scheduler");
    assertThat(settings.simulation().hosts()).isEqualTo(6);
    assertThat(settings.simulation().start()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  public void everyFlagOfAuroraIsAcceptedAndThoseWithoutEffectAreNamed() throws Exception {
    Set<String> effective =
        Settings.of(Command.SCHEDULER).stream()
            .flatMap(setting -> setting.aliases().stream())
            .collect(Collectors.toSet());
    List<String> flags =
        Resources.readLines(Resources.getResource("aurora-flags.txt"), StandardCharsets.UTF_8);
    for (String flag : flags.subList(1, flags.size())) {
      String name = flag.substring(0, flag.indexOf('='));
      List<String> warnings =
          SettingsReader.read(Command.SCHEDULER, List.of("-" + flag), Map.of()).warnings();
      if (effective.contains(name)) {
        assertThat(warnings).as(name).isEmpty();
      } else {
        assertThat(warnings)
            .as(name)
            .containsExactly("-" + name + " means nothing to Borealis and is ignored");
      }
    }
    assertThat(flags).hasSize(141);
  }

  @Test
  public void hostsAndMetricsAreWatchedAsAurorasFlagsSay() {
    assertThat(DaemonSettings.of(Command.UP, read()).maintenance())
        .isEqualTo(
            new DaemonSettings.Maintenance(
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                ImmutableList.of("JOB_UPTIMES", "PLATFORM_UPTIME", "MEDIANS"),
                ImmutableList.of()));
    assertThat(
            DaemonSettings.of(
                    Command.UP,
                    read(
                        "-host_maintenance_polling_interval=2secs",
                        "-sla_stat_refresh_interval=3secs",
                        "-sla_prod_metrics=",
                        "-sla_non_prod_metrics=MEDIANS,JOB_UPTIMES"))
                .maintenance())
        .isEqualTo(
            new DaemonSettings.Maintenance(
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                ImmutableList.of(),
                ImmutableList.of("MEDIANS", "JOB_UPTIMES")));
    assertThatThrownBy(() -> read("--sla-prod-metrics=MEDIAN"))
        .hasMessageContaining("must name JOB_UPTIMES, PLATFORM_UPTIME and MEDIANS only");
  }

  @Test
  public void policiesAreCheckedAsAurorasFlagsSay() {
    assertThat(DaemonSettings.of(Command.UP, read()).sla())
        .isEqualTo(
            new DaemonSettings.Sla(
                20,
                Duration.ofHours(2),
                false,
                Duration.ofMinutes(1),
                10,
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                300));
    assertThat(
            DaemonSettings.of(
                    Command.UP,
                    read(
                        "-min_required_instances_for_sla_check=2",
                        "-max_sla_duration_secs=3secs",
                        "-sla_aware_kill_non_prod",
                        "-sla_coordinator_timeout=4secs",
                        "-max_parallel_coordinated_maintenance=5",
                        "-sla_aware_kill_retry_min_delay=6secs",
                        "-sla_aware_kill_retry_max_delay=7secs",
                        "-sla_aware_action_max_batch_size=8"))
                .sla())
        .isEqualTo(
            new DaemonSettings.Sla(
                2,
                Duration.ofSeconds(3),
                true,
                Duration.ofSeconds(4),
                5,
                Duration.ofSeconds(6),
                Duration.ofSeconds(7),
                8));
    Parsed reversed = read("--sla-aware-kill-retry-min-delay=6mins");
    assertThatThrownBy(() -> DaemonSettings.of(Command.UP, reversed))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must not be above --sla-aware-kill-retry-max-delay");
  }

  @Test
  public void theSettingsOfSchedulingAreThoseOfAuroraAndSenselessOnesAreNamed() {
    assertThat(DaemonSettings.of(Command.UP, read()).scheduling())
        .isEqualTo(
            new DaemonSettings.Scheduling(
                Duration.ofMillis(1),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofMinutes(1),
                false,
                Duration.ofSeconds(5),
                ImmutableList.of("RANDOM"),
                Duration.ofMinutes(6),
                true,
                false,
                Duration.ofMinutes(1),
                Duration.ZERO));
    assertThat(
            DaemonSettings.of(
                    Command.UP,
                    read(
                        "-first_schedule_delay=2ms",
                        "-initial_schedule_penalty=3secs",
                        "-max_schedule_penalty=3secs",
                        "-min_offer_hold_time=0secs",
                        "-offer_hold_jitter_window=0secs",
                        "-hold_offers_forever",
                        "-offer_filter_duration=0secs",
                        "-offer_order=CPU,DISK",
                        "-unavailability_threshold=0secs",
                        "-enable_revocable_cpus=false",
                        "-enable_revocable_ram",
                        "-async_slot_stat_update_interval=4secs",
                        "-enable_update_affinity",
                        "-update_affinity_reservation_hold_time=5secs"))
                .scheduling())
        .isEqualTo(
            new DaemonSettings.Scheduling(
                Duration.ofMillis(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                Duration.ZERO,
                Duration.ZERO,
                true,
                Duration.ZERO,
                ImmutableList.of("CPU", "DISK"),
                Duration.ZERO,
                false,
                true,
                Duration.ofSeconds(4),
                Duration.ofSeconds(5)));
    Map.of(
            "--first-schedule-delay=0s", "must be positive",
            "--initial-schedule-penalty=0s", "must be positive",
            "--max-schedule-penalty=0s", "must be positive",
            "--min-offer-hold-time=-1s", "-1s",
            "--offer-order=CPU,GPU", "must be of CPU, MEMORY, DISK, REVOCABLE_CPU, RANDOM",
            "--hold-offers-forever=often", "is not true or false",
            "--async-slot-stat-update-interval=0s", "must be at least 1s")
        .forEach(
            (wrong, why) ->
                assertThatThrownBy(() -> read(wrong))
                    .as(wrong)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith(wrong.substring(0, wrong.indexOf('=')))
                    .hasMessageContaining(why));
    Parsed reversed = read("--initial-schedule-penalty=2mins");
    assertThatThrownBy(() -> DaemonSettings.of(Command.UP, reversed))
        .hasMessage("--initial-schedule-penalty must not be above --max-schedule-penalty");
  }

  private static Parsed read(String... arguments) {
    return SettingsReader.read(Command.UP, List.of(arguments), Map.of());
  }

  @Test
  public void whoAsksForAuthenticationIsToldThatThereIsNone() {
    Parsed parsed =
        SettingsReader.read(
            Command.SCHEDULER, List.of("-http_authentication_mechanism=BASIC"), Map.of());
    assertThat(parsed.warnings().get(0)).contains("-http_auth").contains("everybody may call");
  }

  @Test
  public void aFlagThatIsEitherTrueOrFalseMayBeGivenWithoutAValue() {
    assertThat(gpus("-allow_gpu_resource")).isTrue();
    assertThat(gpus("-allow_gpu_resource=true")).isTrue();
    assertThat(gpus("-allow_gpu_resource", "true")).isTrue();
    assertThat(gpus("--allow-gpu-resource")).isTrue();
    assertThat(gpus("--allow-gpu-resource=FALSE")).isFalse();
    assertThat(gpus()).isFalse();
    assertThatThrownBy(() -> gpus("-allow_gpu_resource=maybe"))
        .hasMessage("--allow-gpu-resource: 'maybe' (flag) is not true or false");
  }

  private static boolean gpus(String... args) {
    Parsed parsed = SettingsReader.read(Command.UP, List.of(args), Map.of());
    return DaemonSettings.of(Command.UP, parsed).jobs().allowGpuResource();
  }

  @Test
  public void aurorasTimesAreUnderstood() {
    assertThat(time("5mins")).isEqualTo(Duration.ofMinutes(5));
    assertThat(time("15secs")).isEqualTo(Duration.ofSeconds(15));
    assertThat(time("2hrs")).isEqualTo(Duration.ofHours(2));
    assertThat(time("30days")).isEqualTo(Duration.ofDays(30));
    assertThat(time("1500ms")).isEqualTo(Duration.ofMillis(1500));
  }

  private static Duration time(String text) {
    Parsed parsed =
        SettingsReader.read(Command.UP, List.of("-flapping_task_threshold=" + text), Map.of());
    return DaemonSettings.of(Command.UP, parsed).tasks().flappingThreshold();
  }

  @Test
  public void amountsThatNothingCanCountAreRefused() {
    for (String wrong :
        List.of(
            "--flapping-task-threshold=9223372036854775807d",
            "--flapping-task-threshold=99999999999999999999s",
            "--snapshot-interval=20000days",
            "--snapshot-size=9223372036854775807GB",
            "--http-port=99999999999",
            "--simulated-start-ms=PT-5S")) {
      assertThatThrownBy(() -> SettingsReader.read(Command.UP, List.of(wrong), Map.of()))
          .as(wrong)
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(wrong.substring(wrong.indexOf('=') + 1));
    }
  }

  @Test
  public void aVariableThatIsNoSettingIsNamed() {
    Parsed parsed =
        SettingsReader.read(
            Command.UP,
            List.of(),
            Map.of("BOREALIS_HTTP_PROT", "1", "BOREALIS_JAVA_OPTS", "-Xmx1g", "HOME", "/"));
    assertThat(parsed.warnings())
        .containsExactly("the environment variable BOREALIS_HTTP_PROT is no setting");
  }

  @Test
  public void aFileIsNamedAndAKeyWithoutAValueSaysNothing() throws Exception {
    Path file = folder.newFile("borealis.yaml").toPath();
    Files.writeString(file, "hostname:\nhttp-port: 7\nservers:\n");
    List<String> args = List.of("--config", file.toString());
    DaemonSettings settings =
        DaemonSettings.of(Command.UP, SettingsReader.read(Command.UP, args, Map.of()));
    assertThat(settings.http().advertisedHost()).isEqualTo("127.0.0.1");
    assertThat(settings.http().port()).isEqualTo(7);
    Files.writeString(file, "http-port: seven\n");
    assertThatThrownBy(() -> SettingsReader.read(Command.UP, args, Map.of()))
        .hasMessage("--http-port: 'seven' (file " + file + ") is not a whole number");
  }

  @Test
  public void aChrootGoesBeforeTheServersetPath() {
    DaemonSettings settings =
        DaemonSettings.of(
            Command.SCHEDULER,
            SettingsReader.read(
                Command.SCHEDULER,
                List.of("-zk_endpoints=a:1", "-serverset_path=/x", "-zk_chroot_path=/root"),
                Map.of()));
    assertThat(settings.zooKeeper().serversetPath()).isEqualTo("/root/x");
  }

  @Test
  public void theReferencePageIsUpToDate() throws Exception {
    Path page = Path.of("../docs/settings.md");
    if (Boolean.getBoolean("borealis.write-docs")) {
      Files.writeString(page, SettingsPage.markdown());
    }
    assertThat(Files.readString(page)).isEqualTo(SettingsPage.markdown());
  }
}
