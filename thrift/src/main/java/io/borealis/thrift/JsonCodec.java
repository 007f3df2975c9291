package io.borealis.thrift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.EnumType;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import io.borealis.api.codec.Wire;
import java.util.Base64;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TProtocolException;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.jspecify.annotations.Nullable;

/**
 * Values of the API as JSON that people can write: objects by field names, enums by name, unions as
 * an object with one member, binary data in base64, maps as objects (or, if their keys are structs,
 * as a list of objects with {@code key} and {@code value}). Pure functions.
 */
public final class JsonCodec {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A struct of which nothing is set: a single stop mark. */
  private static final byte NOTHING = 0;

  private JsonCodec() {}

  /** A value as JSON. What is not set is left out. */
  public static <T> ObjectNode write(StructType<T> type, T value) {
    ObjectNode node = NODES.objectNode();
    for (FieldInfo<T> field : type.fields()) {
      Object member = field.getter().apply(value);
      if (member != null) {
        node.set(field.name(), writeValue(field.type(), member));
      }
    }
    return node;
  }

  /**
   * A value from JSON.
   *
   * @throws JsonFormatException when something does not fit, saying where
   */
  public static <T> T read(StructType<T> type, JsonNode node) throws JsonFormatException {
    return readStruct(type, node, "");
  }

  private static JsonNode writeValue(ValueType type, Object value) {
    if (type instanceof ValueType.Scalar scalar) {
      return writeScalar(scalar, value);
    } else if (type instanceof ValueType.EnumOf) {
      return NODES.textNode(((Enum<?>) value).name());
    } else if (type instanceof ValueType.StructOf struct) {
      return writeAny(struct.type().get(), value);
    } else if (type instanceof ValueType.ListOf list) {
      return writeAll(list.element(), (Collection<?>) value);
    } else if (type instanceof ValueType.SetOf set) {
      return writeAll(set.element(), (Collection<?>) value);
    }
    return writeMap((ValueType.MapOf) type, (Map<?, ?>) value);
  }

  private static JsonNode writeScalar(ValueType.Scalar type, Object value) {
    return switch (type) {
      case BOOL -> NODES.booleanNode((Boolean) value);
      case I16, I32, I64 -> NODES.numberNode(((Number) value).longValue());
      case DOUBLE -> {
        double number = (Double) value;
        // JSON has no word for the others.
        yield Double.isFinite(number)
            ? NODES.numberNode(number)
            : NODES.textNode(Double.toString(number));
      }
      case STRING -> NODES.textNode((String) value);
      case BINARY ->
          NODES.textNode(Base64.getEncoder().encodeToString(((Bytes) value).toByteArray()));
    };
  }

  /** The type is the one the value was declared with. */
  @SuppressWarnings("unchecked")
  private static <T> ObjectNode writeAny(StructType<T> type, Object value) {
    return write(type, (T) value);
  }

  private static ArrayNode writeAll(ValueType element, Collection<?> values) {
    ArrayNode array = NODES.arrayNode(values.size());
    values.forEach(value -> array.add(writeValue(element, value)));
    return array;
  }

  private static JsonNode writeMap(ValueType.MapOf type, Map<?, ?> map) {
    if (hasTextKeys(type)) {
      ObjectNode object = NODES.objectNode();
      map.forEach(
          (key, value) ->
              object.set(writeValue(type.key(), key).asText(), writeValue(type.value(), value)));
      return object;
    }
    ArrayNode array = NODES.arrayNode(map.size());
    map.forEach(
        (key, value) -> {
          ObjectNode entry = array.addObject();
          entry.set("key", writeValue(type.key(), key));
          entry.set("value", writeValue(type.value(), value));
        });
    return array;
  }

  private static boolean hasTextKeys(ValueType.MapOf type) {
    return type.key() instanceof ValueType.Scalar || type.key() instanceof ValueType.EnumOf;
  }

  private static <T> T readStruct(StructType<T> type, JsonNode node, String path)
      throws JsonFormatException {
    if (!node.isObject()) {
      throw mismatch(path, "an object (%s)".formatted(type.name()), node);
    }
    checkNames(type, node, path);
    ImmutableList<FieldInfo<T>> fields = type.fields();
    @Nullable Object[] values = new Object[fields.size()];
    int given = 0;
    for (int i = 0; i < values.length; i++) {
      FieldInfo<T> field = fields.get(i);
      JsonNode member = node.get(field.name());
      if (member != null && !member.isNull()) {
        values[i] = readValue(field.type(), member, below(path, field.name()));
        given++;
      }
    }
    if (type.kind() == StructType.Kind.UNION) {
      if (given != 1) {
        throw new JsonFormatException(
            path,
            "a %s has exactly one member, but %d were given; it may be one of %s"
                .formatted(type.name(), given, names(type)));
      }
    } else {
      fillDefaults(type, values);
    }
    return type.create(values);
  }

  private static void checkNames(StructType<?> type, JsonNode node, String path)
      throws JsonFormatException {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (type.fields().stream().noneMatch(field -> field.name().equals(name))) {
        throw new JsonFormatException(
            below(path, name),
            "unknown field of %s; it has %s".formatted(type.name(), names(type)));
      }
    }
  }

  private static String names(StructType<?> type) {
    return type.fields().isEmpty()
        ? "none"
        : type.fields().stream().map(FieldInfo::name).collect(Collectors.joining(", "));
  }

  /** Defaults of the IDL are what comes of an empty struct on the wire. */
  private static <T> void fillDefaults(StructType<T> type, @Nullable Object[] values) {
    T defaults;
    try {
      defaults = type.read(new TBinaryProtocol(new TMemoryInputTransport(new byte[] {NOTHING})));
    } catch (TException impossible) {
      throw new IllegalStateException("An empty %s is refused".formatted(type), impossible);
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        values[i] = type.fields().get(i).getter().apply(defaults);
      }
    }
  }

  private static Object readValue(ValueType type, JsonNode node, String path)
      throws JsonFormatException {
    if (type instanceof ValueType.Scalar scalar) {
      return readScalar(scalar, node, path);
    } else if (type instanceof ValueType.EnumOf constant) {
      return readEnum(constant.type(), node, path);
    } else if (type instanceof ValueType.StructOf struct) {
      return readStruct(struct.type().get(), node, path);
    } else if (type instanceof ValueType.ListOf list) {
      return readAll(list.element(), node, path);
    } else if (type instanceof ValueType.SetOf set) {
      return readSet(set, node, path);
    }
    return readMap((ValueType.MapOf) type, node, path);
  }

  private static Object readScalar(ValueType.Scalar type, JsonNode node, String path)
      throws JsonFormatException {
    switch (type) {
      case BOOL -> {
        if (node.isBoolean()) {
          return node.booleanValue();
        }
        throw mismatch(path, "true or false", node);
      }
      case I16 -> {
        return (short) readInteger(node, path, Short.MIN_VALUE, Short.MAX_VALUE);
      }
      case I32 -> {
        return (int) readInteger(node, path, Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
      case I64 -> {
        return readInteger(node, path, Long.MIN_VALUE, Long.MAX_VALUE);
      }
      case DOUBLE -> {
        return readDouble(node, path);
      }
      case STRING -> {
        return readText(node, path);
      }
      case BINARY -> {
        return readBinary(node, path);
      }
    }
    throw new IllegalArgumentException("Unknown type " + type);
  }

  private static String readText(JsonNode node, String path) throws JsonFormatException {
    if (!node.isTextual()) {
      throw mismatch(path, "a text", node);
    }
    String text = node.textValue();
    // Half a character has no bytes: what is stored would not be what was answered.
    if (!isUnicode(text)) {
      throw new JsonFormatException(path, "holds half of a surrogate pair");
    }
    return text;
  }

  private static boolean isUnicode(String text) {
    return text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static long readInteger(JsonNode node, String path, long min, long max)
      throws JsonFormatException {
    if (!node.isIntegralNumber()) {
      throw mismatch(path, "a whole number", node);
    }
    long number = node.longValue();
    if (!node.canConvertToLong() || number < min || number > max) {
      throw new JsonFormatException(
          path, "%s is not between %d and %d".formatted(shown(node), min, max));
    }
    return number;
  }

  private static double readDouble(JsonNode node, String path) throws JsonFormatException {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    return switch (node.asText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw mismatch(path, "a number", node);
    };
  }

  private static Bytes readBinary(JsonNode node, String path) throws JsonFormatException {
    if (node.isTextual()) {
      try {
        return Bytes.copyOf(Base64.getDecoder().decode(node.textValue()));
      } catch (IllegalArgumentException notBase64) {
        throw mismatch(path, "base64", node);
      }
    }
    throw mismatch(path, "base64", node);
  }

  private static <E extends Enum<E>> E readEnum(EnumType<E> type, JsonNode node, String path)
      throws JsonFormatException {
    for (E constant : type.constants()) {
      if (node.isTextual() && constant.name().equals(node.textValue())) {
        return constant;
      }
    }
    throw mismatch(
        path,
        type.constants().stream().map(Enum::name).collect(Collectors.joining(", ", "one of ", "")),
        node);
  }

  private static ImmutableSet<Object> readSet(ValueType.SetOf type, JsonNode node, String path)
      throws JsonFormatException {
    try {
      return Wire.setOf(readAll(type.element(), node, path));
    } catch (TProtocolException flood) {
      throw new JsonFormatException(path, String.valueOf(flood.getMessage()));
    }
  }

  private static ImmutableList<Object> readAll(ValueType element, JsonNode node, String path)
      throws JsonFormatException {
    if (!node.isArray()) {
      throw mismatch(path, "a list", node);
    }
    ImmutableList.Builder<Object> elements = ImmutableList.builder();
    for (int i = 0; i < node.size(); i++) {
      elements.add(readElement(element, node.get(i), path + "[" + i + "]"));
    }
    return elements.build();
  }

  private static Object readElement(ValueType type, @Nullable JsonNode node, String path)
      throws JsonFormatException {
    if (node == null || node.isNull()) {
      throw new JsonFormatException(path, "must not be null");
    }
    return readValue(type, node, path);
  }

  private static ImmutableMap<Object, Object> readMap(
      ValueType.MapOf type, JsonNode node, String path) throws JsonFormatException {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (hasTextKeys(type)) {
      if (!node.isObject()) {
        throw mismatch(path, "an object", node);
      }
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        String at = "%s[%s]".formatted(path, entry.getKey());
        map.put(
            readKey(type.key(), entry.getKey(), at),
            readElement(type.value(), entry.getValue(), at));
      }
    } else {
      if (!node.isArray()) {
        throw mismatch(path, "a list of keys and values", node);
      }
      for (int i = 0; i < node.size(); i++) {
        String at = "%s[%d]".formatted(path, i);
        map.put(
            readElement(type.key(), node.get(i).get("key"), below(at, "key")),
            readElement(type.value(), node.get(i).get("value"), below(at, "value")));
      }
    }
    return ImmutableMap.copyOf(map);
  }

  /** Keys of objects are always texts; numbers among them are read as if they had no quotes. */
  private static Object readKey(ValueType type, String key, String path)
      throws JsonFormatException {
    if (type instanceof ValueType.Scalar scalar) {
      try {
        return switch (scalar) {
          case I16 -> Short.valueOf(key);
          case I32 -> Integer.valueOf(key);
          case I64 -> Long.valueOf(key);
          case DOUBLE -> Double.valueOf(key);
          case BOOL -> readScalar(scalar, NODES.booleanNode(Boolean.parseBoolean(key)), path);
          case STRING, BINARY -> readScalar(scalar, NODES.textNode(key), path);
        };
      } catch (NumberFormatException notNumber) {
        throw mismatch(path, "a number as key", NODES.textNode(key));
      }
    }
    return readValue(type, NODES.textNode(key), path);
  }

  private static String below(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static JsonFormatException mismatch(String path, String expected, JsonNode actual) {
    return new JsonFormatException(
        path, "expected %s, but found %s".formatted(expected, shown(actual)));
  }

  private static String shown(JsonNode node) {
    if (node.isObject()) {
      return "an object";
    } else if (node.isArray()) {
      return "a list";
    }
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
