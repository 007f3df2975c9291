package io.borealis.api.generator;

import static java.util.stream.Collectors.joining;

import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.StructDef;
import java.util.Comparator;
import java.util.List;

/** Writes the record of a struct, with its builder and its codec. */
final class StructEmitter {
  private final Names names;
  private final Idl file;
  private final ValueCode values;

  StructEmitter(Names names, Idl file) {
    this.names = names;
    this.file = file;
    this.values = new ValueCode(names, file);
  }

  String source(StructDef def) {
    return source(def, def.name());
  }

  /** The source, with another name on the wire than in Java. */
  String source(StructDef def, String wireName) {
    StringBuilder code = new StringBuilder(JavaEmitter.javadoc("", def.doc()));
    String name = def.name();
    code.append("public record ").append(name).append('(');
    code.append(
        def.fields().stream()
            .map(f -> "\n    " + componentType(f) + " " + f.name())
            .collect(joining(",")));
    code.append(") {\n");
    code.append(
        "  private static final TStruct STRUCT = new TStruct(\"%s\");\n".formatted(wireName));
    for (FieldDef f : def.fields()) {
      code.append(
          "  private static final TField %s =\n      new TField(\"%s\", %s, (short) %d);\n"
              .formatted(constant(f), f.name(), values.wireType(f.type()), f.id()));
    }
    code.append("\n  /** What is known of this struct at run time, and its codec. */\n");
    code.append("  public static final StructType<%s> TYPE =\n".formatted(name));
    code.append("      new StructType<>(\n          \"%s\",\n".formatted(wireName));
    code.append("          StructType.Kind.STRUCT,\n          ImmutableList.of(");
    code.append(
        def.fields().stream()
            .map(f -> "\n              " + values.fieldInfo(name, f, name + "::" + f.name()))
            .collect(joining(",")));
    code.append(
        "),\n          %s::read,\n          %1$s::write,\n          %1$s::create);\n\n"
            .formatted(name));
    constructor(code, def);
    code.append(
        """
          /** A builder with nothing set but the defaults. */
          public static Builder builder() {
            return new Builder();
          }

        """);
    toBuilder(code, def);
    read(code, def);
    write(code, def);
    create(code, def);
    equality(code, def);
    builder(code, def);
    return code.append("}\n").toString();
  }

  private String componentType(FieldDef field) {
    String type = names.fieldType(file, field);
    boolean neverNull =
        Names.isPrimitive(field) || (Names.isCollection(field.type()) && !field.nullable());
    return neverNull ? type : ValueCode.nullable(type);
  }

  private static String constant(FieldDef field) {
    return Names.upperSnake(field.name()) + "_FIELD";
  }

  private void constructor(StringBuilder code, StructDef def) {
    String body =
        def.fields().stream()
            .filter(f -> Names.isCollection(f.type()) && !f.nullable())
            .map(
                f ->
                    "    if (%1$s == null) {\n      %1$s = %2$s.of();\n    }\n"
                        .formatted(f.name(), Names.raw(f.type())))
            .collect(joining());
    if (!body.isEmpty()) {
      code.append("  public %s {\n%s  }\n\n".formatted(def.name(), body));
    }
  }

  private static void toBuilder(StringBuilder code, StructDef def) {
    code.append("  /** A builder that starts from this. */\n  public Builder toBuilder() {\n");
    code.append("    Builder builder = new Builder();\n");
    for (FieldDef f : def.fields()) {
      code.append("    builder.%1$s = %1$s;\n".formatted(f.name()));
    }
    code.append("    return builder;\n  }\n\n");
  }

  private void read(StringBuilder code, StructDef def) {
    code.append(
        """
          private static %s read(TProtocol in) throws TException {
            Builder builder = new Builder();
            in.readStructBegin();
            for (TField field = in.readFieldBegin();
                field.type != TType.STOP;
                field = in.readFieldBegin()) {
              switch (field.id) {
        """
            .formatted(def.name()));
    for (FieldDef f : def.fields()) {
      code.append(
          """
                  case %d -> {
                    Wire.check(STRUCT, %s, field);
                    builder.%s = %s;
                  }
          """
              .formatted(f.id(), constant(f), f.name(), values.read(f.type(), "in")));
    }
    code.append(
        """
                default -> Wire.skip(in, field.type);
              }
              in.readFieldEnd();
            }
            in.readStructEnd();
            return builder.build();
          }

        """);
  }

  private void write(StringBuilder code, StructDef def) {
    code.append("  private void write(TProtocol out) throws TException {\n");
    code.append("    out.writeStructBegin(STRUCT);\n");
    // By id, as the original writes them, so that equal values are equal bytes.
    for (FieldDef f : byId(def)) {
      String statements =
          "out.writeFieldBegin(%s);\n      %s;\n      out.writeFieldEnd();\n"
              .formatted(constant(f), values.write(f.type(), "out", f.name()));
      // Empty collections are written: clients iterate over what the original always sent.
      if (Names.isPrimitive(f) || (Names.isCollection(f.type()) && !f.nullable())) {
        code.append("    ").append(statements.replace("\n      ", "\n    "));
      } else {
        code.append("    if (%s != null) {\n      %s    }\n".formatted(f.name(), statements));
      }
    }
    code.append("    out.writeFieldStop();\n    out.writeStructEnd();\n  }\n\n");
  }

  private static List<FieldDef> byId(StructDef def) {
    return def.fields().stream().sorted(Comparator.comparingInt(FieldDef::id)).toList();
  }

  private void create(StringBuilder code, StructDef def) {
    if (def.fields().stream().anyMatch(f -> Names.isCollection(f.type()))) {
      code.append("  @SuppressWarnings(\"unchecked\") // The elements are what the field says.\n");
    }
    code.append(
        "  private static %s create(@Nullable Object[] values) {\n    return new %1$s("
            .formatted(def.name()));
    int index = 0;
    StringBuilder args = new StringBuilder();
    for (FieldDef f : def.fields()) {
      String value = "values[" + index++ + "]";
      String cast = "(%s) %s".formatted(names.boxed(file, f.type()), value);
      String zero = names.fieldType(file, f).equals("boolean") ? "false" : "0";
      args.append(args.length() == 0 ? "" : ",")
          .append("\n        ")
          .append(
              Names.isPrimitive(f) ? "%s == null ? %s : %s".formatted(value, zero, cast) : cast);
    }
    code.append(args).append(");\n  }\n\n");
  }

  /**
   * What the compiler would make of a record, said in plain code: its own is put together from
   * method handles at run time, which costs each process that starts.
   */
  private void equality(StringBuilder code, StructDef def) {
    if (def.fields().isEmpty()) {
      return;
    }
    code.append("  @Override\n  public boolean equals(@Nullable Object other) {\n");
    code.append(
        "    return this == other\n        || (other instanceof %s that".formatted(def.name()));
    for (FieldDef f : def.fields()) {
      code.append("\n            && ").append(areEqual(f));
    }
    code.append(");\n  }\n\n");
    code.append("  @Override\n  public int hashCode() {\n    int hash = 0;\n");
    for (FieldDef f : def.fields()) {
      String of = Names.isPrimitive(f) ? names.boxed(file, f.type()) : "java.util.Objects";
      code.append("    hash = 31 * hash + %s.hashCode(%s);\n".formatted(of, f.name()));
    }
    code.append("    return hash;\n  }\n\n");
  }

  private String areEqual(FieldDef field) {
    String name = field.name();
    if (!Names.isPrimitive(field)) {
      return "java.util.Objects.equals(%1$s, that.%1$s)".formatted(name);
    }
    return names.fieldType(file, field).equals("double")
        ? "Double.compare(%1$s, that.%1$s) == 0".formatted(name)
        : "%1$s == that.%1$s".formatted(name);
  }

  private void builder(StringBuilder code, StructDef def) {
    code.append(
        "  /** Collects the parts of a {@code %s}. For one thread. */\n".formatted(def.name()));
    code.append("  public static final class Builder {\n");
    for (FieldDef f : def.fields()) {
      String type = componentType(f);
      if (Names.isCollection(f.type()) && !f.nullable()) {
        code.append(
            "    private %s %s = %s.of();\n".formatted(type, f.name(), Names.raw(f.type())));
      } else if (f.defaultValue() != null) {
        code.append(
            "    private %s %s =\n        %s;\n"
                .formatted(type, f.name(), values.defaultValue(f.type(), f.defaultValue())));
      } else {
        code.append("    private %s %s;\n".formatted(type, f.name()));
      }
    }
    code.append("\n    private Builder() {}\n\n");
    for (FieldDef f : def.fields()) {
      boolean collection = Names.isCollection(f.type());
      String doc = f.doc().isEmpty() ? "Sets {@code " + f.name() + "}." : f.doc();
      code.append(JavaEmitter.javadoc("    ", doc));
      code.append(
          "    public Builder %1$s(%2$s %1$s) {\n      this.%1$s = %3$s;\n      return this;\n    }\n\n"
              .formatted(
                  f.name(),
                  collection ? names.lenient(file, f.type()) : componentType(f),
                  collection
                      ? "%s.copyOf(%s)".formatted(Names.raw(f.type()), f.name())
                      : f.name()));
    }
    code.append(
        "    /** The finished value. */\n    public %s build() {\n      return new %1$s(%s);\n    }\n  }\n"
            .formatted(
                def.name(), def.fields().stream().map(FieldDef::name).collect(joining(", "))));
  }
}
