package io.borealis.scheduler.journal;

import java.util.Arrays;
import java.util.List;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/** What others may do with the nodes of a scheduler that has credentials. Stateless. */
public final class Ownership {
  private Ownership() {}

  /** What we make is ours to change and anybody's to read: clients look for the leader. */
  public static List<ACL> ownerWritesAllRead() {
    // Not List.of: Curator looks for nulls in it, which that refuses.
    return Arrays.asList(
        new ACL(ZooDefs.Perms.ALL, ZooDefs.Ids.AUTH_IDS),
        new ACL(ZooDefs.Perms.READ, ZooDefs.Ids.ANYONE_ID_UNSAFE));
  }
}
