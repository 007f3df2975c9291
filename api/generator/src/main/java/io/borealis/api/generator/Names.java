package io.borealis.api.generator;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.generator.Idl.EnumDef;
import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.Requiredness;
import io.borealis.api.generator.Idl.StructDef;
import io.borealis.api.generator.Idl.Type;
import java.util.Locale;
import java.util.Optional;

/** Finds what a name in the IDL stands for and how it is spelled in Java. Immutable. */
final class Names {
  private static final String CODEC = "io.borealis.api.codec.";
  private static final String GUAVA = "com.google.common.collect.";

  private final ImmutableMap<String, Idl> files;

  Names(ImmutableMap<String, Idl> files) {
    this.files = files;
  }

  Iterable<Idl> files() {
    return files.values();
  }

  /** The file a type is defined in. */
  Idl fileOf(Idl from, Type.Named type) {
    Idl file = type.file() == null ? from : files.get(type.file());
    if (file == null || (type.file() != null && !from.includes().contains(type.file()))) {
      throw new IdlException("%s: %s is not included".formatted(from.fileName(), type.file()));
    }
    return file;
  }

  Optional<EnumDef> enumOf(Idl from, Type type) {
    return type instanceof Type.Named named
        ? fileOf(from, named).enums().stream()
            .filter(e -> e.name().equals(named.name()))
            .findFirst()
        : Optional.empty();
  }

  StructDef structOf(Idl from, Type.Named named) {
    return fileOf(from, named).structs().stream()
        .filter(s -> s.name().equals(named.name()))
        .findFirst()
        .orElseThrow(
            () -> new IdlException("%s: unknown type %s".formatted(from.fileName(), named.name())));
  }

  /** The Java type of a field: a primitive where it cannot be absent. */
  String fieldType(Idl from, FieldDef field) {
    return isPrimitive(field) ? primitive(field.type()) : boxed(from, field.type());
  }

  static boolean isPrimitive(FieldDef field) {
    return field.requiredness() != Requiredness.OPTIONAL && isPrimitive(field.type());
  }

  static boolean isPrimitive(Type type) {
    return type instanceof Type.Base base
        && !base.name().equals("string")
        && !base.name().equals("binary");
  }

  static boolean isCollection(Type type) {
    return type instanceof Type.ListOf || type instanceof Type.SetOf || type instanceof Type.MapOf;
  }

  private static String primitive(Type type) {
    return switch (((Type.Base) type).name()) {
      case "bool" -> "boolean";
      case "i16" -> "short";
      case "i32" -> "int";
      case "i64" -> "long";
      default -> "double";
    };
  }

  /** The Java reference type. */
  String boxed(Idl from, Type type) {
    if (type instanceof Type.Base base) {
      return switch (base.name()) {
        case "bool" -> "Boolean";
        case "i16" -> "Short";
        case "i32" -> "Integer";
        case "i64" -> "Long";
        case "double" -> "Double";
        case "string" -> "String";
        default -> CODEC + "Bytes";
      };
    }
    if (type instanceof Type.ListOf list) {
      return GUAVA + "ImmutableList<" + boxed(from, list.element()) + ">";
    }
    if (type instanceof Type.SetOf set) {
      return GUAVA + "ImmutableSet<" + boxed(from, set.element()) + ">";
    }
    if (type instanceof Type.MapOf map) {
      return GUAVA
          + "ImmutableMap<"
          + boxed(from, map.key())
          + ", "
          + boxed(from, map.value())
          + ">";
    }
    Type.Named named = (Type.Named) type;
    return fileOf(from, named).javaPackage() + "." + named.name();
  }

  /** What a setter takes for a collection: anything of the same elements. */
  String lenient(Idl from, Type type) {
    if (type instanceof Type.ListOf list) {
      return "Iterable<? extends " + boxed(from, list.element()) + ">";
    }
    if (type instanceof Type.SetOf set) {
      return "Iterable<? extends " + boxed(from, set.element()) + ">";
    }
    Type.MapOf map = (Type.MapOf) type;
    return "java.util.Map<? extends "
        + boxed(from, map.key())
        + ", ? extends "
        + boxed(from, map.value())
        + ">";
  }

  static String raw(Type type) {
    return GUAVA
        + (type instanceof Type.ListOf
            ? "ImmutableList"
            : type instanceof Type.SetOf ? "ImmutableSet" : "ImmutableMap");
  }

  static String upperSnake(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
  }
}
