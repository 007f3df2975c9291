package io.borealis.api.generator;

import static java.util.stream.Collectors.joining;

import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.StructDef;

/** Writes the sealed interface of a union, one record for each member. */
final class UnionEmitter {
  private final Names names;
  private final Idl file;
  private final ValueCode values;

  UnionEmitter(Names names, Idl file) {
    this.names = names;
    this.file = file;
    this.values = new ValueCode(names, file);
  }

  String source(StructDef def) {
    String name = def.name();
    StringBuilder code = new StringBuilder(JavaEmitter.javadoc("", def.doc()));
    code.append("public sealed interface ").append(name).append(" {\n");
    code.append("  /** What is known of this union at run time, and its codec. */\n");
    code.append("  StructType<%s> TYPE =\n".formatted(name));
    code.append("      new StructType<>(\n          \"%s\",\n".formatted(name));
    code.append("          StructType.Kind.UNION,\n          ImmutableList.of(");
    code.append(
        def.fields().stream()
            .map(
                f ->
                    "\n              "
                        + values.fieldInfo(
                            name,
                            f,
                            "u -> u instanceof %s m ? m.value() : null".formatted(f.upperName())))
            .collect(joining(",")));
    code.append(
        "),\n          Codec::read,\n          Codec::write,\n          Codec::create);\n\n");
    code.append("  /** Which member is set. */\n  Kind kind();\n\n");
    code.append("  /** The members of the union. */\n  enum Kind {\n");
    for (FieldDef f : def.fields()) {
      code.append("    %s,\n".formatted(Names.upperSnake(f.name())));
    }
    code.append("    /** None that this release knows. */\n    UNKNOWN\n  }\n\n");
    for (FieldDef f : def.fields()) {
      String doc = f.doc().isEmpty() ? "The member {@code " + f.name() + "}." : f.doc();
      code.append(JavaEmitter.javadoc("  ", doc));
      code.append(
          """
            record %s(%s value) implements %s {
              @Override
              public Kind kind() {
                return Kind.%s;
              }
            }

          """
              .formatted(
                  f.upperName(),
                  Names.isPrimitive(f.type())
                      ? names.fieldType(file, mandatory(f))
                      : names.boxed(file, f.type()),
                  name,
                  Names.upperSnake(f.name())));
    }
    code.append(
        """
          /** A member this release does not know, or with id 0 none at all; it cannot be written. */
          record Unknown(int fieldId) implements %s {
            @Override
            public Kind kind() {
              return Kind.UNKNOWN;
            }
          }

        """
            .formatted(name));
    codec(code, def);
    return code.append("}\n").toString();
  }

  private static FieldDef mandatory(FieldDef f) {
    return new FieldDef(f.doc(), f.id(), Idl.Requiredness.DEFAULT, f.type(), f.name(), null, false);
  }

  private void codec(StringBuilder code, StructDef def) {
    String name = def.name();
    code.append("  /** Reads and writes the union; used through {@link #TYPE}. */\n");
    code.append("  final class Codec {\n");
    code.append("    private static final TStruct STRUCT = new TStruct(\"%s\");\n".formatted(name));
    for (FieldDef f : def.fields()) {
      code.append(
          "    private static final TField %s =\n        new TField(\"%s\", %s, (short) %d);\n"
              .formatted(constant(f), f.name(), values.wireType(f.type()), f.id()));
    }
    code.append(
        """

            private Codec() {}

            private static %1$s read(TProtocol in) throws TException {
              @Nullable %1$s value = null;
              in.readStructBegin();
              for (TField field = in.readFieldBegin();
                  field.type != TType.STOP;
                  field = in.readFieldBegin()) {
                Wire.checkFirst(STRUCT, value);
                switch (field.id) {
        """
            .formatted(name));
    for (FieldDef f : def.fields()) {
      boolean isEnum = names.enumOf(file, f.type()).isPresent();
      code.append(
          """
                    case %d -> {
                      Wire.check(STRUCT, %s, field);
                      value = new %s(%s);
                    }
          """
              .formatted(
                  f.id(),
                  constant(f),
                  f.upperName(),
                  isEnum
                      ? names.boxed(file, f.type()) + ".TYPE.read(in)"
                      : values.read(f.type(), "in")));
    }
    code.append(
        """
                  default -> {
                    Wire.skip(in, field.type);
                    value = new Unknown(field.id);
                  }
                }
                in.readFieldEnd();
              }
              in.readStructEnd();
              return value == null ? new Unknown(0) : value;
            }

            private static void write(%s union, TProtocol out) throws TException {
              out.writeStructBegin(STRUCT);
        """
            .formatted(name));
    boolean first = true;
    for (FieldDef f : def.fields()) {
      code.append(
          """
                %sif (union instanceof %s m) {
                  out.writeFieldBegin(%s);
                  %s;
                  out.writeFieldEnd();
          """
              .formatted(
                  first ? "" : "} else ",
                  f.upperName(),
                  constant(f),
                  values.write(f.type(), "out", "m.value()")));
      first = false;
    }
    code.append(
        """
              } else {
                throw Wire.unwritable(STRUCT, ((Unknown) union).fieldId());
              }
              out.writeFieldStop();
              out.writeStructEnd();
            }

        """);
    boolean unchecked = def.fields().stream().anyMatch(f -> Names.isCollection(f.type()));
    if (unchecked) {
      code.append(
          "    @SuppressWarnings(\"unchecked\") // The elements are what the field says.\n");
    }
    code.append("    private static %s create(@Nullable Object[] values) {\n".formatted(name));
    int index = 0;
    for (FieldDef f : def.fields()) {
      code.append(
          "      if (values[%1$d] != null) {\n        return new %2$s((%3$s) values[%1$d]);\n      }\n"
              .formatted(index++, f.upperName(), names.boxed(file, f.type())));
    }
    code.append("      return new Unknown(0);\n    }\n  }\n");
  }

  private static String constant(FieldDef field) {
    return Names.upperSnake(field.name()) + "_FIELD";
  }
}
