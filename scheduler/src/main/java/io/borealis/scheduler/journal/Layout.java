package io.borealis.scheduler.journal;

import com.google.common.base.Splitter;
import com.google.common.primitives.Longs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Where the journal's nodes are and what the small ones say. Stateless but for the root. */
record Layout(String root) {
  String cluster() {
    return root + "/cluster";
  }

  String format() {
    return root + "/format";
  }

  String epoch() {
    return root + "/epoch";
  }

  /** What a reader that cannot go on asks the leader for. */
  String help() {
    return root + "/help";
  }

  String entries() {
    return root + "/entries";
  }

  String entry(long index) {
    return entries() + "/" + digits(index);
  }

  String snapshots() {
    return root + "/snapshots";
  }

  String snapshot(long index) {
    return snapshots() + "/" + digits(index);
  }

  String manifest(long index) {
    return snapshot(index) + "/manifest";
  }

  String chunk(long index, int chunk) {
    return snapshot(index) + "/chunk-%05d".formatted(chunk);
  }

  private static String digits(long index) {
    return "%020d".formatted(index);
  }

  /** The indexes among the names of children, ascending; other names are skipped. */
  static List<Long> indexes(List<String> names) {
    List<Long> indexes = new ArrayList<>(names.size());
    for (String name : names) {
      Long index = Longs.tryParse(name);
      if (index != null && name.length() == 20) {
        indexes.add(index);
      }
    }
    Collections.sort(indexes);
    return indexes;
  }

  /** Each parent of the root and the root itself, from the top. */
  List<String> parents() {
    List<String> parents = new ArrayList<>();
    StringBuilder path = new StringBuilder();
    for (String part : Splitter.on('/').omitEmptyStrings().split(root)) {
      parents.add(path.append('/').append(part).toString());
    }
    return parents;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The number in the first line, 0 without. */
  static long leadingNumber(byte[] bytes) {
    return text(bytes).lines().findFirst().map(Longs::tryParse).orElse(0L);
  }

  static byte[] encode(SnapshotManifest manifest) {
    return text(
        "format=%d%nindex=%d%nepoch=%d%nlastTransaction=%d%ndigest=%s%ncodec=%d%nchunks=%d%nbytes=%d%ncrc32c=%d%n"
            .formatted(
                manifest.format(),
                manifest.index(),
                manifest.epoch(),
                manifest.lastTransaction(),
                manifest.digest(),
                manifest.codec(),
                manifest.chunks(),
                manifest.bytes(),
                manifest.crc32c()));
  }

  static SnapshotManifest decodeManifest(byte[] bytes) throws CorruptJournalException {
    Map<String, String> values = new HashMap<>();
    for (String line : Splitter.on('\n').trimResults().omitEmptyStrings().split(text(bytes))) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    int format = (int) number(values, "format");
    if (format < 1 || format > Frame.FORMAT) {
      throw new CorruptJournalException("the manifest has format " + format);
    }
    int chunks = (int) number(values, "chunks");
    int length = (int) number(values, "bytes");
    if (length < 0 || chunks < 1 || chunks > Math.max(1, length)) {
      throw new CorruptJournalException(
          "the manifest has %d bytes in %d chunks".formatted(length, chunks));
    }
    return new SnapshotManifest(
        format,
        number(values, "index"),
        number(values, "epoch"),
        number(values, "lastTransaction"),
        values.getOrDefault("digest", ""),
        (int) number(values, "codec"),
        chunks,
        length,
        (int) number(values, "crc32c"));
  }

  private static long number(Map<String, String> values, String key)
      throws CorruptJournalException {
    Long value = Longs.tryParse(values.getOrDefault(key, ""));
    if (value == null) {
      throw new CorruptJournalException("the manifest has no number for " + key);
    }
    return value;
  }

  static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
