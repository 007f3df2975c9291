package io.borealis.thrift;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.base.CharMatcher;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What a call is about, in a few words for the log: its arguments, but of a configuration only
 * whose it is, because configurations are large and hold secrets. Pure functions.
 */
final class Subject {
  private static final int MAX_ELEMENTS = 20;
  private static final int MAX_LENGTH = 300;

  /** What needs no quotes. */
  private static final CharMatcher PLAIN =
      CharMatcher.inRange('a', 'z')
          .or(CharMatcher.inRange('A', 'Z'))
          .or(CharMatcher.inRange('0', '9'))
          .or(CharMatcher.anyOf("_-./"))
          .precomputed();

  /** What could pretend to end a line, beyond what JSON escapes. */
  private static final CharMatcher BREAKS =
      CharMatcher.javaIsoControl().or(CharMatcher.anyOf("\u2028\u2029")).precomputed();

  private Subject() {}

  /** The arguments that are set, each with a blank before it. */
  static <A> String of(Call<A> call) {
    StringBuilder words = new StringBuilder();
    for (FieldInfo<A> field : call.method().args().fields()) {
      Object value = field.getter().apply(call.args());
      if (value != null && !(value instanceof Collection<?> all && all.isEmpty())) {
        words.append(' ').append(field.name()).append('=').append(shown(field.type(), value));
      }
    }
    return words.toString();
  }

  private static String shown(ValueType type, Object value) {
    if (value instanceof JobKey job) {
      return quoted(path(job));
    } else if (value instanceof JobUpdateKey update) {
      return quoted(path(update.job()) + "/" + update.id());
    } else if (value instanceof InstanceKey instance) {
      return quoted(path(instance.jobKey()) + "/" + instance.instanceId());
    } else if (value instanceof JobConfiguration job) {
      return quoted(path(job.key()));
    } else if (value instanceof JobUpdateRequest request) {
      TaskConfig config = request.taskConfig();
      return quoted(path(config == null ? null : config.job()));
    } else if (value instanceof Collection<?> elements) {
      return numbers(elements);
    }
    return quoted(
        type instanceof ValueType.StructOf struct
            ? json(struct.type().get(), value)
            : value.toString());
  }

  private static String numbers(Collection<?> numbers) {
    String first =
        numbers.stream().limit(MAX_ELEMENTS).map(Object::toString).collect(joining(",", "[", "]"));
    int left = numbers.size() - MAX_ELEMENTS;
    return left > 0 ? first + "+" + left : first;
  }

  /** The struct is of the type it was declared with. */
  @SuppressWarnings("unchecked")
  private static <T> String json(StructType<T> type, Object value) {
    return JsonCodec.write(type, (T) value).toString();
  }

  static String path(@Nullable JobKey job) {
    return job == null ? "" : job.role() + "/" + job.environment() + "/" + job.name();
  }

  /** On one line, in one piece and not too long, whatever a client may have sent. */
  static String quoted(String text) {
    String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
    return !cut.isEmpty() && PLAIN.matchesAllOf(cut)
        ? cut
        : BREAKS.replaceFrom(JsonNodeFactory.instance.textNode(cut).toString(), '?');
  }
}
