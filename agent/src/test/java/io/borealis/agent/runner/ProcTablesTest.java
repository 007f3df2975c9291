package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.agent.process.ProcReader;
import io.borealis.runtime.VirtualRuntimes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

public final class ProcTablesTest {
  private final VirtualRuntimes time = new VirtualRuntimes();
  private final AtomicInteger reads = new AtomicInteger();
  private final ProcTables tables =
      new ProcTables(
          () -> {
            reads.incrementAndGet();
            return ProcReader.ofThisMachine().read();
          },
          time.clock());

  @Test
  public void manyWhoAskWithinASecondCostOneLook() {
    for (int i = 0; i < 200; i++) {
      assertThat(tables.get()).isNotNull();
      time.advance(Duration.ofMillis(4));
    }
    assertThat(reads).hasValue(1);

    time.advance(Duration.ofMillis(300));

    assertThat(tables.get()).isNotNull();
    assertThat(reads).hasValue(2);
  }

  @Test
  public void whoeverNeedsANewLookGetsItSoonButNotAtOnce() {
    ProcTables.Look first = tables.recent();
    time.advance(Duration.ofMillis(50));
    long event = time.clock().nanoTime();
    assertThat(tables.after(event)).isSameAs(first);

    time.advance(Duration.ofMillis(200));
    ProcTables.Look second = tables.after(event);

    assertThat(second.nanos()).isGreaterThan(event);
    time.advance(Duration.ofSeconds(5));
    assertThat(tables.after(event)).isSameAs(second);
    assertThat(reads).hasValue(2);
  }
}
