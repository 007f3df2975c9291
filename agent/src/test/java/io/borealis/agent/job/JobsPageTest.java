package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.JobConfiguration;
import io.borealis.api.Resource;
import io.borealis.api.TaskConfig;
import io.borealis.thrift.JsonCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Test;

/** The page on jobs has every key with its default, and its examples can be run. */
public final class JobsPageTest {
  private static final Pattern ROW =
      Pattern.compile("^(\\| `\\w+` \\| [^|]+ \\| [^|]+ \\|) .*\\|$", Pattern.MULTILINE);

  private final String page;

  public JobsPageTest() throws IOException {
    page = Files.readString(Path.of("../docs/jobs.md"));
  }

  @Test
  public void everyObjectHasItsKeysAndDefaultsOnThePage() {
    Map<String, List<String>> expected = new LinkedHashMap<>();
    collect(Schema.JOB, expected);
    Map<String, List<String>> found = new LinkedHashMap<>();
    String keys = page.substring(page.indexOf("\n## Keys\n"));
    for (String section : keys.split("\n### ", -1)) {
      List<String> rows = ROW.matcher(section).results().map(row -> row.group(1)).toList();
      if (!rows.isEmpty()) {
        found.put(section.substring(0, section.indexOf('\n')), rows);
      }
    }
    assertThat(found).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  public void theJobOnThePageRuns() throws Exception {
    String json = block("json");

    ConvertedJob job =
        new JobConversion("ann", ImmutableMap.of(), ImmutableSet.of()).convert(json).get(0);

    TaskConfig task = job.configuration().taskConfig();
    assertThat(task.resources()).contains(new Resource.NamedPort("http"));
    TaskInstance instance = TaskInstance.parse(assigned(task).build());
    assertThat(instance.ports().get(HealthCheckConfig.Http.PORT)).isEqualTo(31000);
    assertThat(instance.bind("id", "www", instance.ports()).process("server").cmdline())
        .endsWith("http.server 31000");
  }

  @Test
  public void theRequestOnThePageCarriesATask() throws Exception {
    JobConfiguration job =
        JsonCodec.read(
            JobConfiguration.TYPE,
            new ObjectMapper().readTree(block("createJob")).get("description"));

    TaskInstance instance = TaskInstance.parse(assigned(job.taskConfig()).build());

    assertThat(instance.bind("id", "www", instance.ports()).process("greet").cmdline())
        .isEqualTo("echo hello");
  }

  private static AssignedTask.Builder assigned(TaskConfig task) {
    return AssignedTask.builder()
        .taskId("id")
        .slaveHost("host")
        .assignedPorts(ImmutableMap.of("http", 31000))
        .task(task);
  }

  private String block(String language) {
    Matcher block =
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(page);
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  private static void collect(Type type, Map<String, List<String>> rows) {
    if (type instanceof Type.ListOf list) {
      collect(list.element(), rows);
    } else if (type instanceof Type.Choice choice) {
      choice.alternatives().forEach(alternative -> collect(alternative, rows));
    } else if (type instanceof Type.Struct struct) {
      ImmutableList.Builder<String> its = ImmutableList.builder();
      struct
          .members()
          .forEach(
              (name, member) ->
                  its.add(
                      "| `%s` | %s | %s |".formatted(name, kind(member.type()), standard(member))));
      rows.put(struct.name(), its.build());
      struct.members().values().forEach(member -> collect(member.type(), rows));
    }
  }

  private static String kind(Type type) {
    if (type instanceof Type.Scalar scalar) {
      return switch (scalar) {
        case STRING -> "text";
        case INTEGER -> "whole number";
        case FLOAT -> "number";
        case BOOLEAN -> "switch";
      };
    }
    if (type instanceof Type.ListOf list) {
      return "list of " + kind(list.element());
    }
    if (type instanceof Type.MapOf map) {
      return "map of " + kind(map.value());
    }
    if (type instanceof Type.OneOf one) {
      return either(one.values().stream().map(value -> "`" + value + "`").toList());
    }
    return type instanceof Type.Choice choice
        ? either(choice.alternatives().stream().map(Type.Struct::name).toList())
        : ((Type.Struct) type).name();
  }

  private static String either(List<String> names) {
    int last = names.size() - 1;
    return Joiner.on(", ").join(names.subList(0, last)) + " or " + names.get(last);
  }

  private static String standard(Type.Member member) {
    if (member.required()) {
      return "required";
    }
    if (member.standard() == null) {
      return "none";
    }
    String json = ValueJson.write(brief(member.standard()));
    if (json.equals("\"\"")) {
      return "empty";
    }
    return "`" + (member.standard() instanceof Value.Text text ? text.text() : json) + "`";
  }

  /** A value without what holds anyway. */
  private static Value brief(Value value) {
    if (!(value instanceof Value.Struct struct)) {
      return value;
    }
    Value.Struct empty = struct.type().empty();
    ImmutableMap.Builder<String, Value> own = ImmutableMap.builder();
    struct
        .members()
        .forEach(
            (name, its) -> {
              if (!its.equals(empty.member(name))) {
                own.put(name, brief(its));
              }
            });
    return new Value.Struct(struct.type(), own.buildOrThrow());
  }
}
