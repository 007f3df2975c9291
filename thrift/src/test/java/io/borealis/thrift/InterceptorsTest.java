package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ContiguousSet;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.Hosts;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Metadata;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ServerInfo;
import io.borealis.api.TaskConfig;
import io.borealis.api.rpc.AbortJobUpdateArgs;
import io.borealis.api.rpc.AddInstancesArgs;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.DrainHostsArgs;
import io.borealis.api.rpc.ForceTaskStateArgs;
import io.borealis.api.rpc.KillTasksArgs;
import io.borealis.api.rpc.RestartShardsArgs;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.api.rpc.StartJobUpdateArgs;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.junit.Test;

public class InterceptorsTest {
  private static final ServerInfo INFO = new ServerInfo("kiel", "");

  private final List<String> audit = new ArrayList<>();
  private final List<Runnable> timeouts = new ArrayList<>();
  private final List<Duration> delays = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<String> reached = new ArrayList<>();
  private Optional<Response> refusal = Optional.empty();
  private int cancelled;
  private long nanos;
  private CompletionStage<Response> answer =
      completedFuture(Response.builder().responseCode(ResponseCode.OK).build());

  private final Dispatcher dispatcher =
      new Dispatcher(
          (Call<?> call) -> {
            reached.add(call.name());
            nanos += 5_000_000;
            return answer;
          },
          Interceptors.standard(
              INFO,
              metrics,
              new AuditLog(audit::add),
              () -> refusal,
              (delay, task) -> {
                delays.add(delay);
                timeouts.add(task);
                return () -> cancelled++;
              },
              () -> nanos));

  @Test
  public void answersAreStampedUnlessTheyAre() throws TException {
    assertThat(call("getTierConfigs").join().serverInfo()).isEqualTo(INFO);
    ServerInfo own = new ServerInfo("own", "x");
    answer = completedFuture(Response.builder().serverInfo(own).build());
    assertThat(call("getTierConfigs").join().serverInfo()).isEqualTo(own);
  }

  @Test
  public void onlyChangesAreAudited() throws TException {
    call("getTierConfigs").join();
    assertThat(audit).isEmpty();
    call("snapshot").join();
    answer = failedFuture(new IllegalStateException("secret"));
    call("killTasks").join();
    assertThat(audit)
        .containsExactly(
            "user=anna method=snapshot id=r-1 from=10.0.0.1 outcome=OK",
            "user=anna method=killTasks id=r-1 from=10.0.0.1 outcome=ERROR");
  }

  @Test
  public void theAuditLineSaysWhatWasDoneToWhat() {
    JobKey job = new JobKey("www", "prod", "hello");
    call("killTasks", new KillTasksArgs(job, ImmutableSet.of(1, 2), "too slow"));
    call("addInstances", new AddInstancesArgs(new InstanceKey(job, 3), 4));
    call("abortJobUpdate", new AbortJobUpdateArgs(new JobUpdateKey(job, "u-1"), null));
    call("drainHosts", new DrainHostsArgs(new Hosts(ImmutableSet.of("h1"))));
    assertThat(audit)
        .extracting(line -> line.replaceAll("user=anna method=| id=r-1 .*", ""))
        .containsExactly(
            "killTasks job=www/prod/hello instances=[1,2] message=\"too slow\"",
            "addInstances key=www/prod/hello/3 count=4",
            "abortJobUpdate key=www/prod/hello/u-1",
            "drainHosts hosts=\"{\\\"hostNames\\\":[\\\"h1\\\"]}\"");
  }

  @Test
  public void theAuditLineKeepsConfigurationsSecret() {
    TaskConfig config =
        TaskConfig.builder()
            .job(new JobKey("www", "prod", "hello"))
            .executorConfig(new ExecutorConfig("AuroraExecutor", "secret"))
            .metadata(ImmutableSet.of(new Metadata("token", "secret")))
            .build();
    call(
        "createJob",
        new CreateJobArgs(JobConfiguration.builder().key(config.job()).taskConfig(config).build()));
    call(
        "startJobUpdate",
        new StartJobUpdateArgs(JobUpdateRequest.builder().taskConfig(config).build(), null));
    call("startJobUpdate", new StartJobUpdateArgs(JobUpdateRequest.builder().build(), null));
    assertThat(audit)
        .extracting(line -> line.replaceAll("user=anna method=| id=r-1 .*", ""))
        .containsExactly(
            "createJob description=www/prod/hello",
            "startJobUpdate request=www/prod/hello",
            "startJobUpdate request=\"\"");
  }

  @Test
  public void noArgumentCanForgeALineOrFillTheLog() {
    String forged = "x\r\nuser=root method=snapshot\u2028\u0085\"\\ outcome=OK";
    JobKey job = new JobKey(forged, "prod", "hello");
    call("killTasks", new KillTasksArgs(job, ImmutableSet.of(), forged));
    call("forceTaskState", new ForceTaskStateArgs("y".repeat(100_000), ScheduleStatus.LOST));
    ImmutableSet<Integer> many = ContiguousSet.closed(1, 10_000);
    call("restartShards", new RestartShardsArgs(job, many));
    assertThat(audit)
        .allSatisfy(
            line -> {
              assertThat(line)
                  .hasSizeLessThan(1000)
                  .doesNotContainPattern("[\\p{Cntrl}\u2028\u0085]");
              assertThat(line).endsWith(" id=r-1 from=10.0.0.1 outcome=OK");
            });
    assertThat(audit.get(0)).contains("\"x\\r\\nuser=root method=snapshot??\\\"\\\\ outcome=OK");
  }

  @Test
  public void callsAreMeasured() throws TException {
    call("snapshot").join();
    Timer timer = metrics.get("scheduler_thrift").tags("method", "snapshot").timer();
    assertThat(timer.count()).isEqualTo(1);
    assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(5);
    assertThat(metrics.get("rpc").tags("method", "snapshot", "outcome", "OK").counter().count())
        .isEqualTo(1);
    assertThat(metrics.get("scheduler_thrift_response").tags("code", "OK").counter().count())
        .isEqualTo(1);
  }

  @Test
  public void failuresBecomeAnswersThatTellNothingButTheId() throws TException {
    for (CompletionStage<Response> failed :
        List.<CompletionStage<Response>>of(
            failedFuture(new IllegalStateException("secret")),
            failedFuture(new NullPointerException()),
            completedFuture(Response.builder().build())
                .thenApply(
                    response -> {
                      throw new IllegalStateException("secret");
                    }))) {
      answer = failed;
      assertInternalError(call("snapshot").join());
    }
    answer = completedFuture(null);
    assertInternalError(call("snapshot").join());
    answer = null;
    assertInternalError(call("snapshot").join());
  }

  @Test
  public void whatIsRefusedGoesNoFurther() throws TException {
    refusal = Optional.of(Answers.of(ResponseCode.ERROR_TRANSIENT, "Storage is not READY"));
    Response response = call("snapshot").join();
    assertThat(response.responseCode()).isEqualTo(ResponseCode.ERROR_TRANSIENT);
    assertThat(response.serverInfo()).isEqualTo(INFO);
    assertThat(reached).isEmpty();
  }

  @Test
  public void aWriteThatTakesTooLongMayStillHappen() throws TException {
    answer = new CompletableFuture<>();
    CompletableFuture<Response> response = call("killTasks");
    assertThat(response).isNotDone();
    assertThat(delays).containsExactly(Duration.ofSeconds(30));
    timeouts.get(0).run();
    assertThat(response.join().responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(response.join().details().get(0).message())
        .isEqualTo("Outcome unknown: no answer within 30 s; check before repeating");
    assertThat(audit).hasSize(1);
  }

  @Test
  public void aReadThatTakesTooLongMayBeRepeated() throws TException {
    answer = new CompletableFuture<>();
    CompletableFuture<Response> response = call("getTierConfigs");
    timeouts.get(0).run();
    assertThat(response.join().responseCode()).isEqualTo(ResponseCode.ERROR_TRANSIENT);
  }

  @Test
  public void anAnswerInTimeStopsTheClock() throws TException {
    CompletableFuture<Response> late = new CompletableFuture<>();
    answer = late;
    CompletableFuture<Response> response = call("killTasks");
    late.complete(Response.builder().responseCode(ResponseCode.OK).build());
    assertThat(response.join().responseCode()).isEqualTo(ResponseCode.OK);
    assertThat(cancelled).isEqualTo(1);
    timeouts.get(0).run();
    assertThat(audit).hasSize(1);
  }

  private static void assertInternalError(Response response) {
    assertThat(response.responseCode()).isEqualTo(ResponseCode.ERROR);
    assertThat(response.serverInfo()).isEqualTo(INFO);
    assertThat(response.details())
        .extracting(detail -> detail.message())
        .containsExactly("Internal error, request id r-1");
  }

  private CompletableFuture<Response> call(String name) throws TException {
    return call(AuroraAdmin.METHODS.get(name));
  }

  /** The table says which arguments belong to which method. */
  @SuppressWarnings("unchecked")
  private <A> void call(String name, A args) {
    var unused =
        dispatch((ServiceMethod<AuroraAdmin, A>) AuroraAdmin.METHODS.get(name), args).join();
  }

  private <A> CompletableFuture<Response> call(ServiceMethod<? super AuroraAdmin, A> method)
      throws TException {
    return dispatch(
        method, method.args().read(new TBinaryProtocol(new TMemoryInputTransport(new byte[1]))));
  }

  private <A> CompletableFuture<Response> dispatch(
      ServiceMethod<? super AuroraAdmin, A> method, A args) {
    CallContext context = new CallContext("r-1", "anna", "10.0.0.1", nanos + 30_000_000_000L);
    return dispatcher.dispatch(new Call<>(method, args, context)).toCompletableFuture();
  }
}
