package io.borealis.thrift;

import io.borealis.api.codec.BinaryOutput;
import java.util.Locale;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TTransport;
import org.jspecify.annotations.Nullable;

/** The protocols a message may be written in, and how HTTP headers choose one. Immutable. */
enum ThriftProtocol {
  JSON("application/vnd.apache.thrift.json", new StrictJson.Factory(), new TJSONProtocol.Factory()),
  BINARY(
      "application/vnd.apache.thrift.binary",
      new TBinaryProtocol.Factory(false, true),
      BinaryOutput::of),
  COMPACT(
      "application/vnd.apache.thrift.compact",
      new TCompactProtocol.Factory(),
      new TCompactProtocol.Factory());

  private static final String JSON_UTF8 = JSON.contentType + ";charset=utf-8";

  private final String contentType;

  @SuppressWarnings("ImmutableEnumChecker") // Factories hold settings only.
  private final TProtocolFactory reading;

  @SuppressWarnings("ImmutableEnumChecker") // Factories hold settings only.
  private final TProtocolFactory writing;

  ThriftProtocol(String contentType, TProtocolFactory reading, TProtocolFactory writing) {
    this.contentType = contentType;
    this.reading = reading;
    this.writing = writing;
  }

  String contentType() {
    return contentType;
  }

  /** For messages in memory. */
  TProtocol reading(TTransport in) {
    return reading.getProtocol(in);
  }

  /** For an {@link io.borealis.api.codec.OutputBuffer}. */
  TProtocolFactory writing() {
    return writing;
  }

  /** What a request is written in, by its Content-Type; null if that is not supported. */
  static @Nullable ThriftProtocol ofRequest(@Nullable String contentType) {
    if (contentType == null) {
      return JSON;
    }
    String type = canonical(contentType);
    // The media type that sounds most like it never meant the binary protocol.
    if (type.equals("application/x-thrift")
        || type.equals("application/json")
        || type.equals(JSON.contentType)
        || type.equals(JSON_UTF8)) {
      return JSON;
    }
    if (type.equals(BINARY.contentType)) {
      return BINARY;
    }
    return type.equals(COMPACT.contentType) ? COMPACT : null;
  }

  /** What the answer is written in: anything but the exact name of a protocol means JSON. */
  static ThriftProtocol ofAnswer(@Nullable String accept) {
    String type = accept == null ? "" : canonical(accept);
    if (type.equals(BINARY.contentType)) {
      return BINARY;
    }
    return type.equals(COMPACT.contentType) ? COMPACT : JSON;
  }

  /** A media type as it is quoted when it is refused: known charsets in upper case. */
  static String quoted(String contentType) {
    String type = canonical(contentType);
    return type.equals("application/json;charset=utf-8")
        ? "application/json; charset=UTF-8"
        : contentType;
  }

  /** Lower case, without blanks around the separators and quotes around the value. */
  private static String canonical(String mediaType) {
    String type = mediaType.trim().toLowerCase(Locale.ROOT);
    int semicolon = type.indexOf(';');
    if (semicolon < 0) {
      return type;
    }
    String parameter = type.substring(semicolon + 1).trim();
    int equals = parameter.indexOf('=');
    if (equals < 0) {
      return type;
    }
    String value = parameter.substring(equals + 1);
    if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
      value = value.substring(1, value.length() - 1);
    }
    return type.substring(0, semicolon).trim() + ";" + parameter.substring(0, equals) + "=" + value;
  }
}
