package io.borealis.scheduler.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.update.Explanation;
import io.borealis.scheduler.update.Sentences;
import io.borealis.scheduler.update.Wait;
import io.borealis.thrift.JsonCodec;
import java.util.List;

/** What updates wait for, as JSON: members are named as in {@link Explanation} and {@link Wait}. */
public final class ExplanationJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private ExplanationJson() {}

  /**
   * Adds the member {@code explanations} to an answer, unless there are none.
   *
   * @param nowMs wall time
   */
  public static void add(List<Explanation> explanations, long nowMs, ObjectNode answer) {
    if (!explanations.isEmpty()) {
      ArrayNode array = answer.putArray("explanations");
      explanations.forEach(explanation -> array.add(of(explanation, nowMs)));
    }
  }

  private static ObjectNode of(Explanation explanation, long nowMs) {
    ObjectNode node = MAPPER.createObjectNode();
    node.set("key", JsonCodec.write(JobUpdateKey.TYPE, explanation.key()));
    node.put("status", explanation.status().name());
    node.put("reason", explanation.reason());
    node.put("sentence", explanation.sentence());
    ArrayNode waits = node.putArray("waits");
    for (Wait wait : explanation.waits()) {
      ObjectNode one = waits.addObject();
      one.put("reason", wait.reason());
      one.put("sentence", Sentences.of(wait, nowMs));
      one.setAll((ObjectNode) MAPPER.valueToTree(wait));
    }
    node.set("progress", MAPPER.valueToTree(explanation.progress()));
    node.set("failures", MAPPER.valueToTree(explanation.failures()));
    node.put("maxFailedInstances", explanation.maxFailedInstances());
    if (explanation.pulses() != null) {
      node.set("pulses", MAPPER.valueToTree(explanation.pulses()));
    }
    node.put("stillForMs", explanation.stillForMs());
    node.put("stalled", explanation.stalled());
    return node;
  }
}
