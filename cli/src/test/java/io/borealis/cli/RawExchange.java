package io.borealis.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A recorded exchange below the level of calls: a request as it was sent, and what came back. Pages
 * that explain a failure are not compared, only that it is one. Stateless.
 */
final class RawExchange {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RawExchange() {}

  /** Sends the recorded request; the answer is told with its body whatever it is. */
  static GoldenReplayIT.Answer play(Wire wire, JsonNode call) throws IOException {
    String request = call.get("request").asText();
    int blank = request.indexOf(' ');
    Map<String, String> headers = new HashMap<>();
    for (Map.Entry<String, JsonNode> header : call.get("headers").properties()) {
      headers.put(header.getKey(), header.getValue().asText());
    }
    JsonNode body = call.get("body");
    // Recorded as characters, one for each byte.
    byte[] sent = body.isNull() ? new byte[0] : body.asText().getBytes(ISO_8859_1);
    HttpResponse<byte[]> reply =
        wire.send(request.substring(0, blank), request.substring(blank + 1), headers, sent);
    String type = reply.headers().firstValue("content-type").orElse("");
    return new GoldenReplayIT.Answer(told(reply.statusCode(), type, reply.body()), null);
  }

  /** How the answer differs from the recorded one; empty when it does not. */
  static String disagreement(JsonNode call, String actual) throws IOException {
    int status = call.get("http").asInt();
    if (!call.has("answer") && !call.has("answerBase64")) {
      boolean same = actual.startsWith("HTTP " + status);
      return same ? "" : GoldenReplayIT.between("HTTP " + status, actual);
    }
    byte[] body =
        call.has("answerBase64")
            ? Base64.getDecoder().decode(call.get("answerBase64").asText())
            : call.get("answer").asText().getBytes(UTF_8);
    String expected = told(status, call.path("contentType").asText(), body);
    return expected.equals(actual) ? "" : GoldenReplayIT.between(expected, actual);
  }

  private static String told(int status, String contentType, byte[] body) throws IOException {
    String type = status == 200 ? contentType.replace(" ", "") + " " : "";
    return ("HTTP " + status + " " + type + shown(body)).trim();
  }

  private static String shown(byte[] body) throws IOException {
    if (body.length > 2 && body[0] == 0x1f && body[1] == (byte) 0x8b) {
      try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
        return shown(gzip.readAllBytes());
      }
    } else if (body.length > 0 && (body[0] == '[' || body[0] == '{')) {
      String json = new String(body, UTF_8).replace(":<ts>", ":0");
      return GoldenReplayIT.canonical(JSON.readTree(json)).toString();
    }
    boolean binary = body.length > 0 && body[0] < 0;
    return binary ? Base64.getEncoder().encodeToString(body) : new String(body, UTF_8);
  }
}
