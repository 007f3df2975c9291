package io.borealis.scheduler.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts the chunks of a payload together again. Keeps the rule that a takeover entry voids the
 * incomplete group before it. Confined to the journal's loop.
 */
final class ChunkGroup {
  private final List<Frame> chunks = new ArrayList<>();

  /**
   * Takes the next entry; gives the payload that is complete with it, if one is.
   *
   * @throws CorruptJournalException when it is not the chunk that must come
   */
  Optional<EntryPayload> add(Frame frame) throws CorruptJournalException {
    if (frame.kind() == Frame.Kind.TAKEOVER) {
      clear();
      return Optional.empty();
    }
    if (frame.chunk() == 0) {
      clear();
    } else if (chunks.size() != frame.chunk()) {
      throw new CorruptJournalException(
          "it is chunk %d, but %d came before".formatted(frame.chunk(), chunks.size()));
    } else if (!isOfGroup(chunks.get(0), frame)) {
      throw new CorruptJournalException("it is a chunk of another payload than those before");
    }
    chunks.add(frame);
    if (chunks.size() < frame.chunks()) {
      return Optional.empty();
    }
    byte[] whole = join();
    clear();
    return Optional.of(new EntryPayload(frame.first(), frame.last(), frame.codec(), whole));
  }

  private static boolean isOfGroup(Frame one, Frame other) {
    return one.chunks() == other.chunks()
        && one.first() == other.first()
        && one.last() == other.last();
  }

  private byte[] join() {
    if (chunks.size() == 1) {
      return chunks.get(0).data();
    }
    byte[] whole = new byte[chunks.stream().mapToInt(chunk -> chunk.data().length).sum()];
    int at = 0;
    for (Frame chunk : chunks) {
      System.arraycopy(chunk.data(), 0, whole, at, chunk.data().length);
      at += chunk.data().length;
    }
    return whole;
  }

  void clear() {
    chunks.clear();
  }
}
