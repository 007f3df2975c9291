package io.borealis.agent.announce;

import io.borealis.runtime.Clock;
import io.borealis.runtime.EventLoop;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;

/** Announces tasks in ZooKeeper over a client that somebody else starts and ends. Thread-safe. */
public final class ZooKeeperAnnouncers implements Announcers {
  private final CuratorFramework client;
  private final Clock clock;
  private volatile boolean connected;
  private volatile long sinceNanos;

  /** Registers a gauge of the seconds since the connection was lost; once per agent. */
  public ZooKeeperAnnouncers(CuratorFramework client, Clock clock, MeterRegistry meters) {
    this.client = client;
    this.clock = clock;
    this.sinceNanos = clock.nanoTime();
    client.getConnectionStateListenable().addListener((same, state) -> changed(state));
    var unused =
        Gauge.builder("announcer_disconnected_time", this, ZooKeeperAnnouncers::disconnectedSeconds)
            .strongReference(true)
            .register(meters);
  }

  private void changed(ConnectionState state) {
    if (state.isConnected() != connected) {
      sinceNanos = clock.nanoTime();
      connected = state.isConnected();
    }
  }

  private double disconnectedSeconds() {
    return connected ? 0 : (clock.nanoTime() - sinceNanos) / 1e9;
  }

  @Override
  public Announcer announcer(
      String path, Announcement announcement, EventLoop loop, Announcer.Listener listener) {
    return new ZooKeeperAnnouncer(client, path, announcement, loop, listener);
  }
}
