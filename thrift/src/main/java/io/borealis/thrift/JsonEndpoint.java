package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API as plain JSON, for people and scripts: {@code POST <prefix>/<method>} with an object of
 * arguments; {@code GET <prefix>} lists the methods. Safe for use by any thread.
 */
public final class JsonEndpoint implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(JsonEndpoint.class);
  private static final String JSON = "application/json";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Adds members to answers that the IDL has no place for. Called by any thread; must not block.
   */
  @FunctionalInterface
  public interface Supplement {
    /** Adds to an answer what there is to add. */
    void add(Response response, ObjectNode answer);
  }

  private final String prefix;
  private final Dispatcher dispatcher;
  private final CallContexts contexts;
  private final Supplement supplement;

  /**
   * Creates the endpoint.
   *
   * @param prefix the path it is reached at, say {@code /apibeta}
   * @param dispatcher makes the calls
   * @param contexts makes their contexts
   * @param supplement has the last word on answers
   */
  public JsonEndpoint(
      String prefix, Dispatcher dispatcher, CallContexts contexts, Supplement supplement) {
    this.prefix = prefix;
    this.dispatcher = dispatcher;
    this.contexts = contexts;
    this.supplement = supplement;
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    String rest = call.path().substring(prefix.length());
    if (rest.isEmpty() || rest.equals("/")) {
      return completedFuture(
          call.method().equals("GET") || call.method().equals("HEAD")
              ? json(200, methods())
              : notAllowed(call, "GET, HEAD"));
    }
    String name = rest.substring(1);
    @Nullable ServiceMethod<? super AuroraAdmin, ?> method = dispatcher.find(name);
    if (method == null) {
      return completedFuture(error(404, "There is no method " + name));
    }
    if (!call.method().equals("POST")) {
      return completedFuture(notAllowed(call, "POST"));
    }
    return call(call, method);
  }

  private <A> CompletionStage<HttpReply> call(
      HttpCall http, ServiceMethod<? super AuroraAdmin, A> method) {
    A args;
    try {
      JsonNode body = MAPPER.readTree(http.body());
      if (body == null || body.isMissingNode()) {
        body = MAPPER.createObjectNode();
      } else if (!body.isObject()) {
        return completedFuture(
            error(400, "Request data must be a JSON object of method parameters."));
      }
      args = JsonCodec.read(method.args(), body);
    } catch (JsonFormatException unfit) {
      return completedFuture(error(400, "Failed to parse parameter " + unfit.getMessage()));
    } catch (JsonProcessingException malformed) {
      return completedFuture(
          error(400, "Request must be valid JSON" + place(malformed.getLocation())));
    } catch (IOException notText) {
      return completedFuture(error(400, "Request must be valid JSON"));
    }
    CompletableFuture<Response> response =
        dispatcher.dispatch(new Call<>(method, args, contexts.of(http))).toCompletableFuture();
    return response.handle((value, failure) -> reply(method.name(), value, failure));
  }

  /** The parser's own words name its classes and settings. */
  private static String place(@Nullable JsonLocation problem) {
    return problem == null
        ? ""
        : ": there is a problem at line %d, column %d"
            .formatted(problem.getLineNr(), problem.getColumnNr());
  }

  private HttpReply reply(String method, @Nullable Response response, @Nullable Throwable failure) {
    if (response == null) {
      log.error("{} failed", method, failure);
      return error(500, "Internal error");
    }
    ObjectNode answer = JsonCodec.write(Response.TYPE, response);
    supplement.add(response, answer);
    return json(200, answer);
  }

  private static HttpReply notAllowed(HttpCall call, String allowed) {
    return error(405, "Method not allowed: " + call.method()).with("Allow", allowed);
  }

  private static HttpReply error(int status, String message) {
    return json(status, JsonCodec.write(Response.TYPE, Answers.of(ResponseCode.ERROR, message)));
  }

  private static ObjectNode methods() {
    ObjectNode methods = MAPPER.createObjectNode();
    AuroraAdmin.METHODS.forEach(
        (name, method) -> {
          ObjectNode description = methods.putObject(name);
          description.put("service", method.service());
          ArrayNode arguments = description.putArray("arguments");
          for (FieldInfo<?> field : method.args().fields()) {
            arguments.add(field.name());
          }
        });
    return methods;
  }

  private static HttpReply json(int status, JsonNode node) {
    try {
      return HttpReply.of(status, JSON, MAPPER.writeValueAsBytes(node));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("Writing to memory failed", impossible);
    }
  }
}
