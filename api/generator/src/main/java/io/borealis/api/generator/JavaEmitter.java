package io.borealis.api.generator;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import io.borealis.api.generator.Idl.ConstDef;
import io.borealis.api.generator.Idl.EnumDef;
import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.Requiredness;
import io.borealis.api.generator.Idl.StructDef;
import io.borealis.api.generator.Idl.Type;
import io.borealis.api.generator.Idl.Value;
import java.util.Map;
import java.util.TreeMap;

/** Writes the Java source of everything defined in a set of IDL files. */
final class JavaEmitter {
  private final Names names;
  private final String rpcPackage;
  private final Map<String, String> sources = new TreeMap<>();

  JavaEmitter(Names names, String rpcPackage) {
    this.names = names;
    this.rpcPackage = rpcPackage;
  }

  /** The sources by path. */
  Map<String, String> emitAll() {
    for (Idl file : names.files()) {
      file.enums().forEach(def -> put(file.javaPackage(), def.name(), enumSource(def)));
      for (StructDef def : file.structs()) {
        String body =
            def.union()
                ? new UnionEmitter(names, file).source(def)
                : new StructEmitter(names, file).source(def);
        put(file.javaPackage(), def.name(), body);
      }
      String prefix = capital(file.fileName().replace(".thrift", ""));
      if (!file.constants().isEmpty()) {
        put(file.javaPackage(), prefix + "Constants", constants(file, prefix));
      }
      put(file.javaPackage(), prefix + "Idl", catalogue(file, prefix));
      Map<String, String> services = new ServiceEmitter(names, file).sources();
      services.forEach((name, body) -> put(rpcPackage, name, body));
    }
    return sources;
  }

  private void put(String javaPackage, String name, String body) {
    StringBuilder source =
        new StringBuilder("// Generated from the IDL. Change the IDL instead.\n")
            .append("package ")
            .append(javaPackage)
            .append(";\n\n");
    // The members of a union may be named as types of the package: there they stay apart.
    String text =
        body.contains("public sealed interface")
            ? body
            : body.replaceAll("\\b" + javaPackage.replace(".", "\\.") + "\\.(?=[@A-Z])", "");
    for (String imported : Imports.ALL) {
      String simple = imported.substring(imported.lastIndexOf('.') + 1);
      text = text.replaceAll("\\b" + imported.replace(".", "\\.") + "\\b", simple);
      if (text.matches("(?s).*\\b" + simple + "\\b.*")) {
        source.append("import ").append(imported).append(";\n");
      }
    }
    sources.put(
        javaPackage.replace('.', '/') + "/" + name + ".java",
        source.append('\n').append(text).toString());
  }

  private static String enumSource(EnumDef def) {
    String constants =
        def.values().entrySet().stream()
            .map(e -> "  %s(%d)".formatted(e.getKey(), e.getValue()))
            .collect(joining(",\n"));
    String cases =
        def.values().entrySet().stream()
            .map(e -> "      case %d -> %s;\n".formatted(e.getValue(), e.getKey()))
            .collect(joining());
    return """
    %spublic enum %s {
    %s;

      /** What is known of this enum at run time. */
      public static final EnumType<%2$s> TYPE =
          new EnumType<>("%2$s", %2$s.class, %2$s::find, %2$s::value);

      private final int value;

      %2$s(int value) {
        this.value = value;
      }

      /** The number on the wire. */
      public int value() {
        return value;
      }

      /** The constant with this number on the wire; null if there is none. */
      public static @Nullable %2$s find(int value) {
        return switch (value) {
    %4$s      default -> null;
        };
      }
    }
    """
        .formatted(javadoc("", def.doc()), def.name(), constants, cases);
  }

  private String constants(Idl file, String prefix) {
    StringBuilder body = new StringBuilder();
    for (ConstDef def : file.constants()) {
      body.append(javadoc("  ", def.doc()))
          .append("  public static final ")
          .append(
              Names.isPrimitive(def.type())
                  ? names.fieldType(
                      file, new FieldDef("", 1, Requiredness.DEFAULT, def.type(), "x", null, false))
                  : names.boxed(file, def.type()))
          .append(' ')
          .append(def.name())
          .append(" =\n      ")
          .append(constant(file, def.type(), def.value()))
          .append(";\n\n");
    }
    return "/** The constants of %s. */\npublic final class %sConstants {\n%s  private %2$sConstants() {}\n}\n"
        .formatted(file.fileName(), prefix, body);
  }

  private String constant(Idl file, Type type, Value value) {
    if (value instanceof Value.Items items && type instanceof Type.SetOf set) {
      return items.items().stream()
          .map(item -> constant(file, set.element(), item))
          .collect(
              joining(
                  ",\n          ",
                  "com.google.common.collect.Sets.immutableEnumSet(\n          ",
                  ")"));
    }
    if (value instanceof Value.Text text) {
      return '"' + text.text() + '"';
    }
    if (value instanceof Value.Numeral number) {
      return number.digits();
    }
    if (value instanceof Value.Reference reference && names.enumOf(file, type).isPresent()) {
      return names.boxed(file, type)
          + reference.name().substring(reference.name().lastIndexOf('.'));
    }
    throw new IdlException("%s: no constant of this kind: %s".formatted(file.fileName(), value));
  }

  private static String catalogue(Idl file, String prefix) {
    return """
    /** Everything defined in %s. */
    public final class %sIdl {
      /** Structs and unions, in the order of the file. */
      public static final ImmutableList<StructType<?>> STRUCTS =
          ImmutableList.of(
    %s);

      /** Enums, in the order of the file. */
      public static final ImmutableList<EnumType<?>> ENUMS =
          ImmutableList.of(%s);

      private %2$sIdl() {}
    }
    """
        .formatted(
            file.fileName(),
            prefix,
            file.structs().stream()
                .map(def -> "          " + def.name() + ".TYPE")
                .collect(joining(",\n")),
            file.enums().stream().map(def -> def.name() + ".TYPE").collect(joining(", ")));
  }

  static String javadoc(String indent, String doc) {
    if (doc.isEmpty()) {
      return "";
    }
    ImmutableList<String> lines = doc.lines().collect(ImmutableList.toImmutableList());
    return lines.size() == 1
        ? "%s/** %s */\n".formatted(indent, doc)
        : lines.stream()
            .map(line -> indent + " * " + line + "\n")
            .collect(joining("", indent + "/**\n", indent + " */\n"));
  }

  static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
