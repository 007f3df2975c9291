package io.borealis.api.generator;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Generates: {@code Main <output folder> <package of the RPC types> <IDL file>…}. */
public final class Main {
  private Main() {}

  /** Writes the Java files; those that did not change keep their time stamp. */
  public static void main(String[] args) throws IOException {
    Path output = Path.of(args[0]);
    ImmutableMap.Builder<String, Idl> files = ImmutableMap.builder();
    for (String file : Arrays.asList(args).subList(2, args.length)) {
      Path path = Path.of(file);
      String name = path.getFileName().toString();
      Idl idl = IdlParser.parse(name, Files.readString(path, StandardCharsets.UTF_8));
      files.put(name.replace(".thrift", ""), idl);
    }
    Map<String, String> sources =
        new JavaEmitter(new Names(files.buildOrThrow()), args[1]).emitAll();
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path path = output.resolve(source.getKey());
      Files.createDirectories(path.getParent());
      if (!Files.exists(path) || !Files.readString(path).equals(source.getValue())) {
        Files.writeString(path, source.getValue());
      }
    }
  }
}
