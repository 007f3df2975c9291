package io.borealis.scheduler.journal;

/**
 * What is known of a complete snapshot. Immutable.
 *
 * @param format format of the manifest and chunks
 * @param index the last entry the snapshot contains
 * @param epoch the epoch of the leader that wrote it
 * @param lastTransaction the last transaction the snapshot contains
 * @param digest digest of the state
 * @param codec how the bytes are encoded
 * @param chunks number of chunks
 * @param bytes length of all chunks together
 * @param crc32c checksum of all chunks together
 */
public record SnapshotManifest(
    int format,
    long index,
    long epoch,
    long lastTransaction,
    String digest,
    int codec,
    int chunks,
    int bytes,
    int crc32c) {}
