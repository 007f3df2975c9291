package io.borealis.api.generator;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/** One parsed IDL file. Immutable. */
record Idl(
    String fileName,
    String javaPackage,
    ImmutableList<String> includes,
    ImmutableList<EnumDef> enums,
    ImmutableList<StructDef> structs,
    ImmutableList<ConstDef> constants,
    ImmutableList<ServiceDef> services) {

  /** The type of a field: a base type, a container of types, or the name of something defined. */
  sealed interface Type {
    /** A type of Thrift itself, such as {@code i32}. */
    record Base(String name) implements Type {}

    record ListOf(Type element) implements Type {}

    record SetOf(Type element) implements Type {}

    record MapOf(Type key, Type value) implements Type {}

    /** A defined type; the file is null for one of the same file. */
    record Named(@Nullable String file, String name) implements Type {}
  }

  /** A value in the IDL: a constant or the default of a field. */
  sealed interface Value {
    record Text(String text) implements Value {}

    record Numeral(String digits) implements Value {}

    /** The name of an enum's constant or of another constant. */
    record Reference(String name) implements Value {}

    record Items(ImmutableList<Value> items) implements Value {}

    record Members(ImmutableMap<String, Value> members) implements Value {}
  }

  record EnumDef(String doc, String name, ImmutableMap<String, Integer> values) {}

  enum Requiredness {
    DEFAULT,
    OPTIONAL,
    REQUIRED
  }

  record FieldDef(
      String doc,
      int id,
      Requiredness requiredness,
      Type type,
      String name,
      @Nullable Value defaultValue,
      boolean nullable) {
    String upperName() {
      return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
  }

  record StructDef(String doc, boolean union, String name, ImmutableList<FieldDef> fields) {}

  record ConstDef(String doc, Type type, String name, Value value) {}

  record MethodDef(String doc, String name, Type returns, ImmutableList<FieldDef> args) {
    String upperName() {
      return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
  }

  record ServiceDef(
      String doc, String name, @Nullable String parent, ImmutableList<MethodDef> methods) {}
}
