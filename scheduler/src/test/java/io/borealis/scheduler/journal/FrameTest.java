package io.borealis.scheduler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** Entries as bytes, and groups of chunks. */
public class FrameTest {
  private static final int NODE = 200;

  private final Random random = new Random(7);
  private final ChunkGroup group = new ChunkGroup();

  @Test
  public void aPayloadOfAnySizeComesBackFromItsFrames() throws Exception {
    for (int size = 0; size < 1_000; size += 13) {
      EntryPayload payload = payload(size);
      List<Frame> frames = Frame.of(payload, 3, NODE);
      for (Frame frame : frames.subList(0, frames.size() - 1)) {
        assertThat(frame.encode()).hasSize(NODE);
        assertThat(group.add(Frame.decode(frame.encode()))).isEmpty();
      }
      Frame last = Frame.decode(frames.get(frames.size() - 1).encode());
      assertThat(last.epoch()).isEqualTo(3);
      assertThat(group.add(last)).contains(payload);
    }
  }

  @Test
  public void everyFlippedBitIsFound() {
    byte[] bytes = Frame.of(payload(50), 3, NODE).get(0).encode();
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> Frame.decode(flipped))
          .as("bit %d", bit)
          .isInstanceOf(CorruptJournalException.class);
    }
  }

  @Test
  public void everyCutIsFound() {
    byte[] bytes = Frame.of(payload(50), 3, NODE).get(0).encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Frame.decode(cut)).isInstanceOf(CorruptJournalException.class);
    }
  }

  @Test
  public void aNewerFormatIsNamed() {
    byte[] bytes = Frame.takeover("me", 1).encode();
    ByteBuffer.wrap(bytes).putInt(4, Frame.FORMAT + 1);
    assertThatThrownBy(() -> Frame.decode(bytes))
        .hasMessage("it has format 2, this release reads up to 1");
  }

  @Test
  public void aTakeoverVoidsTheGroupBeforeIt() throws Exception {
    List<Frame> frames = Frame.of(payload(500), 3, NODE);
    assertThat(group.add(frames.get(0))).isEmpty();
    assertThat(group.add(Frame.takeover("me", 4))).isEmpty();
    assertThatThrownBy(() -> group.add(frames.get(1)))
        .hasMessage("it is chunk 1, but 0 came before");
  }

  @Test
  public void aGroupThatBeginsAnewReplacesTheOneBeforeIt() throws Exception {
    EntryPayload payload = payload(500);
    List<Frame> frames = Frame.of(payload, 3, NODE);
    assertThat(group.add(frames.get(0))).isEmpty();
    for (Frame frame : frames.subList(0, frames.size() - 1)) {
      assertThat(group.add(frame)).isEmpty();
    }
    assertThat(group.add(frames.get(frames.size() - 1))).contains(payload);
  }

  @Test
  public void aChunkOfAnotherGroupIsRefused() throws Exception {
    assertThat(group.add(Frame.of(payload(500), 3, NODE).get(0))).isEmpty();
    Frame others = Frame.of(payload(900), 3, NODE).get(1);
    assertThatThrownBy(() -> group.add(others)).isInstanceOf(CorruptJournalException.class);
  }

  private EntryPayload payload(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return new EntryPayload(5, 9, 1, bytes);
  }
}
