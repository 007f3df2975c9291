package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.AgentPorts;
import io.borealis.api.agent.AgentResources;
import io.borealis.config.AgentSettings.PortRange;
import io.borealis.config.AgentSettings.Resources;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.Test;

/** What an agent offers. */
public class MachineResourcesTest {
  @Test
  public void aMachineOffersWhatItHasButForAReserve() {
    assertThat(new MachineResources(8, 16_384, 100_000).offered(Resources.DETECTED))
        .isEqualTo(
            AgentResources.builder()
                .cpus(8)
                .ramMb(15_360)
                .diskMb(94_880)
                .ports(ImmutableList.of(new AgentPorts(31_000, 32_000)))
                .build());
  }

  @Test
  public void aSmallMachineOffersHalf() {
    AgentResources offered = new MachineResources(1, 2047, 10_239).offered(Resources.DETECTED);
    assertThat(offered.ramMb()).isEqualTo(1023);
    assertThat(offered.diskMb()).isEqualTo(5119);
  }

  @Test
  public void whatTheOperatorSaysCounts() {
    Resources given =
        new Resources(
            OptionalDouble.of(0.5),
            OptionalLong.of(1),
            OptionalLong.of(2),
            Optional.of(ImmutableList.of(new PortRange(1, 2), new PortRange(4, 5))),
            OptionalLong.of(3));
    assertThat(new MachineResources(8, 16_384, 100_000).offered(given))
        .isEqualTo(
            AgentResources.builder()
                .cpus(0.5)
                .ramMb(1)
                .diskMb(2)
                .ports(ImmutableList.of(new AgentPorts(1, 2), new AgentPorts(4, 5)))
                .gpus(3)
                .build());
  }

  @Test
  public void thisMachineHasSomethingOfEverything() throws Exception {
    MachineResources here = MachineResources.of(Path.of("."));
    assertThat(here.processors()).isPositive();
    assertThat(here.memoryMb()).isGreaterThan(100);
    assertThat(here.diskMb()).isPositive();
  }
}
