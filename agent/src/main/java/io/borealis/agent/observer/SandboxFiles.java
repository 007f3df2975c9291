package io.borealis.agent.observer;

import com.google.common.collect.ImmutableList;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Opens files of tasks for strangers. Nothing outside the folder of a run is ever opened: links are
 * resolved first and what they lead to is checked, and then the way there is gone from the work
 * directory down without following any, so that nobody can put a link there in between. Only files
 * and folders are opened: a pipe would block, a device do worse. Threads may share it.
 */
final class SandboxFiles {
  private static final int MAX_ENTRIES = 10_000;

  /** Every folder on the way is open for a moment. */
  private static final int MAX_DEPTH = 100;

  private final Path workDir;

  SandboxFiles(Path workDir) {
    this.workDir = workDir;
  }

  /** A file that is open, and its size then. */
  record OpenFile(SeekableByteChannel channel, long size) implements Closeable {
    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** What a folder holds, by name. */
  record Listing(ImmutableList<Entry> entries, boolean complete) {}

  /**
   * Something in a folder.
   *
   * @param seconds when it was changed, in seconds since the epoch
   */
  record Entry(String name, Kind kind, long size, long seconds) {}

  /** What something in a folder is. */
  enum Kind {
    FOLDER,
    FILE,
    LINK,
    OTHER
  }

  /**
   * Opens a file below a folder of a run.
   *
   * @param run the folder of the run, below the work directory
   * @param folder the sandbox, or where its logs lie, as its stream says: it is not trusted
   * @throws NoSuchFileException when there is none, or it is not to be had
   */
  OpenFile open(Path run, String folder, List<String> names) throws IOException {
    return visit(
        resolve(run, folder, names),
        (parent, name) -> {
          if (!attributes(parent, name).isRegularFile()) {
            throw new NoSuchFileException(name.toString());
          }
          SeekableByteChannel channel =
              parent.newByteChannel(
                  name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
          return new OpenFile(channel, channel.size());
        });
  }

  /** Lists a folder of a run in the same way. */
  Listing list(Path run, String folder, List<String> names) throws IOException {
    return visit(
        resolve(run, folder, names),
        (parent, name) -> {
          try (SecureDirectoryStream<Path> entries =
              parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            return listing(entries);
          }
        });
  }

  /** The way from the work directory, free of links when it was looked at. */
  private Path resolve(Path run, String folder, List<String> names) throws IOException {
    Path base = workDir.toRealPath();
    Path inside = below(base, run.toRealPath());
    try {
      Path target = below(inside, Path.of(folder).toRealPath());
      Path root = target;
      for (String name : names) {
        target = target.resolve(checked(name));
      }
      return base.relativize(below(root, target.toRealPath()));
    } catch (InvalidPathException e) {
      throw new NoSuchFileException(e.getInput());
    }
  }

  private static Path below(Path root, Path path) throws NoSuchFileException {
    if (!path.startsWith(root)) {
      throw new NoSuchFileException(path.toString(), null, "is not below " + root);
    }
    return path;
  }

  private static String checked(String name) throws NoSuchFileException {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new NoSuchFileException(name);
    }
    return name;
  }

  private <T> T visit(Path way, Visit<T> visit) throws IOException {
    if (way.getNameCount() > MAX_DEPTH) {
      throw new NoSuchFileException(way.toString(), null, "is too deep");
    }
    try (DirectoryStream<Path> base = Files.newDirectoryStream(workDir.toRealPath())) {
      if (base instanceof SecureDirectoryStream<Path> secure) {
        return descend(secure, way, 0, visit);
      }
      throw new IOException("This system has no safe way to open files");
    }
  }

  private static <T> T descend(
      SecureDirectoryStream<Path> folder, Path way, int depth, Visit<T> visit) throws IOException {
    Path name = way.getName(depth);
    if (depth == way.getNameCount() - 1) {
      return visit.at(folder, name);
    }
    try (SecureDirectoryStream<Path> next =
        folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      return descend(next, way, depth + 1, visit);
    }
  }

  private static Listing listing(SecureDirectoryStream<Path> folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    boolean complete = true;
    try {
      for (Path entry : folder) {
        if (entries.size() == MAX_ENTRIES) {
          complete = false;
          break;
        }
        add(entries, folder, entry.getFileName());
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.comparing(Entry::name));
    return new Listing(ImmutableList.copyOf(entries), complete);
  }

  private static void add(List<Entry> entries, SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    try {
      BasicFileAttributes attributes = attributes(folder, name);
      entries.add(
          new Entry(
              name.toString(),
              kind(attributes),
              attributes.size(),
              attributes.lastModifiedTime().toInstant().getEpochSecond()));
    } catch (NoSuchFileException gone) {
      // Removed since the folder was read.
    }
  }

  private static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    return folder
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  private static Kind kind(BasicFileAttributes attributes) {
    if (attributes.isDirectory()) {
      return Kind.FOLDER;
    } else if (attributes.isRegularFile()) {
      return Kind.FILE;
    }
    return attributes.isSymbolicLink() ? Kind.LINK : Kind.OTHER;
  }

  /** What is done at the end of the way. */
  private interface Visit<T> {
    T at(SecureDirectoryStream<Path> parent, Path name) throws IOException;
  }
}
