package io.borealis.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.borealis.config.ConfigException;
import io.borealis.config.JsonFile;
import io.borealis.scheduler.cluster.ResourceVector;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ExecutorFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private ImmutableMap<String, ResourceVector> read(String json) throws Exception {
    Path file = folder.getRoot().toPath().resolve("executors.json");
    Files.writeString(file, json);
    return ExecutorFile.read(JsonFile.read("--custom-executor-config", file));
  }

  private void refused(String json, String text) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(ConfigException.class)
        .hasMessage("--custom-executor-config: %s/executors.json: %s", folder.getRoot(), text);
  }

  private static String executor(String resources) {
    return "[{\"executor\":{\"name\":\"x\",\"resources\":[" + resources + "]}}]";
  }

  private static String scalar(String name, String value) {
    return "{\"name\":\"" + name + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":" + value + "}}";
  }

  @Test
  public void executorsAndTheirOverheadComeFromTheFile() throws Exception {
    assertThat(
            read(
                """
                [{"executor": {
                    "name": "docker-compose",
                    "command": {"value": "./run", "shell": "true", "uris": [{"value": "http://x"}]},
                    "resources": [
                      {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.25}},
                      {"name": "mem", "type": "SCALAR", "scalar": {"value": 255.5}},
                      {"name": "disk", "type": "SCALAR", "scalar": {"value": 3}},
                      {"name": "gpus", "type": "SCALAR", "scalar": {"value": 1}},
                      {"name": "ips", "type": "SCALAR", "scalar": {"value": 2}},
                      {"name": "ports", "type": "RANGES",
                       "ranges": {"range": [{"begin": 1, "end": 4}, {"begin": 9, "end": 9}]}},
                      {"name": "licences", "type": "SCALAR", "scalar": {"value": 7}}]},
                  "task_prefix": "compose-",
                  "volume_mounts": [{"host_path": "/a", "container_path": "/b", "mode": "RO"}]},
                 {"executor": {"name": "bare", "command": {"value": "./run"}}}]
                """))
        .containsExactly(
            java.util.Map.entry("docker-compose", new ResourceVector(250, 256, 3, 5, 1, 2)),
            java.util.Map.entry("bare", ResourceVector.ZERO));
    assertThat(read("[]")).isEmpty();
  }

  @Test
  public void whatIsWrongIsNamed() {
    refused("{}", "the content must be a list of executors");
    refused("[7]", "[0].executor must be an object");
    refused("[{\"executor\":{}}]", "[0].executor.name must be a name");
    refused("[{\"executor\":{\"name\":\"\"}}]", "[0].executor.name must be a name");
    refused("[{\"executor\":{\"name\":7}}]", "[0].executor.name must be a name");
    refused(
        "[{\"executor\":{\"name\":\"x\"}},{\"executor\":{\"name\":\"x\"}}]",
        "[1].executor.name must be different each time: x");
    refused(
        "[{\"executor\":{\"name\":\"x\"},\"task_prefix\":7}]", "[0].task_prefix must be a text");
    refused(
        "[{\"executor\":{\"name\":\"x\"},\"volume_mounts\":{}}]",
        "[0].volume_mounts must be a list");
    refused(
        "[{\"executor\":{\"name\":\"x\",\"resources\":{}}}]",
        "[0].executor.resources must be a list");
    refused(
        executor(scalar("mem", "1") + ",{}"),
        "[0].executor.resources[1].name must be the name of a resource");
    refused(
        executor(scalar("cpus", "-1")),
        "[0].executor.resources[0].scalar.value must be a number that is not negative");
    refused(
        executor(scalar("cpus", "\"1\"")),
        "[0].executor.resources[0].scalar.value must be a number that is not negative");
    refused(
        executor("{\"name\":\"ports\",\"ranges\":{}}"),
        "[0].executor.resources[0].ranges.range must be a list");
    refused(
        executor("{\"name\":\"ports\",\"ranges\":{\"range\":[{\"begin\":2,\"end\":1}]}}"),
        "[0].executor.resources[0].ranges.range[0] must have a begin that is not above its end");
  }

  @Test
  public void theUsualExecutorCannotBeMadeAnother() {
    refused(
        "[{\"executor\":{\"name\":\"AuroraExecutor\"}}]",
        "[0].executor.name must not be AuroraExecutor, which is always there");
  }

  @Test
  public void hugeOverheadsDoNotWrapAround() throws Exception {
    String huge = scalar("mem", "1e300") + "," + scalar("mem", "1e300");

    assertThat(read(executor(huge)).get("x").ramMb()).isEqualTo(Long.MAX_VALUE);
  }
}
