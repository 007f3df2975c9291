package io.borealis.scheduler.leader;

import io.borealis.thrift.MemberEntry.Endpoint;
import java.util.Optional;

/** Who leads, as ZooKeeper shows it to everybody. Implementations are thread-safe. */
public interface LeaderView {
  /** The advertised leader; empty when none or several entries are there. */
  Optional<Endpoint> leader();
}
