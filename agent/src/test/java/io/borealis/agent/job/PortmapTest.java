package io.borealis.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.Test;

public final class PortmapTest {
  private static final Place PATH = Place.ROOT.member("portmap");

  private static Portmap map(Map<String, String> portmap) {
    return new Portmap(portmap, PATH);
  }

  @Test
  public void namesLeadOverOthersToNumbers() throws InvalidTaskException {
    Portmap portmap = map(Map.of("a", "b", "b", "c", "fixed", "8080", "alias", "fixed"));

    assertThat(portmap.numbers(Map.of("c", 31000, "d", 31001)))
        .containsExactly(
            Map.entry("a", 31000),
            Map.entry("alias", 8080),
            Map.entry("b", 31000),
            Map.entry("c", 31000),
            Map.entry("d", 31001),
            Map.entry("fixed", 8080));
  }

  @Test
  public void namesThatLeadToNoNumberHaveNone() throws InvalidTaskException {
    assertThat(map(Map.of("a", "b", "b", "c")).numbers(Map.of())).isEmpty();
  }

  @Test
  public void anAssignedPortCountsMoreThanTheMap() throws InvalidTaskException {
    assertThat(map(Map.of("a", "b", "b", "80")).numbers(Map.of("b", 31000)))
        .containsExactly(Map.entry("a", 31000), Map.entry("b", 31000));
    assertThat(map(Map.of("a", "b", "b", "a")).numbers(Map.of("b", 31000)))
        .containsExactly(Map.entry("a", 31000), Map.entry("b", 31000));
  }

  @Test
  public void whatATaskWantsIsWhereItsNamesLeadIfThatIsNoNumber() throws InvalidTaskException {
    Portmap portmap = map(Map.of("aurora", "http", "health", "admin", "fixed", "8080"));

    assertThat(portmap.wanted(Set.of("health", "fixed", "other")))
        .containsExactly("admin", "http", "other");
    assertThat(map(Map.of()).wanted(Set.of("80"))).containsExactly("80");
  }

  @Test
  public void circlesAreRefused() {
    assertThatThrownBy(() -> map(Map.of("a", "b", "b", "c", "c", "b")).wanted(Set.of()))
        .hasMessageMatching("portmap\\[[abc]\\]: leads in a circle");
    assertThatThrownBy(() -> map(Map.of("a", "a")).numbers(Map.of("b", 1)))
        .hasMessage("portmap[a]: leads in a circle");
  }

  @Test
  public void numbersThatAreNoPortsAreRefused() {
    for (String no : new String[] {"0", "65536", "99999999999"}) {
      assertThatThrownBy(() -> map(Map.of("a", no)).numbers(Map.of()))
          .hasMessage("portmap[a]: must be a name or from 1 to 65535, not '" + no + "'");
      assertThatThrownBy(() -> map(Map.of("a", no)).wanted(Set.of()))
          .hasMessage("portmap[a]: must be a name or from 1 to 65535, not '" + no + "'");
    }
  }
}
