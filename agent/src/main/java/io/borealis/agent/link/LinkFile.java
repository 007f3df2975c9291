package io.borealis.agent.link;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps it in a small file, which is replaced as a whole, and on a full disk written over. For one
 * thread; blocks on the disk.
 */
public final class LinkFile implements LinkMemory {
  private final Path file;

  /**
   * @param file need not exist, but its folder must
   */
  public LinkFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public Facts load() throws IOException {
    Properties read = new Properties();
    try {
      read.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
      @Nullable String framework = read.getProperty("framework");
      return new Facts(number(read, "epoch"), number(read, "starts"), framework);
    } catch (NoSuchFileException fresh) {
      return Facts.NONE;
    } catch (IllegalArgumentException damaged) {
      throw new IOException(
          "%s is damaged: %s. Without the file the agent obeys whoever leads next"
              .formatted(file, damaged.getMessage()),
          damaged);
    }
  }

  private static long number(Properties read, String key) {
    @Nullable String text = read.getProperty(key);
    if (text == null) {
      throw new IllegalArgumentException("it has no " + key);
    }
    return Long.parseLong(text);
  }

  @Override
  public void save(Facts facts) throws IOException {
    String framework = facts.frameworkId() == null ? "" : "framework=" + facts.frameworkId() + "\n";
    String text = "epoch=%d\nstarts=%d\n%s".formatted(facts.epoch(), facts.starts(), framework);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      replace(bytes);
    } catch (IOException noRoom) {
      writeOver(bytes, noRoom);
    }
  }

  private void replace(byte[] bytes) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    write(next, bytes, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /**
   * An agent must be able to start on a full disk, and the old file has its room already. It is
   * shorter than what disks write at once.
   */
  private void writeOver(byte[] bytes, IOException why) throws IOException {
    try {
      write(file, bytes);
    } catch (IOException alsoThat) {
      why.addSuppressed(alsoThat);
      throw why;
    }
  }

  private static void write(Path to, byte[] content, StandardOpenOption... how) throws IOException {
    Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.WRITE);
    options.addAll(List.of(how));
    try (FileChannel out = FileChannel.open(to, options)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        int unused = out.write(bytes);
      }
      var unused = out.truncate(content.length);
      out.force(true);
    }
  }
}
