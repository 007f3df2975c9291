package io.borealis.api.generator;

import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.StructDef;
import io.borealis.api.generator.Idl.Type;
import io.borealis.api.generator.Idl.Value;
import java.util.Map;

/** The Java expressions that read, write and describe one value. */
final class ValueCode {
  private final Names names;
  private final Idl file;

  ValueCode(Names names, Idl file) {
    this.names = names;
    this.file = file;
  }

  /** The name of the constant for the type on the wire. */
  String wireType(Type type) {
    if (type instanceof Type.Base base) {
      return switch (base.name()) {
        case "bool" -> "TType.BOOL";
        case "i16" -> "TType.I16";
        case "i32" -> "TType.I32";
        case "i64" -> "TType.I64";
        case "double" -> "TType.DOUBLE";
        default -> "TType.STRING";
      };
    }
    if (type instanceof Type.ListOf) {
      return "TType.LIST";
    }
    if (type instanceof Type.SetOf) {
      return "TType.SET";
    }
    if (type instanceof Type.MapOf) {
      return "TType.MAP";
    }
    return names.enumOf(file, type).isPresent() ? "TType.I32" : "TType.STRUCT";
  }

  /** An expression that reads a value; an unknown number of an enum gives null. */
  String read(Type type, String in) {
    if (names.enumOf(file, type).isPresent()) {
      return "%s.find(%s.readI32())".formatted(names.boxed(file, type), in);
    }
    return readKnown(type, in);
  }

  /** An expression that reads a member of a collection, which cannot be null. */
  private String readKnown(Type type, String in) {
    if (type instanceof Type.Base base) {
      return switch (base.name()) {
        case "bool" -> in + ".readBool()";
        case "i16" -> in + ".readI16()";
        case "i32" -> in + ".readI32()";
        case "i64" -> in + ".readI64()";
        case "double" -> in + ".readDouble()";
        case "string" -> in + ".readString()";
        default -> "Wire.readBytes(" + in + ")";
      };
    }
    String p = inner(in);
    if (type instanceof Type.ListOf list) {
      return "Wire.readList(%s, %s, %s -> %s)"
          .formatted(in, wireType(list.element()), p, readKnown(list.element(), p));
    }
    if (type instanceof Type.SetOf set) {
      return "Wire.readSet(%s, %s, %s -> %s)"
          .formatted(in, wireType(set.element()), p, readKnown(set.element(), p));
    }
    if (type instanceof Type.MapOf map) {
      return "Wire.readMap(%s, %s, %s, %s -> %s, %s -> %s)"
          .formatted(
              in,
              wireType(map.key()),
              wireType(map.value()),
              p,
              readKnown(map.key(), p),
              p,
              readKnown(map.value(), p));
    }
    return "%s.TYPE.read(%s)".formatted(names.boxed(file, type), in);
  }

  /** A statement, without its semicolon, that writes a value. */
  String write(Type type, String out, String value) {
    if (type instanceof Type.Base base) {
      return switch (base.name()) {
        case "bool" -> "%s.writeBool(%s)".formatted(out, value);
        case "i16" -> "%s.writeI16(%s)".formatted(out, value);
        case "i32" -> "%s.writeI32(%s)".formatted(out, value);
        case "i64" -> "%s.writeI64(%s)".formatted(out, value);
        case "double" -> "%s.writeDouble(%s)".formatted(out, value);
        case "string" -> "%s.writeString(%s)".formatted(out, value);
        default -> "%s.writeBinary(%s.toByteBuffer())".formatted(out, value);
      };
    }
    String p = inner(out);
    String v = "v" + p.substring(1);
    if (type instanceof Type.ListOf list) {
      return "Wire.writeList(%s, %s, %s, (%s, %s) -> %s)"
          .formatted(out, wireType(list.element()), value, p, v, write(list.element(), p, v));
    }
    if (type instanceof Type.SetOf set) {
      return "Wire.writeSet(%s, %s, %s, (%s, %s) -> %s)"
          .formatted(out, wireType(set.element()), value, p, v, write(set.element(), p, v));
    }
    if (type instanceof Type.MapOf map) {
      return "Wire.writeMap(%s, %s, %s, %s, (%s, %s) -> %s, (%s, %s) -> %s)"
          .formatted(
              out,
              wireType(map.key()),
              wireType(map.value()),
              value,
              p,
              v,
              write(map.key(), p, v),
              p,
              v,
              write(map.value(), p, v));
    }
    return names.enumOf(file, type).isPresent()
        ? "%s.writeI32(%s.value())".formatted(out, value)
        : "%s.TYPE.write(%s, %s)".formatted(names.boxed(file, type), out, value);
  }

  /** The name of the protocol inside a collection, which differs from those around it. */
  private static String inner(String protocol) {
    return protocol.startsWith("p") ? protocol + "p" : "p";
  }

  /** An expression for the description of the type. */
  String describe(Type type) {
    if (type instanceof Type.Base base) {
      return "ValueType.Scalar." + base.name().toUpperCase(java.util.Locale.ROOT);
    }
    if (type instanceof Type.ListOf list) {
      return "new ValueType.ListOf(" + describe(list.element()) + ")";
    }
    if (type instanceof Type.SetOf set) {
      return "new ValueType.SetOf(" + describe(set.element()) + ")";
    }
    if (type instanceof Type.MapOf map) {
      return "new ValueType.MapOf(" + describe(map.key()) + ", " + describe(map.value()) + ")";
    }
    String name = names.boxed(file, type);
    return names.enumOf(file, type).isPresent()
        ? "new ValueType.EnumOf(" + name + ".TYPE)"
        : "new ValueType.StructOf(\"%s\", () -> %s.TYPE)"
            .formatted(((Type.Named) type).name(), name);
  }

  /** The description of a field as it goes into the list of a struct's fields. */
  String fieldInfo(String owner, FieldDef field, String getter) {
    return "new FieldInfo<%s>(%d, \"%s\", %s, FieldInfo.Requiredness.%s, %s)"
        .formatted(
            owner, field.id(), field.name(), describe(field.type()), field.requiredness(), getter);
  }

  /** An expression for a default value of a struct or union. */
  String defaultValue(Type type, Value value) {
    if (!(value instanceof Value.Members members && type instanceof Type.Named named)) {
      throw new IdlException("%s: no default of this kind: %s".formatted(file.fileName(), value));
    }
    StructDef struct = names.structOf(file, named);
    StringBuilder code = new StringBuilder(names.boxed(file, type));
    if (struct.union()) {
      Map.Entry<String, Value> only = members.members().entrySet().iterator().next();
      FieldDef member = member(struct, only.getKey());
      return "new %s.%s(%s)"
          .formatted(code, member.upperName(), defaultValue(member.type(), only.getValue()));
    }
    code.append(".builder()");
    members
        .members()
        .forEach(
            (name, v) ->
                code.append('.')
                    .append(name)
                    .append('(')
                    .append(defaultValue(member(struct, name).type(), v))
                    .append(')'));
    return code.append(".build()").toString();
  }

  private static FieldDef member(StructDef struct, String name) {
    return struct.fields().stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IdlException("%s has no member %s".formatted(struct.name(), name)));
  }

  /** The type marked as nullable, with the mark where Java wants it. */
  static String nullable(String type) {
    int generic = type.indexOf('<');
    int dot = type.lastIndexOf('.', generic < 0 ? type.length() : generic);
    return type.substring(0, dot + 1) + "@Nullable " + type.substring(dot + 1);
  }
}
