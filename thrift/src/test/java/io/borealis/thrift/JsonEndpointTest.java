package io.borealis.thrift;

import static io.borealis.thrift.Requests.CONTEXTS;
import static io.borealis.thrift.Requests.post;
import static io.borealis.thrift.Requests.text;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.RoleSummary;
import io.borealis.api.RoleSummaryResult;
import io.borealis.api.ServerInfo;
import io.borealis.api.rpc.RestartShardsArgs;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

public class JsonEndpointTest {
  private final List<Call<?>> calls = new ArrayList<>();
  private Response response = Response.builder().responseCode(ResponseCode.OK).build();
  private final JsonEndpoint endpoint =
      new JsonEndpoint(
          "/apibeta",
          new Dispatcher(
              (Call<?> call) -> {
                calls.add(call);
                return completedFuture(response);
              },
              ImmutableList.of()),
          CONTEXTS,
          (response, answer) -> {});

  @Test
  public void anEmptyBodyMeansNoArguments() {
    response =
        Response.builder()
            .responseCode(ResponseCode.OK)
            .serverInfo(new ServerInfo("kiel", ""))
            .result(
                new Result.RoleSummaryResult(
                    new RoleSummaryResult(ImmutableSet.of(new RoleSummary("billing", 3, 1)))))
            .build();
    HttpReply reply = handle(post("/apibeta/getRoleSummary", ""));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.contentType()).isEqualTo("application/json");
    assertThat(text(reply))
        .contains("\"responseCode\":\"OK\"")
        .contains("\"serverInfo\":{\"clusterName\":\"kiel\",\"statsUrlPrefix\":\"\"}")
        .contains(
            "\"result\":{\"roleSummaryResult\":{\"summaries\":"
                + "[{\"role\":\"billing\",\"jobCount\":3,\"cronJobCount\":1}]}}")
        .contains("\"details\":[]");
  }

  @Test
  public void argumentsGoByName() {
    handle(post("/apibeta/restartShards", "{\"job\":{\"role\":\"www\"},\"shardIds\":[1,2]}"));
    assertThat(calls).hasSize(1);
    RestartShardsArgs args = (RestartShardsArgs) calls.get(0).args();
    assertThat(args.shardIds()).containsExactly(1, 2);
    assertThat(args.job().role()).isEqualTo("www");
  }

  @Test
  public void unknownMethodsAreNotFound() {
    assertThat(handle(post("/apibeta/getLocks", "{}")).status()).isEqualTo(404);
    assertThat(handle(post("/apibeta/getRoleSummary/x", "{}")).status()).isEqualTo(404);
  }

  @Test
  public void badBodiesAreExplained() {
    assertBad("[]", "Request data must be a JSON object of method parameters.");
    assertBad("{", "Request must be valid JSON");
    assertBad("{} {}", "Request must be valid JSON: there is a problem at line 1, column 4");
    assertBad("{\"role\":\"a\",\"role\":\"b\"}", "Request must be valid JSON");
    assertBad("hello", "Request must be valid JSON");
    assertBad("{\"role\":1}", "Failed to parse parameter role: expected a text, but found 1");
    assertBad("{\"rolle\":\"a\"}", "Failed to parse parameter rolle: unknown field");
    assertBad("{\"role\":" + "[".repeat(5000), "Request must be valid JSON");
    assertThat(calls).isEmpty();
  }

  @Test
  public void theMethodsAreListed() {
    for (String path : List.of("/apibeta", "/apibeta/")) {
      HttpReply reply = handle(Requests.call("GET", path, new byte[0]));
      assertThat(reply.status()).isEqualTo(200);
      assertThat(text(reply))
          .contains(
              "\"killTasks\":{\"service\":\"AuroraSchedulerManager\","
                  + "\"arguments\":[\"job\",\"instances\",\"message\"]}");
    }
  }

  @Test
  public void onlyPostCalls() {
    assertThat(handle(Requests.call("GET", "/apibeta/getRoleSummary", new byte[0])).status())
        .isEqualTo(405);
    assertThat(handle(post("/apibeta", "{}")).status()).isEqualTo(405);
    assertThat(calls).isEmpty();
  }

  private void assertBad(String body, String message) {
    HttpReply reply = handle(post("/apibeta/getJobSummary", body));
    assertThat(reply.status()).as(body).isEqualTo(400);
    assertThat(text(reply).replace("\\\"", "\"")).contains("\"message\":\"" + message);
  }

  private HttpReply handle(HttpCall call) {
    return endpoint.handle(call).toCompletableFuture().join();
  }
}
