package io.borealis.scheduler.journal;

import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TTransport;

/**
 * Reads stored bytes so that a text met again soon is the same object: tasks repeat the names of
 * hosts, agents and schedulers, which would otherwise take up more memory than all that differs.
 * For one thread; the texts may be shared.
 */
final class EntryCodecInput extends TBinaryProtocol {
  /**
   * Remembers the last text of each slot. Texts that never come again, such as task ids, only push
   * others out, so it stays as small as it is. For any thread: at worst a text is not found.
   */
  static final class Texts {
    private static final int SLOTS = 1 << 14;

    private final String[] slots = new String[SLOTS];

    String shared(String text) {
      int hash = text.hashCode();
      int slot = (hash ^ hash >>> 16) & SLOTS - 1;
      String known = slots[slot];
      if (text.equals(known)) {
        return known;
      }
      slots[slot] = text;
      return text;
    }
  }

  private final Texts texts;

  EntryCodecInput(TTransport in, Texts texts) {
    super(in);
    this.texts = texts;
  }

  @Override
  public String readString() throws TException {
    return texts.shared(super.readString());
  }
}
