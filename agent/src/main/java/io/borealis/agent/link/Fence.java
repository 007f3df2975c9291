package io.borealis.agent.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the newest leader that was obeyed, and numbers registrations, over restarts of the agent.
 * For one thread; blocks on the disk.
 */
final class Fence {
  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);

  /** Above any number of registrations between two starts. */
  private static final int START_SHIFT = 32;

  private final LinkMemory memory;
  private LinkMemory.Facts facts;
  private LinkMemory.Facts saved;
  private long registrations;

  /** Counts this start. */
  Fence(LinkMemory memory) throws IOException {
    this.memory = memory;
    LinkMemory.Facts before = memory.load();
    this.facts = new LinkMemory.Facts(before.epoch(), before.starts() + 1, before.frameworkId());
    memory.save(facts);
    this.saved = facts;
  }

  long epoch() {
    return facts.epoch();
  }

  /** What the agent belongs to; null before it first registered. */
  @Nullable String frameworkId() {
    return facts.frameworkId();
  }

  /** Larger than all before, also by former processes on the work directory. */
  long nextRegistration() {
    return (facts.starts() << START_SHIFT) + ++registrations;
  }

  /**
   * Whether a leader may be obeyed; from now on older ones are not.
   *
   * <p>On a full disk the agent goes on and remembers it as long as it lives: to take a machine out
   * of the cluster for that would harm more than it protects.
   */
  boolean obey(long epoch, String frameworkId) {
    if (epoch < facts.epoch()) {
      return false;
    }
    facts = new LinkMemory.Facts(epoch, facts.starts(), frameworkId);
    if (!facts.equals(saved)) {
      try {
        memory.save(facts);
        saved = facts;
      } catch (IOException failure) {
        LOG.error("That leader {} is obeyed could not be kept", epoch, failure);
      }
    }
    return true;
  }
}
