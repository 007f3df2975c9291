package io.borealis.api.generator;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.generator.Idl.ConstDef;
import io.borealis.api.generator.Idl.EnumDef;
import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.MethodDef;
import io.borealis.api.generator.Idl.Requiredness;
import io.borealis.api.generator.Idl.ServiceDef;
import io.borealis.api.generator.Idl.StructDef;
import io.borealis.api.generator.Idl.Type;
import io.borealis.api.generator.Idl.Value;
import io.borealis.api.generator.IdlLexer.Kind;
import io.borealis.api.generator.IdlLexer.Token;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the part of the IDL language that the API uses: includes, a Java namespace, enums, structs,
 * unions, constants and services. Everything else is an {@link IdlException} with file and line.
 */
final class IdlParser {
  private static final ImmutableSet<String> BASE_TYPES =
      ImmutableSet.of("bool", "i16", "i32", "i64", "double", "string", "binary");

  private final String fileName;
  private final ImmutableList<Token> tokens;
  private int at;

  private IdlParser(String fileName, String source) {
    this.fileName = fileName;
    this.tokens = IdlLexer.tokens(fileName, source);
  }

  static Idl parse(String fileName, String source) {
    return new IdlParser(fileName, source).file();
  }

  private Idl file() {
    String javaPackage = "";
    ImmutableList.Builder<String> includes = ImmutableList.builder();
    ImmutableList.Builder<EnumDef> enums = ImmutableList.builder();
    ImmutableList.Builder<StructDef> structs = ImmutableList.builder();
    ImmutableList.Builder<ConstDef> constants = ImmutableList.builder();
    ImmutableList.Builder<ServiceDef> services = ImmutableList.builder();
    while (peek().kind() != Kind.END) {
      Token token = next();
      switch (token.text()) {
        case "namespace" -> {
          expect("java");
          javaPackage = word();
        }
        case "include" -> includes.add(Iterables.get(Splitter.on('.').split(text()), 0));
        case "enum" -> enums.add(enumDef(token.doc()));
        case "struct" -> structs.add(structDef(token.doc(), false));
        case "union" -> structs.add(structDef(token.doc(), true));
        case "const" -> constants.add(constDef(token.doc()));
        case "service" -> services.add(serviceDef(token.doc()));
        default -> throw error(token, "expected a definition");
      }
    }
    if (javaPackage.isEmpty()) {
      throw new IdlException(fileName + ": no namespace java");
    }
    return new Idl(
        fileName,
        javaPackage,
        includes.build(),
        enums.build(),
        structs.build(),
        constants.build(),
        services.build());
  }

  private EnumDef enumDef(String doc) {
    String name = word();
    ImmutableMap.Builder<String, Integer> values = ImmutableMap.builder();
    expect("{");
    while (!accept("}")) {
      String constant = word();
      expect("=");
      values.put(constant, number());
      separator();
    }
    return new EnumDef(doc, name, values.buildOrThrow());
  }

  private StructDef structDef(String doc, boolean union) {
    String name = word();
    expect("{");
    return new StructDef(doc, union, name, fields("}"));
  }

  private ImmutableList<FieldDef> fields(String end) {
    ImmutableList.Builder<FieldDef> fields = ImmutableList.builder();
    Set<Integer> ids = new HashSet<>();
    while (!accept(end)) {
      Token first = peek();
      int id = number();
      if (id <= 0 || id > Short.MAX_VALUE || !ids.add(id)) {
        throw error(first, "a field id must be positive and used once");
      }
      expect(":");
      Requiredness requiredness = Requiredness.DEFAULT;
      if (accept("optional")) {
        requiredness = Requiredness.OPTIONAL;
      } else if (accept("required")) {
        requiredness = Requiredness.REQUIRED;
      }
      Type type = type();
      String name = word();
      @Nullable Value defaultValue = accept("=") ? value() : null;
      boolean nullable = false;
      if (accept("(")) {
        expect("nullable");
        expect("=");
        nullable = Boolean.parseBoolean(text());
        expect(")");
      }
      separator();
      fields.add(new FieldDef(first.doc(), id, requiredness, type, name, defaultValue, nullable));
    }
    return fields.build();
  }

  private ConstDef constDef(String doc) {
    Type type = type();
    String name = word();
    expect("=");
    Value value = value();
    separator();
    return new ConstDef(doc, type, name, value);
  }

  private ServiceDef serviceDef(String doc) {
    String name = word();
    @Nullable String parent = accept("extends") ? word() : null;
    ImmutableList.Builder<MethodDef> methods = ImmutableList.builder();
    expect("{");
    while (!accept("}")) {
      Token first = peek();
      Type returns = type();
      String method = word();
      expect("(");
      methods.add(new MethodDef(first.doc(), method, returns, fields(")")));
      separator();
    }
    return new ServiceDef(doc, name, parent, methods.build());
  }

  private Type type() {
    String name = word();
    switch (name) {
      case "list", "set" -> {
        expect("<");
        Type element = type();
        expect(">");
        return name.equals("list") ? new Type.ListOf(element) : new Type.SetOf(element);
      }
      case "map" -> {
        expect("<");
        Type key = type();
        expect(",");
        Type value = type();
        expect(">");
        return new Type.MapOf(key, value);
      }
      default -> {
        if (BASE_TYPES.contains(name)) {
          return new Type.Base(name);
        }
        int dot = name.indexOf('.');
        return dot < 0
            ? new Type.Named(null, name)
            : new Type.Named(name.substring(0, dot), name.substring(dot + 1));
      }
    }
  }

  private Value value() {
    Token token = next();
    switch (token.kind()) {
      case TEXT -> {
        return new Value.Text(token.text());
      }
      case NUMBER -> {
        return new Value.Numeral(token.text());
      }
      case WORD -> {
        return new Value.Reference(token.text());
      }
      default -> {}
    }
    if (token.text().equals("[")) {
      ImmutableList.Builder<Value> items = ImmutableList.builder();
      while (!accept("]")) {
        items.add(value());
        separator();
      }
      return new Value.Items(items.build());
    }
    if (token.text().equals("{")) {
      ImmutableMap.Builder<String, Value> members = ImmutableMap.builder();
      while (!accept("}")) {
        String key = text();
        expect(":");
        members.put(key, value());
        separator();
      }
      return new Value.Members(members.buildOrThrow());
    }
    throw error(token, "expected a value");
  }

  private Token peek() {
    return tokens.get(at);
  }

  private Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  private boolean accept(String text) {
    if (peek().kind() != Kind.TEXT && peek().text().equals(text)) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(String text) {
    if (!accept(text)) {
      throw error(peek(), "expected " + text);
    }
  }

  private String word() {
    return of(Kind.WORD, "a name");
  }

  private String text() {
    return of(Kind.TEXT, "a quoted text");
  }

  private int number() {
    return Integer.parseInt(of(Kind.NUMBER, "a number"));
  }

  private String of(Kind kind, String what) {
    Token token = next();
    if (token.kind() != kind) {
      throw error(token, "expected " + what);
    }
    return token.text();
  }

  private void separator() {
    if (!accept(",")) {
      var unused = accept(";");
    }
  }

  private IdlException error(Token token, String problem) {
    return new IdlException(
        "%s:%d: %s, found '%s'".formatted(fileName, token.line(), problem, token.text()));
  }
}
