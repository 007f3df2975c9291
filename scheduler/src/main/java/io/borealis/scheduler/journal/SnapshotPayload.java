package io.borealis.scheduler.journal;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * A whole state to write as a snapshot, already encoded and compressed. Immutable as long as nobody
 * writes to the array.
 *
 * @param lastTransaction number of the last transaction the state contains
 * @param digest digest of the state, one line of text
 * @param codec how the bytes are encoded, 0 to 255; the journal only carries it
 * @param bytes the state; the journal cuts it into chunks
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
public record SnapshotPayload(long lastTransaction, String digest, int codec, byte[] bytes) {
  public SnapshotPayload {
    checkArgument(codec >= 0 && codec <= 255, "codec out of range: %s", codec);
    checkArgument(digest.lines().count() <= 1, "digest has several lines");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SnapshotPayload that
        && lastTransaction == that.lastTransaction
        && digest.equals(that.digest)
        && codec == that.codec
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(lastTransaction);
  }

  @Override
  public String toString() {
    return "state at transaction %d, codec %d, %d bytes"
        .formatted(lastTransaction, codec, bytes.length);
  }
}
