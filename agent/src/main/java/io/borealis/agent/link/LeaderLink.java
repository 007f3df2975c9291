package io.borealis.agent.link;

import io.borealis.api.agent.AgentUpdate;
import io.borealis.runtime.EventLoop;
import io.borealis.thrift.LeaderFinder;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;

/**
 * The agent's end of the line: registers with whoever leads, carries its commands out in order,
 * each once, and reports. Any thread may call; all happens on the loop.
 */
public final class LeaderLink implements Reports, AutoCloseable {
  /**
   * @param loop for the link alone: it waits for the disk now and then
   * @param random uniform in [0, 1)
   */
  public LeaderLink(
      AgentProfile profile,
      LeaderFinder finder,
      LeaderTransport transport,
      LinkMemory memory,
      CommandHandler handler,
      EventLoop loop,
      DoubleSupplier random,
      MeterRegistry meters) {}

  /** Begins to look for a leader. */
  public void start() {}

  @Override
  public void send(AgentUpdate update) {
    throw new UnsupportedOperationException();
  }

  /** Ends: nothing is carried out or sent any more. */
  @Override
  public void close() {}
}
