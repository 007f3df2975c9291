package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.Container;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.CountSlaPolicy;
import io.borealis.api.DockerContainer;
import io.borealis.api.DockerParameter;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Image;
import io.borealis.api.JobKey;
import io.borealis.api.LimitConstraint;
import io.borealis.api.MesosContainer;
import io.borealis.api.MesosFetcherURI;
import io.borealis.api.Mode;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.PercentageSlaPolicy;
import io.borealis.api.Resource;
import io.borealis.api.ResponseCode;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import io.borealis.api.Volume;
import io.borealis.scheduler.tier.TierRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

@RunWith(Parameterized.class)
public class TaskConfigValidatorTest {
  private record Case(
      String name,
      Consumer<JobLimits.Builder> limits,
      UnaryOperator<TaskConfig.Builder> change,
      int instances,
      @Nullable String refusal) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Consumer<JobLimits.Builder> DOCKER =
      limits -> {
        var unused =
            limits.containerTypes(ImmutableSet.of(Container.Kind.MESOS, Container.Kind.DOCKER));
      };

  private final Case example;

  public TaskConfigValidatorTest(Case example) {
    this.example = example;
  }

  @Parameterized.Parameters(name = "{0}")
  public static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    good(cases, "as it is", c -> c);
    good(cases, "tier revocable", c -> c.tier("revocable"));
    bad(cases, "tier illegal", c -> c.tier("no pe"), "Tier contains illegal characters: no pe");
    bad(cases, "tier empty", c -> c.tier(""), "Tier contains illegal characters: ");
    bad(cases, "tier unknown", c -> c.tier("nope"), "Invalid tier 'nope' in TaskConfig.");
    bad(cases, "no job", c -> c.job(null), "Job key null is invalid.");
    bad(
        cases,
        "job invalid",
        c -> c.job(new JobKey("shop", "prod", "a b")),
        "Job key shop/prod/a b is invalid.");
    bad(
        cases,
        "job without role",
        c -> c.job(new JobKey(null, "prod", "a")),
        "Job key null/prod/a is invalid.");
    bad(cases, "no executor", c -> c.executorConfig(null), "Configuration may not be null.");
    bad(
        cases,
        "executor unnamed",
        c -> c.executorConfig(new ExecutorConfig(null, "x")),
        "Executor name may not be left unset.");
    bad(
        cases,
        "executor unknown",
        c -> c.executorConfig(new ExecutorConfig("nope", "x")),
        "Configuration for executor 'nope' doesn't exist.");
    good(cases, "executor without data", c -> c.executorConfig(executor(null)));

    good(cases, "dedicated to the role", c -> c.constraints(of(Samples.dedicated("shop/x"))));
    good(cases, "dedicated to all", c -> c.constraints(of(Samples.dedicated("*/x"))));
    good(cases, "dedicated without slash", c -> c.constraints(of(Samples.dedicated("shop"))));
    bad(
        cases,
        "dedicated to others",
        c -> c.constraints(of(Samples.dedicated("other/x"))),
        "Only other may use hosts dedicated for that role.");
    bad(
        cases,
        "dedicated to two",
        c -> c.constraints(of(Samples.dedicated("shop/a", "shop/b"))),
        "A dedicated constraint must have exactly one value");
    bad(
        cases,
        "dedicated limit",
        c -> c.constraints(of(limit("dedicated", 1))),
        "A dedicated constraint must be of value type.");
    good(cases, "limit zero", c -> c.constraints(of(limit("host", 0))));
    bad(
        cases,
        "constraint of an unknown kind",
        c -> c.constraints(of(new Constraint("host", new TaskConstraint.Unknown(9)))),
        "Constraint host must be of value or limit type, not field 9.");
    good(cases, "constraint of no kind", c -> c.constraints(of(new Constraint("host", null))));
    bad(
        cases,
        "image of an unknown kind",
        c ->
            c.container(
                new Container.Mesos(MesosContainer.builder().image(new Image.Unknown(9)).build())),
        "taskConfig.container.mesos.image must have a member that this scheduler knows.");

    add(
        cases,
        "docker without image",
        DOCKER,
        c -> c.container(docker(null)),
        "A container must specify an image.");
    add(
        cases,
        "docker with parameters",
        DOCKER,
        c -> c.container(docker("img", new DockerParameter("a", "b"))),
        "This scheduler is configured to disallow Docker parameters.");
    add(
        cases,
        "docker without executor",
        DOCKER,
        c -> c.container(docker("img")).executorConfig(null),
        "This scheduler is configured to require an executor for Docker-based tasks.");
    bad(
        cases,
        "docker not allowed",
        c -> c.container(docker("img")),
        "This scheduler is not configured to allow the container type DOCKER");
    add(cases, "docker allowed", DOCKER, c -> c.container(docker("img")), null);
    add(
        cases,
        "docker parameters allowed",
        DOCKER.andThen(limits -> limits.dockerParameters(true)),
        c -> c.container(docker("img", new DockerParameter("a", "b"))),
        null);
    add(
        cases,
        "docker may do without executor",
        DOCKER.andThen(limits -> limits.dockerNeedsExecutor(false)),
        c -> c.container(docker("img")).executorConfig(null),
        null);
    good(cases, "no container", c -> c.container(null));

    bad(
        cases,
        "two of two kinds",
        c ->
            c.resources(
                ImmutableSet.<Resource>builder()
                    .addAll(Samples.resources(1, 16, 16))
                    .add(new Resource.RamMb(17), new Resource.NumCpus(2))
                    .build()),
        "Multiple resource values are not supported for CPU, RAM");
    good(
        cases,
        "two ports",
        c ->
            c.resources(
                ImmutableSet.<Resource>builder()
                    .addAll(Samples.resources(1, 16, 16))
                    .add(new Resource.NamedPort("a"), new Resource.NamedPort("b"))
                    .build()));
    bad(
        cases,
        "no resources",
        c -> c.resources(ImmutableSet.of()),
        "num_cpus must be greater than 0.0");
    bad(
        cases,
        "cpu is not a number",
        c -> c.resources(Samples.resources(Double.NaN, 1, 1)),
        "num_cpus must be greater than 0.0");
    bad(
        cases,
        "cpu infinite",
        c -> c.resources(Samples.resources(Double.POSITIVE_INFINITY, 1, 1)),
        "num_cpus must be finite");
    bad(
        cases,
        "no ram",
        c -> c.resources(Samples.resources(1, 0, 1)),
        "ram_mb must be greater than 0.0");
    bad(
        cases,
        "negative disk",
        c -> c.resources(Samples.resources(1, 1, -1)),
        "disk_mb must be greater than 0.0");
    UnaryOperator<TaskConfig.Builder> gpu =
        c ->
            c.resources(
                ImmutableSet.<Resource>builder()
                    .addAll(Samples.resources(1, 16, 16))
                    .add(new Resource.NumGpus(1))
                    .build());
    bad(cases, "gpu", gpu, "GPU resource support is disabled in this cluster.");
    add(cases, "gpu allowed", limits -> limits.gpus(true), gpu, null);
    bad(
        cases,
        "resource of an unknown kind",
        c -> c.resources(ImmutableSet.of(new Resource.Unknown(9))),
        "resources must be of kinds known to this scheduler, not field 9.");

    UnaryOperator<TaskConfig.Builder> uri =
        c -> c.mesosFetcherUris(of(MesosFetcherURI.builder().value("http://x").build()));
    bad(cases, "uri", uri, "Mesos Fetcher for individual jobs is disabled in this cluster.");
    add(cases, "uri allowed", limits -> limits.fetcher(true), uri, null);
    UnaryOperator<TaskConfig.Builder> volume =
        c ->
            c.container(
                new Container.Mesos(
                    MesosContainer.builder()
                        .volumes(ImmutableList.of(new Volume("/a", "/b", Mode.RO)))
                        .build()));
    bad(cases, "volume", volume, "This scheduler is configured to disallow container volumes.");
    add(cases, "volume allowed", limits -> limits.containerVolumes(true), volume, null);

    sla(
        cases,
        "preemptible with policy",
        "preemptible",
        count(1, 1),
        25,
        "Tier 'preemptible' does not support SlaPolicy.");
    add(
        cases,
        "preemptible with policy allowed",
        limits -> limits.slaForNonProduction(true).minInstancesForSla(1),
        c -> c.slaPolicy(count(0, 1)),
        null);
    sla(
        cases,
        "few instances",
        "preferred",
        count(1, 1),
        19,
        "Job with fewer than 20 instances cannot have Percentage/Count SlaPolicy.");
    sla(cases, "count below", "preferred", count(24, 7200), 25, null);
    sla(
        cases,
        "count all",
        "preferred",
        count(25, 1),
        25,
        "Current CountSlaPolicy: count=25 will not allow any instances to be killed. Must be less"
            + " than instanceCount=25.");
    sla(
        cases,
        "count negative",
        "preferred",
        count(Long.MIN_VALUE, 1),
        25,
        "slaPolicy.count must not be negative: -9223372036854775808");
    sla(
        cases,
        "count too long",
        "preferred",
        count(1, 7201),
        25,
        "CountSlaPolicy: durationSecs=7201 must be less than cluster-wide maximum of 7200 secs.");
    sla(cases, "percentage just enough", "preferred", percentage(96, 7200), 25, null);
    sla(
        cases,
        "percentage all",
        "preferred",
        percentage(100, 1),
        25,
        "Current PercentageSlaPolicy: percentage=100.000000 will not allow any instances to be"
            + " killed. Must be less than 96.000000.");
    sla(
        cases,
        "percentage too long",
        "preferred",
        percentage(1, 7201),
        25,
        "PercentageSlaPolicy: durationSecs=7201 must be less than cluster-wide maximum of 7200"
            + " secs.");
    sla(
        cases,
        "coordinator with few instances",
        "preferred",
        new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy("http://x", "drain")),
        1,
        null);
    nonsense(cases);
    return cases;
  }

  /** What Aurora accepts although it cannot mean anything. */
  private static void nonsense(List<Case> cases) {
    bad(
        cases,
        "limit negative",
        c -> c.constraints(of(limit("host", -1))),
        "constraints: host: limit must not be negative: -1");
    bad(
        cases,
        "value constraint without values",
        c -> c.constraints(of(value("rack"))),
        "constraints: rack: values must not be empty.");
    bad(
        cases,
        "value constraint with a blank value",
        c -> c.constraints(of(value("rack", "a", " "))),
        "constraints: rack: a value must not be blank.");
    good(cases, "partition at once", c -> c.partitionPolicy(new PartitionPolicy(true, 0L)));
    good(cases, "partition without delay", c -> c.partitionPolicy(new PartitionPolicy(true, null)));
    bad(
        cases,
        "partition delay negative",
        c -> c.partitionPolicy(new PartitionPolicy(true, -1L)),
        "partitionPolicy.delaySecs must not be negative: -1");
    bad(
        cases,
        "port without a name",
        c -> c.resources(with(new Resource.NamedPort(""))),
        "resources: namedPort must not be blank.");
    add(
        cases,
        "gpus negative",
        limits -> limits.gpus(true),
        c -> c.resources(with(new Resource.NumGpus(-1))),
        "resources: numGpus must not be negative: -1");
    bad(
        cases,
        "addresses negative",
        c -> c.resources(with(new Resource.IpAddr(-1))),
        "resources: ipAddr must not be negative: -1");
    add(
        cases,
        "uri without a value",
        limits -> limits.fetcher(true),
        c -> c.mesosFetcherUris(of(MesosFetcherURI.builder().build())),
        "mesosFetcherUris: value must not be blank.");
    volume(cases, new Volume("", "/b", Mode.RO), "containerPath must not be blank.");
    volume(cases, new Volume("/a", null, Mode.RO), "hostPath must not be blank.");
    volume(cases, new Volume("/a", "/b", null), "mode must be RW or RO.");
    sla(
        cases,
        "count for less than no time",
        "preferred",
        count(1, -1),
        25,
        "slaPolicy.durationSecs must not be negative: -1");
    sla(
        cases,
        "percentage negative",
        "preferred",
        percentage(-0.5, 1),
        25,
        "slaPolicy.percentage must be between 0 and 100: -0.5");
    sla(cases, "percentage zero", "preferred", percentage(0, 0), 25, null);
    sla(
        cases,
        "percentage is not a number",
        "preferred",
        percentage(Double.NaN, 1),
        25,
        "Current PercentageSlaPolicy: percentage=NaN will not allow any instances to be killed."
            + " Must be less than 96.000000.");
    sla(
        cases,
        "percentage for less than no time",
        "preferred",
        percentage(50, Long.MIN_VALUE),
        25,
        "slaPolicy.durationSecs must not be negative: -9223372036854775808");
    for (String url : new String[] {"HTTPS://coordinator.example:8443/x?y=z", "http://10.0.0.1"}) {
      sla(cases, "coordinator at " + url, "preferred", coordinator(url), 1, null);
    }
    for (String url :
        new String[] {null, "", "coordinator", "ftp://x/", "http:///x", "http://a b/", "file:/x"}) {
      sla(
          cases,
          "coordinator at " + url,
          "preferred",
          coordinator(url),
          1,
          "slaPolicy.coordinatorUrl must be an http or https URL with a host: " + url);
    }
  }

  private static void volume(List<Case> cases, Volume volume, String rule) {
    add(
        cases,
        volume.toString(),
        limits -> limits.containerVolumes(true),
        c ->
            c.container(
                new Container.Mesos(
                    MesosContainer.builder().volumes(ImmutableList.of(volume)).build())),
        "container.mesos.volumes: " + rule);
  }

  private static ImmutableSet<Resource> with(Resource resource) {
    return ImmutableSet.<Resource>builder()
        .addAll(Samples.resources(1, 16, 16))
        .add(resource)
        .build();
  }

  private static Constraint value(String name, String... values) {
    return new Constraint(
        name, new TaskConstraint.Value(new ValueConstraint(false, ImmutableSet.copyOf(values))));
  }

  private static SlaPolicy coordinator(@Nullable String url) {
    return new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy(url, "drain"));
  }

  private static void good(
      List<Case> cases, String name, UnaryOperator<TaskConfig.Builder> change) {
    cases.add(new Case(name, limits -> {}, change, 1, null));
  }

  private static void bad(
      List<Case> cases, String name, UnaryOperator<TaskConfig.Builder> change, String refusal) {
    cases.add(new Case(name, limits -> {}, change, 1, refusal));
  }

  private static void add(
      List<Case> cases,
      String name,
      Consumer<JobLimits.Builder> limits,
      UnaryOperator<TaskConfig.Builder> change,
      @Nullable String refusal) {
    cases.add(new Case(name, limits, change, 1, refusal));
  }

  private static void sla(
      List<Case> cases,
      String name,
      String tier,
      SlaPolicy policy,
      int instances,
      @Nullable String refusal) {
    cases.add(
        new Case(name, limits -> {}, c -> c.tier(tier).slaPolicy(policy), instances, refusal));
  }

  private static <T> ImmutableSet<T> of(T value) {
    return ImmutableSet.of(value);
  }

  private static ExecutorConfig executor(@Nullable String data) {
    return new ExecutorConfig("AuroraExecutor", data);
  }

  private static Constraint limit(String name, int limit) {
    return new Constraint(name, new TaskConstraint.Limit(new LimitConstraint(limit)));
  }

  private static Container docker(@Nullable String image, DockerParameter... parameters) {
    return new Container.Docker(new DockerContainer(image, ImmutableList.copyOf(parameters)));
  }

  private static SlaPolicy count(long count, long secs) {
    return new SlaPolicy.CountSlaPolicy(new CountSlaPolicy(count, secs));
  }

  private static SlaPolicy percentage(double percentage, long secs) {
    return new SlaPolicy.PercentageSlaPolicy(new PercentageSlaPolicy(percentage, secs));
  }

  @Test
  public void refusesExactlyWhatTheRulesForbid() {
    JobLimits.Builder limits = JobLimits.builder();
    example.limits().accept(limits);
    TaskConfigValidator validator =
        new TaskConfigValidator(limits.build(), TierRegistry.stock(), config -> config);
    TaskConfig config = example.change().apply(Samples.config().toBuilder()).build();

    Refusal refusal =
        catchThrowableOfType(
            Refusal.class,
            () -> {
              TaskConfig unused = validator.validate(config, example.instances());
            });

    if (example.refusal() == null) {
      assertThat(refusal).isNull();
    } else {
      assertThat(refusal).hasMessage(example.refusal());
      assertThat(refusal.code()).isEqualTo(ResponseCode.INVALID_REQUEST);
    }
  }
}
