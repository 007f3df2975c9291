package io.borealis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.config.AgentSettings.PortRange;
import io.borealis.config.AgentSettings.Resources;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.Test;

/** What an agent is told, and what is said of what cannot be read. */
public class AgentSettingsTest {
  private static AgentSettings agent(String... flags) {
    List<String> all = new ArrayList<>(List.of("--zk-endpoints=a:1,b:2", "--work-dir=/w"));
    all.addAll(List.of(flags));
    return AgentSettings.of(Command.AGENT, SettingsReader.read(Command.AGENT, all, Map.of()));
  }

  @Test
  public void withoutAnythingSaidTheDefaultsApply() throws Exception {
    AgentSettings settings = agent();
    assertThat(settings)
        .isEqualTo(
            new AgentSettings(
                InetAddress.getLocalHost().getCanonicalHostName(),
                Path.of("/w"),
                ImmutableSetMultimap.of(),
                Resources.DETECTED,
                new AgentSettings.Leader(
                    "a:1,b:2", Duration.ofSeconds(6), Optional.empty(), "/aurora/scheduler"),
                new AgentSettings.Observer("127.0.0.1", 1338),
                Optional.empty(),
                true,
                Duration.ofDays(7),
                new AgentSettings.Tasks(
                    false,
                    Optional.empty(),
                    false,
                    false,
                    "file",
                    "standard",
                    100L << 20,
                    5,
                    4096,
                    Duration.ofMinutes(2)),
                new AgentSettings.Announcer(
                    Optional.empty(), "/aurora", false, Optional.empty(), Optional.empty())));
  }

  @Test
  public void whatTheAgentNeedsIsAskedFor() {
    assertThatThrownBy(
            () ->
                AgentSettings.of(
                    Command.AGENT,
                    SettingsReader.read(Command.AGENT, List.of("--zk-endpoints=a:1"), Map.of())))
        .hasMessageStartingWith("--work-dir is required");
    assertThatThrownBy(
            () ->
                AgentSettings.of(
                    Command.AGENT,
                    SettingsReader.read(Command.AGENT, List.of("--work-dir=w"), Map.of())))
        .hasMessageStartingWith("--zk-endpoints is required");
  }

  @Test
  public void theAgentInsideUpLiesBesideItsData() {
    AgentSettings settings =
        AgentSettings.of(
            Command.UP,
            SettingsReader.read(
                Command.UP,
                List.of("--data-dir=/d", "--hostname=here", "--gc-delay=1hrs"),
                Map.of()));
    assertThat(settings.workDir()).isEqualTo(Path.of("/d/agent"));
    assertThat(settings.hostname()).isEqualTo("here");
    assertThat(settings.gcDelay()).isEqualTo(Duration.ofHours(1));
    AgentSettings connected = settings.withEnsemble("z:1").withSecret("0123456789");
    assertThat(connected.leader().connect()).isEqualTo("z:1");
    assertThat(connected.announcer().ensemble()).contains("z:1");
    assertThat(connected.secret()).contains("0123456789");
  }

  /** Those of the executor had two dashes. */
  @Test
  public void theFlagsOfTheExecutorAreUnderstood() {
    AgentSettings.Tasks tasks =
        agent(
                "--execute-as-user=nobody",
                "--nosetuid-health-checks",
                "--preserve_env",
                "--runner-logger-destination=both",
                "--runner-logger-mode=rotate",
                "--runner-rotate-log-size-mb=7",
                "--runner-rotate-log-backups=3",
                "--task-max-processes=77",
                "--stop_timeout_in_secs=9")
            .tasks();
    assertThat(tasks)
        .isEqualTo(
            new AgentSettings.Tasks(
                true,
                Optional.of("nobody"),
                true,
                true,
                "both",
                "rotate",
                7L << 20,
                3,
                77,
                Duration.ofSeconds(9)));
    assertThat(
            agent(
                    "--announcer-ensemble=x:1,y:2",
                    "--announcer-serverset-path=/p",
                    "--announcer-allow-custom-serverset-path",
                    "--announcer-hostname=me",
                    "--announcer-zookeeper-auth-config=/f")
                .announcer())
        .isEqualTo(
            new AgentSettings.Announcer(
                Optional.of("x:1,y:2"), "/p", true, Optional.of("me"), Optional.of(Path.of("/f"))));
    assertThatThrownBy(() -> agent("--runner-logger-mode=never"))
        .hasMessageContaining("must be standard or rotate");
  }

  @Test
  public void resourcesAreReadAsMesosReadsThem() {
    assertThat(
            agent(
                    "--resources",
                    "cpus:0.5; mem:8192 ;disk:20000;gpus:2;ports:[31000-32000, 33000-33000]")
                .resources())
        .isEqualTo(
            new Resources(
                OptionalDouble.of(0.5),
                OptionalLong.of(8192),
                OptionalLong.of(20_000),
                Optional.of(
                    ImmutableList.of(new PortRange(31_000, 32_000), new PortRange(33_000, 33_000))),
                OptionalLong.of(2)));
    assertThat(agent("--resources=ports:[]").resources().ports()).contains(ImmutableList.of());
    assertThat(agent("--resources=").resources()).isEqualTo(Resources.DETECTED);
  }

  @Test
  public void thePartOfResourcesThatIsWrongIsNamed() {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("cpus", "'cpus' is not of the form name:value"),
            Map.entry("cpus:many", "'cpus:many' is no number"),
            Map.entry("cpus:-1", "'cpus:-1' is not from 0 up"),
            Map.entry("cpus:NaN", "'cpus:NaN' is not from 0 up"),
            Map.entry("cpus:1;cpus:2", "'cpus' comes twice"),
            Map.entry("mem:1.5", "'mem:1.5' is no whole number"),
            Map.entry("ram:5", "'ram' is none of cpus, mem, disk, ports and gpus"),
            Map.entry("cpus(www):4", "'cpus(www):4' reserves, which is not supported"),
            Map.entry(
                "ports:31000-32000", "'ports:31000-32000' is not of the form ports:[31000-32000]"),
            Map.entry("ports:[31000]", "'31000' in ports is not of the form first-last"),
            Map.entry("ports:[2-1]", "'2-1' in ports does not go up within 1 to 65535"),
            Map.entry("ports:[1-65536]", "'1-65536' in ports does not go up within 1 to 65535"),
            Map.entry("ports:[0-5]", "'0-5' in ports does not go up within 1 to 65535"),
            Map.entry("ports:[1-5,5-9]", "'5-9' in ports is not above the one before"));
    wrong.forEach(
        (text, message) ->
            assertThatThrownBy(() -> agent("--resources", text))
                .as(text)
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                    "--resources: '%s' (flag) is not of the form"
                        + " cpus:4;mem:8192;disk:20000;ports:[31000-32000]: %s",
                    text, message));
  }

  @Test
  public void attributesHaveOneOrMoreValues() {
    assertThat(agent("--attributes", "rack:r1;zones:{a, b};rack:r2;level:10").attributes())
        .isEqualTo(
            ImmutableSetMultimap.of(
                "rack", "r1", "rack", "r2", "zones", "a", "zones", "b", "level", "10"));
    for (String wrong : List.of("rack:", ":r1", "rack", "a b:c", "rack:{}", "rack:{a,}")) {
      assertThatThrownBy(() -> agent("--attributes", wrong))
          .as(wrong)
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("'" + wrong + "' is not of the form name:value");
    }
  }
}
