package io.borealis.api.generator;

import static java.util.stream.Collectors.joining;

import io.borealis.api.generator.Idl.FieldDef;
import io.borealis.api.generator.Idl.MethodDef;
import io.borealis.api.generator.Idl.ServiceDef;
import io.borealis.api.generator.Idl.StructDef;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the interface of a service, its table of methods and the records of their arguments. */
final class ServiceEmitter {
  private final Names names;
  private final Idl file;

  ServiceEmitter(Names names, Idl file) {
    this.names = names;
    this.file = file;
  }

  /** The sources by the name of the type. */
  Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    for (ServiceDef service : file.services()) {
      sources.put(service.name(), service(service));
      for (MethodDef method : service.methods()) {
        StructDef args =
            new StructDef(
                "The arguments of {@code %s}.".formatted(method.name()),
                false,
                method.upperName() + "Args",
                method.args());
        sources.put(
            args.name(), new StructEmitter(names, file).source(args, method.name() + "_args"));
      }
    }
    return sources;
  }

  private String service(ServiceDef service) {
    StringBuilder code = new StringBuilder(JavaEmitter.javadoc("", service.doc()));
    code.append("public interface ").append(service.name());
    if (service.parent() != null) {
      code.append(" extends ").append(service.parent());
    }
    code.append(" {\n");
    code.append("  /** Every method that can be called, inherited ones included, by name. */\n");
    code.append(
        "  ImmutableMap<String, ServiceMethod<? super %s, ?>> METHODS =\n"
            .formatted(service.name()));
    code.append(
        "      ImmutableMap.<String, ServiceMethod<? super %s, ?>>builder()\n"
            .formatted(service.name()));
    if (service.parent() != null) {
      code.append("          .putAll(%s.METHODS)\n".formatted(service.parent()));
    }
    for (MethodDef method : service.methods()) {
      String args = method.args().stream().map(f -> ", args." + f.name() + "()").collect(joining());
      code.append(
          """
                    .put(
                        "%1$s",
                        new ServiceMethod<%2$s, %3$sArgs>(
                            "%2$s",
                            "%1$s",
                            %3$sArgs.TYPE,
                            (service, call, args) -> service.%1$s(call%4$s)))
          """
              .formatted(method.name(), service.name(), method.upperName(), args));
    }
    code.append("          .buildOrThrow();\n\n");
    for (MethodDef method : service.methods()) {
      String args =
          method.args().stream().map(f -> ", " + argType(f) + " " + f.name()).collect(joining());
      code.append(JavaEmitter.javadoc("  ", method.doc()));
      code.append(
          "  CompletionStage<%s> %s(CallContext call%s);\n\n"
              .formatted(names.boxed(file, method.returns()), method.name(), args));
    }
    return code.append("}\n").toString();
  }

  private String argType(FieldDef field) {
    String type = names.fieldType(file, field);
    return Names.isPrimitive(field) || Names.isCollection(field.type())
        ? type
        : ValueCode.nullable(type);
  }
}
