package io.borealis.thrift;

import static io.borealis.thrift.Requests.CONTEXTS;
import static io.borealis.thrift.Requests.post;
import static io.borealis.thrift.Requests.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.rpc.GetJobSummaryArgs;
import io.borealis.api.rpc.GetTierConfigsArgs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.junit.Test;

public class ThriftEndpointTest {
  private static final String THRIFT_JSON = "application/vnd.apache.thrift.json";
  private static final String BINARY = "application/vnd.apache.thrift.binary";
  private static final String COMPACT = "application/vnd.apache.thrift.compact";
  private static final String TIERS = "[1,\"getTierConfigs\",1,7,{}]";
  private static final String TIERS_ANSWER =
      "[1,\"getTierConfigs\",2,7,{\"0\":{\"rec\":{\"1\":{\"i32\":1},\"6\":{\"lst\":[\"rec\",0]}}}}]";

  private final List<Call<?>> calls = new ArrayList<>();
  private final Response ok = Response.builder().responseCode(ResponseCode.OK).build();
  private CompletableFuture<Response> answer = completedFuture(ok);
  private final ThriftEndpoint endpoint =
      new ThriftEndpoint(
          new Dispatcher(
              (Call<?> call) -> {
                calls.add(call);
                return answer;
              },
              ImmutableList.of()),
          CONTEXTS);

  @Test
  public void theseContentTypesMeanJson() {
    for (String type :
        List.of(
            "application/x-thrift",
            "application/json",
            "APPLICATION/JSON",
            THRIFT_JSON,
            THRIFT_JSON + "; charset=utf-8",
            THRIFT_JSON + ";charset=UTF-8",
            "Application/vnd.apache.thrift.JSON ; Charset=\"Utf-8\"")) {
      HttpReply reply = handle(post("/api", TIERS, "content-type", type));
      assertThat(reply.status()).as(type).isEqualTo(200);
      assertThat(reply.contentType()).isEqualTo(THRIFT_JSON);
      assertThat(text(reply)).isEqualTo(TIERS_ANSWER);
    }
    assertThat(text(handle(post("/api", TIERS)))).isEqualTo(TIERS_ANSWER);
  }

  @Test
  public void otherContentTypesAreRefusedByName() {
    for (Map.Entry<String, String> entry :
        Map.of(
                "text/plain",
                "text/plain",
                "application/json; charset=utf-8",
                "application/json; charset=UTF-8",
                "application/json;charset=UTF-8",
                "application/json; charset=UTF-8",
                "application/x-thrift; charset=utf-8",
                "application/x-thrift; charset=utf-8",
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded",
                THRIFT_JSON + ";charset=utf8",
                THRIFT_JSON + ";charset=utf8",
                BINARY + ";charset=utf-8",
                BINARY + ";charset=utf-8",
                "garbage",
                "garbage",
                "",
                "")
            .entrySet()) {
      HttpReply reply = handle(post("/api", TIERS, "content-type", entry.getKey()));
      assertThat(reply.status()).as(entry.getKey()).isEqualTo(415);
      assertThat(text(reply)).isEqualTo("Unsupported Content-Type: " + entry.getValue());
    }
    assertThat(calls).isEmpty();
  }

  @Test
  public void onlyTheExactNameOfAProtocolChangesTheAnswersProtocol() throws TException {
    for (String accept :
        List.of("*/*", "text/html, application/json", "garbage", BINARY + ";q=1", THRIFT_JSON)) {
      HttpReply reply = handle(post("/api", TIERS, "accept", accept));
      assertThat(reply.contentType()).as(accept).isEqualTo(THRIFT_JSON);
    }
    HttpReply binary = handle(post("/api", TIERS, "accept", BINARY));
    assertThat(binary.contentType()).isEqualTo(BINARY);
    assertThat(header(new TBinaryProtocol.Factory().getProtocol(input(binary.body()))))
        .isEqualTo(new TMessage("getTierConfigs", TMessageType.REPLY, 7));
    HttpReply compact = handle(post("/api", TIERS, "accept", COMPACT));
    assertThat(compact.contentType()).isEqualTo(COMPACT);
    assertThat(header(new TCompactProtocol.Factory().getProtocol(input(compact.body()))))
        .isEqualTo(new TMessage("getTierConfigs", TMessageType.REPLY, 7));
  }

  @Test
  public void binaryRequestsWithoutAcceptAreAnsweredInJson() throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(64);
    write(new TBinaryProtocol(buffer), -3);
    HttpReply reply = handle(post("/api", written(buffer), "content-type", BINARY));
    assertThat(text(reply)).startsWith("[1,\"getTierConfigs\",2,-3,{\"0\"");
  }

  @Test
  public void compactRequestsAreUnderstood() throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(64);
    write(new TCompactProtocol(buffer), 5);
    HttpReply reply = handle(post("/api", written(buffer), "content-type", COMPACT));
    assertThat(text(reply)).startsWith("[1,\"getTierConfigs\",2,5,{\"0\"");
  }

  @Test
  public void unknownMethodsGetAThriftException() {
    for (String name : List.of("noSuchMethod", "getLocks", "")) {
      HttpReply reply =
          handle(post("/api", "[1,\"%s\",1,7,{\"1\":{\"str\":\"x\"}}]".formatted(name)));
      assertThat(reply.status()).isEqualTo(200);
      assertThat(text(reply))
          .isEqualTo(
              "[1,\"%s\",3,7,{\"1\":{\"str\":\"Invalid method name: '%s'\"},\"2\":{\"i32\":1}}]"
                  .formatted(name, name));
    }
  }

  @Test
  public void malformedArgumentsGetAThriftException() throws TException {
    HttpReply reply =
        handle(post("/api", "[1,\"getJobSummary\",1,9,{\"1\":{\"i32\":5}}]", "accept", BINARY));
    assertThat(reply.status()).isEqualTo(200);
    TProtocol in = new TBinaryProtocol(input(reply.body()));
    assertThat(header(in)).isEqualTo(new TMessage("getJobSummary", TMessageType.EXCEPTION, 9));
    TApplicationException exception = TApplicationException.readFrom(in);
    assertThat(exception.getType()).isEqualTo(TApplicationException.PROTOCOL_ERROR);
    assertThat(exception).hasMessageStartingWith("Malformed arguments of getJobSummary: ");
    assertThat(calls).isEmpty();
  }

  @Test
  public void numbersThatDoNotFitAreRefusedAndNotCutOff() {
    String kill = "[1,\"killTasks\",1,7,{\"5\":{\"set\":[\"i32\",1,%d]}}]";
    handle(post("/api", kill.formatted(Integer.MAX_VALUE)));
    assertThat(calls).hasSize(1);
    assertThat(text(handle(post("/api", kill.formatted(1L << 32)))))
        .startsWith("[1,\"killTasks\",3,7,{\"1\":{\"str\":\"Malformed arguments of killTasks:")
        .contains("4294967296 is not between");
    assertThat(calls).hasSize(1);
  }

  @Test
  public void elementsMadeToCollideAreRefusedAtOnce() {
    String keys =
        Stream.iterate(0, i -> i + 1)
            .limit(50_000)
            .map(
                i ->
                    "{\"1\":{\"str\":\"%s\"}}"
                        .formatted(
                            String.format("%17s", Integer.toBinaryString(i))
                                .replaceAll("[ 0]", "Aa")
                                .replace("1", "BB")))
            .collect(joining(","));
    String query =
        "[1,\"getTasksStatus\",1,7,{\"1\":{\"rec\":{\"11\":{\"set\":[\"rec\",50000,%s]}}}}]";
    assertThat(text(handle(post("/api", query.formatted(keys)))))
        .contains("a set has more than 200 elements with one hash code");
    assertThat(calls).isEmpty();
  }

  @Test
  public void whatIsNoMessageIsABadRequest() {
    for (String body :
        List.of(
            "",
            "hello",
            "[",
            "[2,\"getTierConfigs\",1,7,{}]",
            "[1, \"getTierConfigs\", 1, 7, {}]",
            "\u0080\u0001\u0000\u0001")) {
      HttpReply reply = handle(post("/api", body));
      assertThat(reply.status()).as(body).isEqualTo(400);
      assertThat(reply.contentType()).startsWith("text/plain");
    }
    assertThat(text(handle(post("/api", ""))))
        .isEqualTo("The body is empty; a Thrift message was expected");
  }

  @Test
  public void aTruncatedMessageIsABadRequest() {
    HttpReply reply = handle(post("/api", "[1,\"getTierConfigs\",1,7,"));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(text(reply)).isEqualTo("The message is truncated");
  }

  @Test
  public void whatFollowsTheMessageIsIgnored() {
    assertThat(text(handle(post("/api", TIERS + "xxx")))).isEqualTo(TIERS_ANSWER);
    assertThat(text(handle(post("/api", TIERS + TIERS)))).isEqualTo(TIERS_ANSWER);
    assertThat(calls).hasSize(2);
  }

  @Test
  public void theKindOfMessageAndUnknownFieldsDoNotMatter() {
    assertThat(text(handle(post("/api", "[1,\"getTierConfigs\",4,7,{\"99\":{\"str\":\"x\"}}]"))))
        .isEqualTo(TIERS_ANSWER);
  }

  @Test
  public void largeArgumentsArriveWhole() {
    String role = "x".repeat(1 << 20);
    handle(post("/api", "[1,\"getJobSummary\",1,7,{\"1\":{\"str\":\"%s\"}}]".formatted(role)));
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0).args()).isEqualTo(new GetJobSummaryArgs(role));
  }

  @Test
  public void verbs() {
    byte[] body = TIERS.getBytes(UTF_8);
    assertThat(handle(Requests.call("GET", "/api", body)).status()).isEqualTo(200);
    assertThat(handle(Requests.call("GET", "/api", new byte[0])).status()).isEqualTo(400);
    assertThat(handle(Requests.call("PUT", "/api", body)).status()).isEqualTo(405);
    assertThat(handle(Requests.call("DELETE", "/api", new byte[0])).status()).isEqualTo(405);
    HttpReply options = handle(Requests.call("OPTIONS", "/api", new byte[0]));
    assertThat(options.status()).isEqualTo(200);
    assertThat(options.headers()).containsEntry("Allow", "GET, HEAD, POST, OPTIONS");
  }

  @Test
  public void theContextSaysWhoCallsFromWhere() {
    handle(post("/api", TIERS));
    handle(post("/api", TIERS, "x-request-id", "abc-1"));
    handle(post("/api", TIERS, "x-request-id", "forged\nline"));
    assertThat(calls)
        .extracting(call -> call.context().requestId())
        .containsExactly("made-up", "abc-1", "made-up");
    assertThat(calls.get(0).context().user()).isEqualTo("UNSECURE");
    assertThat(calls.get(0).context().remoteAddress()).isEqualTo("10.0.0.1");
    assertThat(calls.get(0).context().deadlineNanos()).isEqualTo(30_000_000_000L);
  }

  @Test
  public void anAnswerMayComeLater() {
    answer = new CompletableFuture<>();
    CompletableFuture<HttpReply> reply = endpoint.handle(post("/api", TIERS)).toCompletableFuture();
    assertThat(reply).isNotDone();
    answer.complete(ok);
    assertThat(text(reply.join())).isEqualTo(TIERS_ANSWER);
  }

  @Test
  public void aFailureThatNobodyMappedIsAThriftException() {
    answer = CompletableFuture.failedFuture(new IllegalStateException("secret"));
    assertThat(text(handle(post("/api", TIERS))))
        .isEqualTo(
            "[1,\"getTierConfigs\",3,7,{\"1\":{\"str\":\"Internal error\"},\"2\":{\"i32\":6}}]");
  }

  @Test
  public void requestsOfRealClientsAreUnderstood() {
    Requests.recorded()
        .forEach(
            (name, body) -> {
              calls.clear();
              HttpReply reply = handle(post("/api", body, "content-type", BINARY));
              assertThat(reply.status()).as(name).isEqualTo(200);
              assertThat(calls).as(name).hasSize(1);
              assertThat(name).contains("-" + calls.get(0).name() + "-");
            });
  }

  @Test
  public void noPrefixOfARequestIsTakenForAll() {
    for (Map.Entry<String, byte[]> request : Requests.recorded().entrySet()) {
      for (ThriftProtocol protocol : ThriftProtocol.values()) {
        byte[] body = Requests.inProtocol(request.getValue(), protocol);
        // The bracket that ends a message in JSON says nothing more.
        int whole = protocol == ThriftProtocol.JSON ? body.length - 1 : body.length;
        for (int length = 0; length < whole; length++) {
          byte[] part = Arrays.copyOf(body, length);
          HttpReply reply = handle(post("/api", part, "content-type", protocol.contentType()));
          assertThat(reply.status())
              .as("%s in %s, %d bytes", request.getKey(), protocol, length)
              .isEqualTo(400);
        }
      }
    }
    assertThat(calls).isEmpty();
  }

  /** Longer with {@code -Dborealis.fuzz.rounds=…}; the seed of a failure is in its message. */
  @Test(timeout = 60_000)
  public void damagedRequestsAreAnsweredAllTheSame() {
    int rounds = Integer.getInteger("borealis.fuzz.rounds", 100);
    for (Map.Entry<String, byte[]> request : Requests.recorded().entrySet()) {
      for (ThriftProtocol protocol : ThriftProtocol.values()) {
        byte[] body = Requests.inProtocol(request.getValue(), protocol);
        for (int seed = 0; seed < rounds; seed++) {
          byte[] damaged = Damage.of(body, new Random(seed));
          HttpReply reply = handle(post("/api", damaged, "content-type", protocol.contentType()));
          assertThat(reply.status())
              .as("%s in %s, seed %d", request.getKey(), protocol, seed)
              .isIn(200, 400);
          assertThat(text(reply)).doesNotContain("Exception", "\tat ");
        }
      }
    }
  }

  @Test
  public void declaredSizesAreNotBelieved() {
    byte[] start = ByteBuffer.allocate(8).putInt(0x80010001).putInt(0x7fffffff).array();
    assertThat(handle(post("/api", start, "content-type", BINARY)).status()).isEqualTo(400);
    byte[] old = ByteBuffer.allocate(8).putInt(0x7ffffff0).array();
    assertThat(handle(post("/api", old, "content-type", BINARY)).status()).isEqualTo(400);
  }

  private HttpReply handle(HttpCall call) {
    CompletableFuture<HttpReply> reply = endpoint.handle(call).toCompletableFuture();
    assertThat(reply).isDone();
    return reply.join();
  }

  private static void write(TProtocol out, int sequence) throws TException {
    out.writeMessageBegin(new TMessage("getTierConfigs", TMessageType.CALL, sequence));
    GetTierConfigsArgs.TYPE.write(out, GetTierConfigsArgs.builder().build());
    out.writeMessageEnd();
  }

  private static byte[] written(TMemoryBuffer buffer) {
    return Arrays.copyOf(buffer.getArray(), buffer.length());
  }

  private static TMemoryInputTransport input(byte[] body) throws TException {
    return new TMemoryInputTransport(body);
  }

  private static TMessage header(TProtocol in) throws TException {
    return in.readMessageBegin();
  }
}
