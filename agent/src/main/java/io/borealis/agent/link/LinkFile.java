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
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Keeps it in a small file, which is replaced as a whole. For one thread; blocks on the disk. */
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
      throw new IOException(file + " is damaged: " + damaged.getMessage(), damaged);
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
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int unused = out.write(bytes);
      }
      out.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
