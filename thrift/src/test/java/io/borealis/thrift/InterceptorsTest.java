package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ServerInfo;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.rpc.ServiceMethod;
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
            "user=anna method=snapshot request=r-1 from=10.0.0.1 outcome=OK",
            "user=anna method=killTasks request=r-1 from=10.0.0.1 outcome=ERROR");
  }

  @Test
  public void callsAreMeasured() throws TException {
    call("snapshot").join();
    Timer timer = metrics.get("rpc").tags("method", "snapshot", "outcome", "OK").timer();
    assertThat(timer.count()).isEqualTo(1);
    assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(5);
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

  private <A> CompletableFuture<Response> call(ServiceMethod<? super AuroraAdmin, A> method)
      throws TException {
    A args = method.args().read(new TBinaryProtocol(new TMemoryInputTransport(new byte[1])));
    CallContext context = new CallContext("r-1", "anna", "10.0.0.1", nanos + 30_000_000_000L);
    return dispatcher.dispatch(new Call<>(method, args, context)).toCompletableFuture();
  }
}
