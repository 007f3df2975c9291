package io.borealis.agent.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the files below a directory take on the disk. Immutable.
 *
 * @param bytes in whole blocks; a file with holes counts with its full length
 * @param complete false if there were more files than were looked at, so that it is more in truth
 */
public record DiskUsage(long bytes, boolean complete) {
  private static final long BLOCK = 4096;

  /**
   * Measures. May take seconds, so it belongs on a pool. Links are not followed, a file with
   * several names counts once, and what vanishes meanwhile counts as nothing.
   *
   * @param mostFiles after which it stops
   */
  public static DiskUsage of(Path directory, int mostFiles) {
    Walk walk = new Walk(mostFiles);
    try {
      Files.walkFileTree(directory, walk);
    } catch (IOException e) {
      // A visitor that never fails: only the directory itself may be missing.
      return new DiskUsage(walk.bytes, false);
    }
    return new DiskUsage(walk.bytes, walk.left > 0);
  }

  private static final class Walk extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private int left;
    private long bytes;

    Walk(int mostFiles) {
      this.left = mostFiles;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return count(attributes.size());
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!attributes.isRegularFile() && !attributes.isSymbolicLink()) {
        // Devices and pipes have no length of their own.
        return FileVisitResult.CONTINUE;
      }
      return isCounted(file, attributes) ? FileVisitResult.CONTINUE : count(attributes.size());
    }

    /** Only files with several names need to be kept in mind. */
    private boolean isCounted(Path file, BasicFileAttributes attributes) {
      Object key = attributes.fileKey();
      if (key == null || attributes.size() == 0) {
        return false;
      }
      try {
        Map<String, Object> links =
            Files.readAttributes(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return links.get("nlink") instanceof Integer number && number > 1 && !seen.add(key);
      } catch (IOException e) {
        return false;
      }
    }

    private FileVisitResult count(long size) {
      bytes += (size + BLOCK - 1) / BLOCK * BLOCK;
      left--;
      return left > 0 ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, java.io.IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }
}
