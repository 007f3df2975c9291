package io.borealis.scheduler.journal;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * One batch of changes to append, already encoded and compressed. Immutable as long as nobody
 * writes to the array.
 *
 * @param firstTransaction number of the first transaction in the batch
 * @param lastTransaction number of the last transaction in the batch
 * @param codec how the bytes are encoded, 0 to 255; the journal only carries it
 * @param bytes the changes; longer ones are cut into several entries
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
public record EntryPayload(long firstTransaction, long lastTransaction, int codec, byte[] bytes) {
  public EntryPayload {
    checkArgument(firstTransaction <= lastTransaction, "transactions run backwards");
    checkArgument(codec >= 0 && codec <= 255, "codec out of range: %s", codec);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EntryPayload that
        && firstTransaction == that.firstTransaction
        && lastTransaction == that.lastTransaction
        && codec == that.codec
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(lastTransaction);
  }

  @Override
  public String toString() {
    return "transactions %d..%d, codec %d, %d bytes"
        .formatted(firstTransaction, lastTransaction, codec, bytes.length);
  }
}
