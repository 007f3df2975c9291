package io.borealis.api.generator;

import com.google.common.collect.ImmutableList;

/** What generated sources may import. */
final class Imports {
  static final ImmutableList<String> ALL =
      ImmutableList.of(
          "com.google.common.collect.ImmutableList",
          "com.google.common.collect.ImmutableMap",
          "com.google.common.collect.ImmutableSet",
          "com.google.common.collect.Sets",
          "io.borealis.api.codec.Bytes",
          "io.borealis.api.codec.EnumType",
          "io.borealis.api.codec.FieldInfo",
          "io.borealis.api.codec.StructType",
          "io.borealis.api.codec.ValueType",
          "io.borealis.api.codec.Wire",
          "java.util.concurrent.CompletionStage",
          "org.apache.thrift.TException",
          "org.apache.thrift.protocol.TField",
          "org.apache.thrift.protocol.TProtocol",
          "org.apache.thrift.protocol.TStruct",
          "org.apache.thrift.protocol.TType",
          "org.jspecify.annotations.Nullable");

  private Imports() {}
}
