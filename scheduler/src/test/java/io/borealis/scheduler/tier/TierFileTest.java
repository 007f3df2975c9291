package io.borealis.scheduler.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.TierConfig;
import io.borealis.config.ConfigException;
import io.borealis.config.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class TierFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private TierRegistry read(String json) throws Exception {
    Path file = folder.getRoot().toPath().resolve("tiers.json");
    Files.writeString(file, json);
    return TierFile.read(JsonFile.read("--tier-config", file));
  }

  private void refused(String json, String text) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(ConfigException.class)
        .hasMessage("--tier-config: %s/tiers.json%s", folder.getRoot(), text);
  }

  @Test
  public void tiersComeFromTheFile() throws Exception {
    TierRegistry tiers =
        read(
            "{'default':'bronze','tiers':{'gold':{'preemptible':false,'revocable':false},"
                    .replace('\'', '"')
                + "'bronze':{'preemptible':true},'iron':{}}}".replace('\'', '"'));

    assertThat(tiers.defaultName()).isEqualTo("bronze");
    assertThat(tiers.get("gold").production()).isTrue();
    assertThat(tiers.get("iron").production()).isTrue();
    assertThat(tiers.get("preferred")).isNull();
    assertThat(tiers.describe())
        .contains(
            new TierConfig("bronze", ImmutableMap.of("preemptible", "true", "revocable", "false")))
        .hasSize(3);
  }

  @Test
  public void whatIsWrongIsNamed() {
    String tiers = "\"tiers\":{\"gold\":{\"preemptible\":false,\"revocable\":false}}";
    refused("[]", ": the content must be an object");
    refused("{}", ": tiers must be an object with at least one tier");
    refused(
        "{\"default\":\"gold\",\"tiers\":{}}", ": tiers must be an object with at least one tier");
    refused("{" + tiers + "}", ": default must be the name of one of the tiers");
    refused("{\"default\":\"\"," + tiers + "}", ": default must be the name of one of the tiers");
    refused("{\"default\":\"x\"," + tiers + "}", ": default must be the name of one of the tiers");
    refused("{\"default\":7," + tiers + "}", ": default must be the name of one of the tiers");
    refused(
        "{\"defualt\":\"gold\"," + tiers + "}", ": defualt is unknown; known are [default, tiers]");
    refused("{\"tiers\":{\"gold\":7}}", ": tiers.gold must be an object");
    refused(
        "{\"tiers\":{\"gold\":{\"revokable\":true}}}",
        ": tiers.gold.revokable is unknown; known are [preemptible, revocable]");
    refused(
        "{\"tiers\":{\"gold\":{\"revocable\":\"true\"}}}",
        ": tiers.gold.revocable must be true or false");
    refused(
        "{\"tiers\":{\"a b\":{}}}",
        ": tiers.a b must have a name of 1 to 255 letters, digits, '_', '-' and '.'");
  }

  @Test
  public void whatIsNoJsonIsSaidSo() {
    assertThatThrownBy(() -> read("{\"default\":"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("--tier-config: " + folder.getRoot() + "/tiers.json is not JSON: ")
        .hasMessageEndingWith(" in line 1, column 12");
    assertThatThrownBy(() -> read("{\"tiers\":{\"a\":{},\"a\":{}}}"))
        .hasMessageContaining("is not JSON: Duplicate field 'a'");
    assertThatThrownBy(() -> read("{} {}")).hasMessageContaining("is not JSON: ");
    assertThatThrownBy(() -> JsonFile.read("--tier-config", Path.of("/no/such.json")))
        .hasMessage(
            "--tier-config: /no/such.json cannot be read:"
                + " java.nio.file.NoSuchFileException: /no/such.json");
  }
}
